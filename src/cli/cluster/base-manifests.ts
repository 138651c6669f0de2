/** What a new cluster holds from its first day: `cluster/base`, as a change with its evidence like any other. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSession } from '../../cluster/run/carry-out.ts';
import { ownProgram } from '../../cluster/run/own-program.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { Terminal } from '../output.ts';
import { ledgerOf, readLedgerOf } from './record-events.ts';
import type { RunOptions } from './run-session.ts';

const BASE = 'cluster/base';
const RUNBOOK = 'docs/runbooks/bootstrap.md';

interface Base {
  readonly session: RunSession;
  readonly options: RunOptions;
  readonly kubeconfig: string;
  readonly runId: string;
}

/** Once: what is in it is changed by `larder change` from then on. Throws Exit 1 where it is not applied. */
export async function applyBase(terminal: Terminal, { session, options, kubeconfig, runId }: Base): Promise<void> {
  const { repository } = session;
  if (!existsSync(join(repository, BASE))) return;
  const id = `base-${runId.slice(0, 8)}`;
  const words = {
    new: [
      'change',
      'new',
      id,
      '--manifests',
      BASE,
      '--runbook',
      RUNBOOK,
      '--summary',
      'what the cluster holds from its first day',
    ],
    diff: ['change', 'diff', id, '--kubeconfig', kubeconfig],
    apply: ['change', 'apply', id, '--kubeconfig', kubeconfig, '--yes'],
  };
  const place = ledgerOf(options, repository);
  if (place === undefined || /^https?:/.test(place)) {
    const why = place === undefined ? 'there is no ledger' : 'its evidence needs a clone of the ledger';
    terminal.err(
      `${BASE} was not applied: ${why}. In a repository with one:\n${Object.values(words).map(shown).join('')}`,
    );
    return;
  }
  const read = await readLedgerOf(options, repository);
  if (read.kind === 'open' && [...read.state.changes.values()].some(isBase)) return;
  const key = [...(options.ledgerKey === undefined ? [] : ['--key', options.ledgerKey]), '--ledger', place];
  const run = (args: readonly string[]): Promise<number> => larder(session, [...args, ...key]);
  const failed = (what: string): Exit =>
    new Exit(
      exitCodes.finding,
      `the cluster is there, and ${BASE} was not applied: ${what}. When that is mended:\n${[words.diff, words.apply].map(shown).join('')}`,
    );
  if ((await run(words.new)) !== 0) throw failed(`change ${id} could not be recorded`);
  const difference = await run(words.diff);
  if (difference === 0) return;
  if (difference !== 1) throw failed('nobody can tell what it would change');
  if ((await run(words.apply)) !== 0) throw failed('its apply failed');
}

function isBase({
  manifestPaths,
  status,
}: {
  readonly manifestPaths: readonly string[];
  readonly status: string;
}): boolean {
  return status === 'applied' && manifestPaths.some((path) => path.replace(/\/$/, '') === BASE);
}

function shown(words: readonly string[]): string {
  return `  larder ${words.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ')}\n`;
}

/** Another process of this program, whose words are its own. */
function larder({ repository, env }: RunSession, args: readonly string[]): Promise<number> {
  const [command = 'larder', ...before] = ownProgram();
  return new Promise((done) => {
    const child = spawn(command, [...before, ...args], {
      cwd: repository,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', () => done(exitCodes.usage));
    child.on('close', (code) => done(code ?? exitCodes.finding));
  });
}
