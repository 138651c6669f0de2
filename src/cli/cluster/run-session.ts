/** What the verbs that run something on a cluster share: whose cluster, with which secrets, and how it is stopped. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { RunSession } from '../../cluster/run/carry-out.ts';
import type { Refused } from '../../cluster/secrets/refused.ts';
import { reveal, type SecretPlace } from '../../cluster/secrets/reveal.ts';
import { secretsOf } from '../../cluster/secrets/secrets-of.ts';
import type { ClusterSpec } from '../../cluster/spec/cluster-spec.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import { kept } from '../ledger/place.ts';
import type { Terminal } from '../output.ts';
import { recording } from '../program.ts';
import { ended } from './run-failure.ts';
import { SPEC_FILE, specOf } from './spec-file.ts';

export interface SessionOptions {
  readonly file: string;
  readonly privateKey?: string;
}

export interface RunOptions extends SessionOptions {
  readonly yes?: true;
  readonly ledger?: string;
  readonly ledgerKey?: string;
  readonly incident?: string;
  readonly accept: readonly string[];
}

export function sessioning(command: Command): Command {
  return command
    .option('-f, --file <file>', 'the cluster', SPEC_FILE)
    .option('--private-key <file>', 'ssh key for the machines (default: as ssh chooses)');
}

/** Options of a verb that changes machines. */
export function running(command: Command): Command {
  return accepting(recording(sessioning(command)))
    .option('--yes', 'without asking')
    .option('--incident <id>', 'the incident whose remediation this follows, after a run that failed');
}

export function accepting(command: Command): Command {
  const words =
    'let a finding of the preflight pass, as LARDER_PREFLIGHT_DISK_SLOW, or agree to LARDER_RUN_WINDOW, LARDER_RUN_REBOOT';
  return command.addOption(
    new Option('--accept <code>', words)
      .argParser((code: string, before: readonly string[]) => [...before, code])
      .default([], 'none'),
  );
}

/** Throws Exit where cluster.yaml is not sound, or a secret of it cannot be read. */
export async function openSession(
  terminal: Terminal,
  options: SessionOptions,
  signal?: AbortSignal,
): Promise<RunSession> {
  const file = resolve(options.file);
  const spec = specOf(terminal, options.file);
  const repository = dirname(file);
  const place = { repository, env: terminal.env };
  const secrets = await secretsOf(spec, place);
  if (secrets.kind === 'refused') throw cannotRead(secrets);
  const unread = await unreadable(spec, place);
  if (unread !== undefined) throw cannotRead(unread);
  return {
    ...{ repository, file, spec, secrets: secrets.values, env: { ...terminal.env } },
    ...{ clock: systemClock, random: systemRandom, signal },
    ...(options.privateKey === undefined ? {} : { privateKey: resolve(options.privateKey) }),
  };
}

function cannotRead({ message, code }: Refused): Exit {
  return new Exit(exitCodes.usage, `${message} (${code}). Nothing was begun (LARDER_PREFLIGHT_SECRET)`);
}

/** Of those that the roles are given. Without its token a cluster would begin with one that nobody chose and nobody has. */
async function unreadable({ secrets }: ClusterSpec, place: SecretPlace): Promise<Refused | undefined> {
  for (const reference of [secrets?.token, secrets?.nomadToken]) {
    if (reference === undefined) continue;
    const read = await reveal(reference, place);
    if (read.kind === 'refused') return read;
  }
  return undefined;
}

export function sha256OfSpec(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Runs `work` until it ends; Ctrl-C ends what Ansible began, and the journal stays. `words`: what a stop does. */
export async function stoppable<T>(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<T>,
  words = 'Ansible is told to end',
): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    if (!controller.signal.aborted) terminal.err(`\nstopping: ${words}\n`);
    controller.abort(new Error('stopped by a signal'));
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, stop);
  try {
    return await kept(() => work(controller.signal));
  } catch (cause) {
    throw ended(cause);
  } finally {
    for (const name of names) process.off(name, stop);
  }
}
