/** Applies a change: looks again, asks the guard, carries it out, and records what came of it. */
import type { Client } from '../../kube/index.ts';
import type { ConfigurationChange, ManualApplyEvidence } from '../../ledger/entity.ts';
import type { EventData } from '../../ledger/event.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { generationsOf } from './comparison.ts';
import type { Bundle } from './evidence.ts';
import { evidenceFiles } from './evidence-file.ts';
import { type Applied, forgetJournal, type Interrupted, readJournal, startJournal } from './journal.ts';
import { idOf } from './manifest.ts';
import { perform } from './perform.ts';
import { type EvidenceOf, evidenceFor } from './record-evidence.ts';
import { type Refusal, refusals } from './refusals.ts';
import { type ChangeSession, changeOfId, now, put, recordIn } from './session.ts';

export type Prepared =
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] }
  | { readonly kind: 'ready'; readonly change: ConfigurationChange; readonly evidence: ManualApplyEvidence };

export interface PrepareOptions {
  readonly changeId: string;
  /** Taken just now. */
  readonly bundle: Bundle;
  readonly force: boolean;
  readonly maxAgeMs: number;
  /** An object of which only status or metadata moved counts as the one of the evidence. */
  readonly sameGeneration: boolean;
  readonly rollback?: EvidenceOf['rollback'];
}

/** Whether what would happen now is what the evidence says, and everything that an apply needs is there. */
export function prepare(session: ChangeSession, options: PrepareOptions): Prepared {
  const { bundle, force, maxAgeMs, sameGeneration, rollback } = options;
  const change = changeOfId(session, options.changeId);
  const evidence = evidenceFor(change, rollback);
  const { manifestHash, objects, whys, cluster } = bundle;
  const nowMs = session.clock.now();
  const asked = refusals({
    ...{ change, evidence, manifestHash, objects, whys, force, nowMs, maxAgeMs, sameGeneration },
    ...{ clusterUid: cluster.uid, generations: generationsOf(bundle.comparisons) },
  });
  const found = [...asked, ...evidenceFiles(session, change)];
  if (found.length > 0 || evidence === undefined) return { kind: 'refused', refusals: found };
  return { kind: 'ready', change, evidence };
}

export interface ApplyOptions {
  readonly client: Client;
  readonly bundle: Bundle;
  readonly evidence: ManualApplyEvidence;
  readonly command: string;
  readonly force: boolean;
  readonly rollback: boolean;
  readonly onApplied: (applied: Applied) => void;
  readonly signal?: AbortSignal;
}

export interface ApplyResult {
  readonly exitCode: 0 | 1;
  readonly applied: readonly Applied[];
  readonly record: LedgerRecord;
}

/**
 * Needs `prepare` to have said ready, and nobody else to apply from this clone. The journal goes when the record is in the
 * ledger; until then the next command on a change records it.
 */
export async function applyChange(session: ChangeSession, options: ApplyOptions): Promise<ApplyResult> {
  const { bundle, evidence, command, rollback } = options;
  const head = {
    changeId: evidence.changeId,
    evidenceId: evidence.evidenceId,
    command,
    manifestHash: bundle.manifestHash,
    startedAt: now(session),
    ...(rollback ? { rollback } : {}),
    objects: bundle.comparisons.map(({ manifest }) => idOf(manifest)),
  };
  const journal = startJournal(session.own, head);
  const { client, force, onApplied, signal } = options;
  const applied = await perform(bundle.comparisons, {
    ...{ client, journal, force, onApplied, clock: session.clock },
    catalog: bundle.catalog,
    mask: bundle.shield.mask,
    ...(signal ? { signal } : {}),
  });
  const record = await recordApply(session, { ...head, completedAt: now(session), applied });
  journal.done();
  return { exitCode: exitCodeOf(applied), applied, record };
}

function exitCodeOf(applied: readonly Applied[]): 0 | 1 {
  return applied.some(({ outcome }) => outcome === 'failed' || outcome === 'not-tried') ? 1 : 0;
}

/** What was done is recorded even where it cannot be as the apply of its change, as when newer evidence was pulled meanwhile. */
async function recordApply(session: ChangeSession, interrupted: Interrupted): Promise<LedgerRecord> {
  const { applied, objects: _objects, ...head } = interrupted;
  const exitCode = exitCodeOf(applied);
  const data: EventData<'change-applied'> = { ...head, exitCode, objects: [...applied] };
  const appended = await session.ledger.append({ event: { type: 'change-applied', data } });
  if (appended.kind !== 'refused') return recordIn(appended);
  const done = applied.filter(({ outcome }) => outcome !== 'not-tried' && outcome !== 'unchanged');
  const action: EventData<'action-recorded'> = {
    actionId: session.random.uuid(),
    command: head.command,
    surface: 'cli',
    startedAt: head.startedAt,
    completedAt: head.completedAt,
    result: exitCode === 0 ? 'success' : 'failed',
    message: `not recorded as an apply: ${appended.violations.map(({ message }) => message).join('; ')}`,
    objects: done.map(({ apiVersion, kind, namespace, name, outcome }) => ({
      ...{ apiVersion, kind, name, verb: outcome },
      ...(namespace === undefined ? {} : { namespace }),
    })),
  };
  return put(session, { type: 'action-recorded', data: action });
}

/** Records what an apply of this clone did that was cut off; undefined: there was none. Needs nobody else to apply. */
export async function recordInterrupted(session: ChangeSession): Promise<Interrupted | undefined> {
  const interrupted = readJournal(session.own);
  if (interrupted === undefined) {
    forgetJournal(session.own);
    return undefined;
  }
  const change = session.ledger.state.changes.get(interrupted.changeId);
  const known = change?.applies.some(
    ({ evidenceId, startedAt }) => evidenceId === interrupted.evidenceId && startedAt === interrupted.startedAt,
  );
  if (!known) await recordApply(session, interrupted);
  forgetJournal(session.own);
  return known ? undefined : interrupted;
}
