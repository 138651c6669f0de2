/** Records tell what has happened: a fact of the future is a slip, or comes from a clock that is wrong. */
import type { EventType } from '../event.ts';
import { momentOf } from '../moment.ts';
import { type Breach, type Rule, rule } from './rule.ts';

/** As far as the clocks of two machines may differ. */
const AHEAD_AT_MOST_MS = 5 * 60_000;

/** Not what is due, ends or is planned: those are of the future. */
const FACTS: ReadonlySet<string> = new Set([
  ...['startedAt', 'completedAt', 'appliedAt', 'timestamp', 'firedAt', 'deliveredAt'],
  ...['observedAt', 'openedAt', 'closedAt', 'reviewedAt'],
]);

const TELLING: readonly EventType[] = [
  ...(['bootstrap-recorded', 'rebuild-recorded', 'upgrade-recorded', 'run-started', 'run-finished'] as const),
  ...(['change-created', 'change-updated', 'evidence-attached', 'change-applied', 'rotation-recorded'] as const),
  ...(['alert-tested', 'alert-delivered', 'drift-reported', 'probe-recorded'] as const),
  ...(['incident-opened', 'incident-updated', 'drill-recorded', 'runbook-recorded', 'action-recorded'] as const),
];

export const futureRules: readonly Rule[] = [
  rule('times-past', TELLING, (_, { at, type, data }) => {
    const steps = type === 'drill-recorded' ? (data.steps ?? []) : [];
    return [data, ...steps].map((told) => ahead(told, at)).find(Boolean);
  }),
];

function ahead(told: object, at: string): Breach | undefined {
  const latest = momentOf(at) + AHEAD_AT_MOST_MS;
  for (const [field, time] of Object.entries(told)) {
    if (!FACTS.has(field) || typeof time !== 'string' || !(momentOf(time) > latest)) continue;
    return { message: `${field} is ${time}, which is yet to come: the record is of ${at}`, field };
  }
  return undefined;
}
