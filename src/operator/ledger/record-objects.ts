/** What a record is about, as its readers would name it. Pure. */
import type { Unsigned } from '../../ledger/record.ts';

interface Named {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** `PersistentVolumeClaim media/plex`. */
export function objectText({ kind, namespace, name }: Named): string {
  return `${kind} ${namespace === undefined || namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** Objects of the cluster or of a disk; none where it is about people, runs or alerts. */
export function objectsOf({ type, data }: Unsigned): readonly Named[] {
  switch (type) {
    case 'action-recorded':
    case 'change-applied':
      return data.objects;
    case 'evidence-attached':
      return (data.objects ?? []).filter(({ change }) => change !== 'unchanged');
    case 'node-recorded':
    case 'node-removed':
    case 'rebuild-recorded':
      return [{ kind: 'Node', name: data.nodeId }];
    case 'run-started':
    case 'bootstrap-recorded':
    case 'upgrade-recorded':
      return data.nodes.map(({ nodeId }) => ({ kind: 'Node', name: nodeId }));
    case 'change-created':
    case 'change-updated':
    case 'change-approved':
      return [{ kind: 'Change', name: data.changeId }];
    default:
      return [];
  }
}

/** Whether what it tells did not come to a good end. */
export function hasFailed({ type, data }: Unsigned): boolean {
  switch (type) {
    case 'action-recorded':
    case 'alert-tested':
      return data.result === 'failed';
    case 'drill-recorded':
      return data.result !== 'success';
    case 'change-applied':
      return data.exitCode !== 0;
    case 'rebuild-recorded':
    case 'upgrade-recorded':
    case 'run-finished':
      return data.status === 'failed';
    case 'drift-reported':
      return data.verdict !== 'none';
    default:
      return false;
  }
}
