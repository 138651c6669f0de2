/** What the verbs of `larder change` share: the ledger with who signs, and the cluster. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { recordInterrupted } from '../../cluster/change/apply-change.ts';
import { oneApply } from '../../cluster/change/one-apply.ts';
import { assertPublishedHead } from '../../cluster/change/published-head.ts';
import type { ChangeSession } from '../../cluster/change/session.ts';
import { type ChangeCode, ChangeError } from '../../cluster/registry.ts';
import type { Client } from '../../kube/index.ts';
import { findSigner } from '../../ledger/find-signer.ts';
import { isBreak } from '../../ledger/finding.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { findRepository } from '../../ledger/repository.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import { commit } from '../ledger/append.ts';
import { folderOf, kept, openLedger, type PlaceOptions, readOnly, type WriteOptions } from '../ledger/place.ts';
import { paint, type Terminal } from '../output.ts';

/** A session that can write, with the ledger whole. */
export interface OpenChange extends ChangeSession {
  readonly ledger: Ledger;
  /** OpenSSH, of who signs. */
  readonly publicKey: string;
}

export interface ReachOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

export function reaching(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)');
}

/** Opens the ledger, runs `work`, and commits what it recorded, also when it failed half way. */
export function writeChange(
  terminal: Terminal,
  options: WriteOptions,
  work: (session: OpenChange) => Promise<void>,
): Promise<void> {
  return kept(async () => {
    const { root, own } = await findRepository(resolve(folderOf(terminal, options)));
    const key = options.key === undefined ? {} : { key: options.key };
    const signer = await findSigner({ env: terminal.env, repository: root, ...key });
    const ledger = await openLedger({ root, signer });
    const before = ledger.records.length;
    try {
      assertWhole(ledger);
      await work({ ledger, root, own, clock: systemClock, random: systemRandom, publicKey: signer.publicKey });
    } catch (cause) {
      throw refused(cause);
    } finally {
      if (ledger.records.length > before) await commit(terminal, options, ledger);
    }
  });
}

/** A broken ledger may lack any record: what it says of a change is not to be relied on. */
function assertWhole(ledger: Ledger): void {
  const [first] = ledger.findings.filter(isBreak);
  if (first === undefined) return;
  throw new ChangeError(
    'LARDER_CHANGE_RECORD',
    `nothing was done, because it could not be recorded: the ledger is broken: ${first.message}; run larder ledger verify`,
  );
}

/** Without a key: what only looks needs none. */
export function readChange<T>(
  terminal: Terminal,
  options: PlaceOptions,
  work: (session: ChangeSession) => Promise<T>,
): Promise<T> {
  return kept(async () => {
    const { root, own } = await findRepository(resolve(folderOf(terminal, options)));
    const ledger = await readOnly(terminal, root);
    const [first] = ledger.findings.filter(isBreak);
    if (first) terminal.err(`${paint(terminal, 'yellow', 'the ledger is broken')}: ${first.message}\n`);
    return work({ ledger, root, own, clock: systemClock, random: systemRandom });
  });
}

/** An apply that was cut off is recorded before anything else happens. Nobody else may apply meanwhile. */
export async function alone(terminal: Terminal, session: OpenChange, work: () => Promise<void>): Promise<void> {
  await oneApply(session, async () => {
    await recordCutOff(terminal, session);
    await work();
  });
}

/** The same for a command that applies nothing: beside an apply that is under way there is nothing to be recorded. */
export async function settled(terminal: Terminal, session: OpenChange): Promise<void> {
  try {
    await oneApply(session, () => recordCutOff(terminal, session));
  } catch (cause) {
    if (!(cause instanceof ChangeError && cause.code === 'LARDER_CHANGE_RUNNING')) throw cause;
  }
}

async function recordCutOff(terminal: Terminal, session: OpenChange): Promise<void> {
  const interrupted = await recordInterrupted(session);
  if (interrupted === undefined) return;
  const { changeId, startedAt } = interrupted;
  terminal.err(`recorded: the apply of ${changeId} that began at ${startedAt} and was cut off\n`);
}

/** Asked before anything is recorded, and again when somebody has said yes: others may have gone on meanwhile. */
export async function upToDate(
  terminal: Terminal,
  { ledger }: OpenChange,
  { client, namespace }: { readonly client: Client; readonly namespace: string },
): Promise<void> {
  const note = await assertPublishedHead(ledger, client, namespace);
  if (note === undefined) return;
  const what = paint(terminal, 'yellow', 'not compared with the newest record that the cluster remembers');
  terminal.err(`${what}: ${note}\n`);
}

/** Codes that say: not now, or not by you. The others are mistakes. */
const REFUSALS: readonly ChangeCode[] = [
  'LARDER_CHANGE_NO_EVIDENCE',
  'LARDER_CHANGE_EVIDENCE_FILE',
  'LARDER_CHANGE_STALE_EVIDENCE',
  'LARDER_CHANGE_MANIFESTS_DIFFER',
  'LARDER_CHANGE_LIVE_DIFFERS',
  'LARDER_CHANGE_INTERRUPTED',
  'LARDER_CHANGE_UNKNOWN',
  'LARDER_CHANGE_NOT_APPROVED',
  'LARDER_CHANGE_NO_RUNBOOK',
  'LARDER_CHANGE_STATUS',
  'LARDER_CHANGE_RUNNING',
  'LARDER_CHANGE_NO_WAY_BACK',
  'LARDER_CHANGE_BEHIND',
  'LARDER_CHANGE_INCIDENT',
  'LARDER_CHANGE_RECORD',
];

function refused(cause: unknown): unknown {
  if (!(cause instanceof ChangeError) || !REFUSALS.includes(cause.code)) return cause;
  return new Exit(exitCodes.approval, `${cause.message} (${cause.code})`, { cause });
}
