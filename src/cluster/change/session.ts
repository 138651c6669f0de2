/** What every verb on a change works with, and how a record comes into the ledger. */
import type { NewArtifact } from '../../ledger/artifact.ts';
import type { ConfigurationChange } from '../../ledger/entity.ts';
import type { Appended, Ledger, NewEvent } from '../../ledger/ledger.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import { ChangeError } from '../registry.ts';
import { sourcesIn } from './change-sources.ts';
import type { Sources } from './gather.ts';

export interface ChangeSession {
  readonly ledger: Pick<Ledger, 'state' | 'append'>;
  /** Of the operators' repository. */
  readonly root: string;
  /** What this clone keeps to itself: `.git/larder`. */
  readonly own: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** @throws ChangeError LARDER_CHANGE_NOT_FOUND */
export function changeOfId({ ledger }: Pick<ChangeSession, 'ledger'>, changeId: string): ConfigurationChange {
  const change = ledger.state.changes.get(changeId);
  if (change) return change;
  throw new ChangeError('LARDER_CHANGE_NOT_FOUND', `the ledger has no change ${changeId}; see larder change list`);
}

/** The data of its first record, as a correction left it: fields that the fold does not read are in it, too. */
export function sourcesOf(
  { ledger }: { readonly ledger: Pick<Ledger, 'state'> },
  change: ConfigurationChange,
): Sources {
  const [first = ''] = change.records;
  const data = ledger.state.amendments.get(first)?.event.data ?? ledger.state.history.get(first)?.record.data;
  return { ...sourcesIn(data), paths: change.manifestPaths };
}

/** Throws ChangeError LARDER_CHANGE_RECORD where the ledger does not take it. */
export async function put(
  { ledger }: Pick<ChangeSession, 'ledger'>,
  event: NewEvent['event'],
  artifacts: readonly NewArtifact[] = [],
): Promise<LedgerRecord> {
  return recordIn(await ledger.append({ event, artifacts }));
}

/** The record; throws ChangeError LARDER_CHANGE_RECORD where there is none. */
export function recordIn(appended: Appended): LedgerRecord {
  switch (appended.kind) {
    case 'appended':
      return appended.record;
    case 'refused':
      throw notTaken(appended.violations.map(({ rule, message }) => `${message} (${rule})`));
    case 'secret':
      throw notTaken(appended.findings.map(({ where, kind }) => `it would hold a secret: ${kind} in ${where}`));
    case 'broken':
      throw notTaken(['the ledger is broken; run larder ledger verify']);
    default:
      return appended satisfies never;
  }
}

function notTaken(why: readonly string[]): ChangeError {
  return new ChangeError('LARDER_CHANGE_RECORD', `the ledger did not take the record: ${why.join('; ')}`);
}

export function now({ clock }: Pick<ChangeSession, 'clock'>): string {
  return new Date(clock.now()).toISOString();
}
