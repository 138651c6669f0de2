/** Types of records in families, as somebody looks for them. Pure. */
import type { EventType } from '../../ledger/event.ts';

export const families = [
  'changes',
  'actions',
  'runs',
  'drills',
  'drift',
  'alerts',
  'secrets',
  'people',
  'ledger',
] as const;
export type Family = (typeof families)[number];

const familyOf = {
  'ledger-opened': 'ledger',
  'ledger-merged': 'ledger',
  correction: 'ledger',
  'artifact-tombstoned': 'ledger',
  'operator-added': 'people',
  'operator-changed': 'people',
  'operator-removed': 'people',
  'key-rotated': 'people',
  'key-revoked': 'people',
  'node-recorded': 'runs',
  'node-removed': 'runs',
  'deviation-recorded': 'people',
  'bootstrap-recorded': 'runs',
  'rebuild-recorded': 'runs',
  'upgrade-recorded': 'runs',
  'run-started': 'runs',
  'run-finished': 'runs',
  'change-created': 'changes',
  'change-updated': 'changes',
  'change-approved': 'changes',
  'evidence-attached': 'changes',
  'change-applied': 'changes',
  'rotation-recorded': 'secrets',
  'alert-route-recorded': 'alerts',
  'alert-tested': 'alerts',
  'alert-delivered': 'alerts',
  'alert-acknowledged': 'alerts',
  'drift-reported': 'drift',
  'probe-recorded': 'drift',
  'incident-opened': 'alerts',
  'incident-updated': 'alerts',
  'drill-recorded': 'drills',
  'runbook-recorded': 'changes',
  'action-recorded': 'actions',
} as const satisfies Record<EventType, Family>;

const byType = new Map<string, Family>(Object.entries(familyOf));

/** Undefined: no type that this version knows. */
export function familyOfType(type: string): Family | undefined {
  return byType.get(type);
}

/** `change applied`. */
export function typeWords(type: string): string {
  return type.replaceAll('-', ' ');
}
