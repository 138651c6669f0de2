import type { AlertDelivery } from '../entity.ts';
import { minutesBetween, momentOf, tookLonger } from '../moment.ts';
import type { State } from '../state.ts';
import {
  type Criterion,
  type CriterionVerdict,
  dayText,
  isShare,
  isWithin,
  type Span,
  shareText,
  slowText,
  sourcesOf,
} from './criterion.ts';

const ALERT_MINUTES_AT_MOST = 5;
const ALERT_PERCENT = 98;
const DAY_MS = 86_400_000;
/** A critical route is tested again within. */
const TEST_DAYS = 30;

interface Alert {
  readonly what: string;
  readonly inTime: boolean;
  readonly record: string;
}

/** Critical alerts that arrived, each once whatever number of receivers it had, and tests of routes that carry them. */
export function alertTime(state: State, span: Span): Criterion {
  const alerts = [...deliveries(state, span), ...tests(state, span)];
  const inTime = alerts.filter((alert) => alert.inTime);
  return {
    id: 'alert-time',
    title: `Critical alerts that arrive within ${ALERT_MINUTES_AT_MOST} minutes`,
    target: `at least ${ALERT_PERCENT} %`,
    value: shareText(inTime.length, alerts.length),
    verdict: timeVerdict(inTime.length, alerts.length),
    notes: alerts.filter((alert) => !alert.inTime).map(({ what }) => what),
    records: sourcesOf(
      state,
      alerts.map(({ record }) => record),
    ),
  };
}

function timeVerdict(inTime: number, all: number): CriterionVerdict {
  if (all === 0) return { kind: 'not-known', why: 'no critical alert and no test of one is recorded' };
  if (isShare(inTime, all, ALERT_PERCENT)) return { kind: 'met' };
  return { kind: 'missed', why: `${all - inTime} of ${all} were late or did not arrive` };
}

function deliveries(state: State, span: Span): readonly Alert[] {
  const first = new Map<string, AlertDelivery>();
  for (const delivery of state.deliveries.values()) {
    if (delivery.severity !== 'critical' || !isWithin(span, momentOf(delivery.deliveredAt))) continue;
    const once = JSON.stringify([delivery.fingerprint, momentOf(delivery.firedAt), delivery.alertName]);
    const before = first.get(once);
    if (before && momentOf(before.deliveredAt) <= momentOf(delivery.deliveredAt)) continue;
    first.set(once, delivery);
  }
  return [...first.values()].map(({ alertName, record, firedAt, deliveredAt }) => ({
    what: `alert ${alertName} of ${firedAt} arrived after ${lasted(firedAt, deliveredAt)}`,
    inTime: !tookLonger(firedAt, deliveredAt, ALERT_MINUTES_AT_MOST),
    record,
  }));
}

function lasted(start: string, end: string): string {
  const minutes = minutesBetween(start, end);
  const isLate = tookLonger(start, end, ALERT_MINUTES_AT_MOST);
  return isLate ? slowText(minutes, ALERT_MINUTES_AT_MOST) : `${minutes} minutes`;
}

/** Of a route that nobody recorded, the severity is not known: its tests count, so that they do not vanish. */
function tests(state: State, span: Span): readonly Alert[] {
  return [...state.alertTests.values()].flatMap((test) => {
    const severity = state.alertRoutes.get(test.routeId)?.severity ?? 'critical';
    if (severity !== 'critical' || !isWithin(span, momentOf(test.completedAt))) return [];
    const { startedAt, completedAt, routeId, result, record } = test;
    const end = result === 'failed' ? 'failed' : `took ${lasted(startedAt, completedAt)}`;
    const inTime = result === 'success' && !tookLonger(startedAt, completedAt, ALERT_MINUTES_AT_MOST);
    return [{ what: `the test of route ${routeId} of ${startedAt} ${end}`, inTime, record }];
  });
}

export function routesTested(state: State, now: number): Criterion {
  const routes = [...state.alertRoutes.values()].filter(
    ({ severity, archived }) => severity === 'critical' && !archived,
  );
  const stale = routes.filter(
    ({ lastTestedAt }) => lastTestedAt === undefined || momentOf(lastTestedAt) < now - TEST_DAYS * DAY_MS,
  );
  const verdict: CriterionVerdict =
    routes.length === 0
      ? { kind: 'not-known', why: 'no critical alert route is recorded' }
      : stale.length === 0
        ? { kind: 'met' }
        : { kind: 'missed', why: `${stale.length} not tested for ${TEST_DAYS} days` };
  return {
    id: 'alert-routes',
    title: `Critical alert routes tested within ${TEST_DAYS} days`,
    target: '100 %',
    value: shareText(routes.length - stale.length, routes.length),
    verdict,
    notes: stale.map(({ routeId, lastTestedAt }) =>
      lastTestedAt === undefined
        ? `route ${routeId} was never tested successfully`
        : `route ${routeId} was tested last on ${dayText(lastTestedAt)}`,
    ),
    records: sourcesOf(
      state,
      routes.flatMap(({ records }) => records),
    ),
  };
}
