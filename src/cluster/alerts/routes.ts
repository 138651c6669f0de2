/** Routes of cluster.yaml with what the ledger says of their tests. */
import type { AlertRoute } from '../../ledger/entity.ts';
import type { EventData } from '../../ledger/event.ts';
import { momentOf } from '../../ledger/moment.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';

const DAY_MS = 86_400_000;
/** As the requirement has it, of a critical route. */
const TEST_DAYS_AT_MOST = 30;

export interface RouteRow {
  readonly routeId: string;
  readonly alert: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly channel: 'pager' | 'matrix' | 'email';
  readonly lastTestedAt?: string;
  /** RFC 3339; absent: it was never tested, and is due now. */
  readonly dueAt?: string;
  readonly state: 'tested' | 'due' | 'never';
}

interface Known {
  readonly get: (routeId: string) => AlertRoute | undefined;
}

export function routeRows({ alerts, rotation }: ClusterSpec, known: Known, now: number): readonly RouteRow[] {
  const days = Math.min(rotation.alertTestDays, TEST_DAYS_AT_MOST);
  return alerts.routes.map(({ id, alert, severity, channel }) => {
    const row = { routeId: id, alert, severity, channel };
    const lastTestedAt = known.get(id)?.lastTestedAt;
    if (lastTestedAt === undefined) return { ...row, state: 'never' };
    const due = momentOf(lastTestedAt) + days * DAY_MS;
    return { ...row, lastTestedAt, dueAt: new Date(due).toISOString(), state: due <= now ? 'due' : 'tested' };
  });
}

export type RouteEvent = EventData<'alert-route-recorded'>;

/** What has to be recorded so that the ledger knows the routes as cluster.yaml has them; those that are gone are archived. */
export function routeEvents(
  { alerts: { routes } }: ClusterSpec,
  recorded: Iterable<AlertRoute>,
): readonly RouteEvent[] {
  const known = new Map([...recorded].map((route) => [route.routeId, route]));
  const wanted = routes.map(({ id, alert, severity, channel }) => ({
    routeId: id,
    alertName: alert,
    severity,
    channel,
  }));
  const changed = wanted.filter((route) => !isSame(route, known.get(route.routeId)));
  const gone = [...known.values()].flatMap((route): readonly RouteEvent[] => {
    const { routeId, alertName, severity, channel, archived } = route;
    if (archived || wanted.some((each) => each.routeId === routeId)) return [];
    if (alertName === undefined || severity === undefined || channel === undefined) return [];
    return [{ routeId, alertName, severity, channel, archived: true }];
  });
  return [...changed, ...gone];
}

function isSame(wanted: RouteEvent, known: AlertRoute | undefined): boolean {
  return (
    known !== undefined &&
    !known.archived &&
    known.alertName === wanted.alertName &&
    known.severity === wanted.severity &&
    known.channel === wanted.channel
  );
}
