/** A record in a few words, for a list. */
import type { EventData, EventType } from './event.ts';
import type { Unsigned } from './record.ts';

/** The fields that say what a record is about, in the order in which they are read. */
const fields: { readonly [T in EventType]: readonly (keyof EventData<T> & string)[] } = {
  'ledger-opened': ['title'],
  'ledger-merged': [],
  correction: ['amends', 'reason'],
  'artifact-tombstoned': ['path', 'reason'],
  'operator-added': ['operatorId', 'role'],
  'operator-changed': ['operatorId', 'role', 'expiresAt'],
  'operator-removed': ['operatorId', 'reason'],
  'key-rotated': ['operatorId'],
  'key-revoked': ['operatorId', 'reason'],
  'node-recorded': ['nodeId', 'role', 'ipAddress'],
  'node-removed': ['nodeId', 'reason'],
  'deviation-recorded': ['deviationId', 'rule', 'reason'],
  'bootstrap-recorded': ['runId', 'initiatedBy'],
  'rebuild-recorded': ['runId', 'nodeId', 'status'],
  'upgrade-recorded': ['runId', 'fromVersion', 'toVersion', 'status'],
  'run-started': ['runId', 'triggerType'],
  'run-finished': ['runId', 'status'],
  'change-created': ['changeId', 'status', 'diffSummary'],
  'change-updated': ['changeId', 'status', 'diffSummary'],
  'change-approved': ['changeId', 'comment'],
  'evidence-attached': ['changeId', 'command'],
  'change-applied': ['changeId', 'command'],
  'rotation-recorded': ['rotationId', 'rotationScope', 'status'],
  'alert-route-recorded': ['routeId', 'alertName', 'severity', 'channel'],
  'alert-tested': ['routeId', 'result'],
  'alert-delivered': ['alertName', 'severity'],
  'alert-acknowledged': ['alertName', 'acknowledgedBy'],
  'drift-reported': ['reportId', 'verdict'],
  'probe-recorded': ['workerCount', 'notes'],
  'incident-opened': ['incidentId', 'severity', 'title'],
  'incident-updated': ['incidentId', 'status', 'notes'],
  'drill-recorded': ['drillId', 'kind', 'result'],
  'runbook-recorded': ['path', 'title'],
  'action-recorded': ['command', 'result'],
};

export function summary({ type, data }: Unsigned): string {
  const members = new Map<string, unknown>(Object.entries(data));
  return fields[type]
    .map((name) => words(members.get(name)))
    .filter((text) => text !== '')
    .join(' · ');
}

function words(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll(/\s+/g, ' ').trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
