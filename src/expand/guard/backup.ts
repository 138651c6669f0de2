/** The backups of Velero that read a claim now. Phases as in its API velero.io/v1, read 2026-11. */
import { wildcardMatches } from '../wildcard.ts';
import type { Backup, PodVolumeBackup } from './guard-kinds.ts';
import { timeOf, type Underway } from './snapshot.ts';

/** Queued and finished ones read no volume; while plugins work, data still moves. */
const READING = ['InProgress', 'WaitingForPluginOperations', 'WaitingForPluginOperationsPartiallyFailed'];
const COPYING = ['Accepted', 'Prepared', 'InProgress', 'Canceling'];
/** How Velero marks which claim a copied volume is of. */
export const CLAIM_UID_LABEL = 'velero.io/pvc-uid';

export function isReading({ status }: Backup): boolean {
  return READING.includes(status?.phase ?? '');
}

export function isCopying({ status }: PodVolumeBackup): boolean {
  return COPYING.includes(status?.phase ?? '');
}

export function backupUnderway(backup: Backup | PodVolumeBackup): Underway {
  const { kind, metadata, status } = backup;
  const what = `Velero ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
  return { what, since: timeOf(status?.startTimestamp) ?? timeOf(metadata.creationTimestamp) };
}

/** Whether it takes the namespace in. Labels and kinds that narrow it further are not looked at: waiting is the safe side. */
export function includes({ spec }: Backup, namespace: string): boolean {
  const { includedNamespaces: included, excludedNamespaces: excluded } = spec;
  const all = included.length === 0;
  return (
    (all || included.some((pattern) => wildcardMatches(pattern, namespace))) &&
    !excluded.some((each) => wildcardMatches(each, namespace))
  );
}
