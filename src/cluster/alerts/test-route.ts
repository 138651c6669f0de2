/** Sends an alert that says it is a test along a route, and watches how far it comes. */
import { type Clock, sleep } from '../../telemetry/clock.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import type { Alert } from './alert.ts';
import type { Alertmanager } from './alertmanager.ts';
import { type HandedOver, handedOver } from './handed-over.ts';

type Route = ClusterSpec['alerts']['routes'][number];

export interface TestOptions {
  readonly alertmanager: Alertmanager;
  readonly route: Route;
  /** Of this test; the alert carries it as a label. */
  readonly testId: string;
  readonly initiatedBy: string;
  readonly withinMs: number;
  readonly clock: Clock;
  /** Whether a receiver of ours on this route has recorded the alert. */
  readonly isDelivered: (fingerprint: string) => Promise<boolean>;
  /** Somebody can be asked whether it arrived: what is likely need not be waited for. */
  readonly canAsk: boolean;
  readonly signal?: AbortSignal;
}

export type Tested =
  | { readonly kind: 'arrived'; readonly tookMs: number; readonly note: string }
  /** Some receiver of that kind took some notification; whether it was this one nobody can tell from here. */
  | { readonly kind: 'not-known'; readonly tookMs: number; readonly note: string }
  | { readonly kind: 'lost'; readonly note: string };

const POLL_MS = 1_000;
/** Longer than anybody waits for it; then Alertmanager forgets it by itself. */
const LASTS_MS = 15 * 60_000;
/** What Alertmanager calls the programs behind our channels. */
const INTEGRATIONS = { pager: 'webhook', matrix: 'webhook', email: 'email' } as const;

/** @throws WatchError where Alertmanager cannot be asked. */
export async function testRoute(options: TestOptions): Promise<Tested> {
  const { alertmanager, route, clock } = options;
  const integration = INTEGRATIONS[route.channel];
  const before = handedOver(await alertmanager.metrics(), integration, route.id);
  const startedAt = clock.now();
  const begun = clock.monotonic();
  const alert = testAlert(options, startedAt);
  await alertmanager.send(alert);
  try {
    return await watched(options, { before, integration, begun });
  } finally {
    // It is over: receivers hear that, too.
    await alertmanager.send({ ...alert, endsAt: new Date(clock.now()).toISOString() });
  }
}

function testAlert({ route, testId, initiatedBy }: TestOptions, startedAt: number) {
  return {
    labels: { alertname: route.alert, severity: route.severity, larder_test: testId },
    annotations: {
      summary: `Test of the alert route ${route.id} by ${initiatedBy}: nothing is wrong`,
      description: 'Sent by larder cluster alerts test. Nobody has to do anything but to say that it arrived.',
    },
    startsAt: new Date(startedAt).toISOString(),
    endsAt: new Date(startedAt + LASTS_MS).toISOString(),
  };
}

interface Watching {
  readonly before: HandedOver;
  readonly integration: string;
  readonly begun: number;
}

async function watched(options: TestOptions, watching: Watching): Promise<Tested> {
  const { clock, withinMs, signal } = options;
  let before: Look = { kind: 'waiting', note: '' };
  for (;;) {
    const seen = await lookOnce(options, watching);
    const tookMs = clock.monotonic() - watching.begun;
    const isOver = tookMs > withinMs;
    if (seen.kind === 'obstacle') return { kind: 'lost', note: seen.note };
    if (seen.kind === 'delivered') return { kind: 'arrived', tookMs, note: seen.note };
    // Twice: Alertmanager counts the request first and its failure an instant later.
    const isTaken = seen.kind === 'taken' && before.kind === 'taken';
    if (isTaken && seen.isExact) return { kind: 'arrived', tookMs, note: seen.note };
    if (isTaken && (options.canAsk || isOver)) return { kind: 'not-known', tookMs, note: seen.note };
    if (isOver) return { kind: 'lost', note: `${seen.note} after ${Math.round(tookMs / 1000)} s` };
    before = seen;
    await sleep(clock, POLL_MS, signal);
  }
}

type Look =
  | { readonly kind: 'waiting' | 'obstacle' | 'delivered'; readonly note: string }
  | { readonly kind: 'taken'; readonly note: string; readonly isExact: boolean };

async function lookOnce(options: TestOptions, { before, integration }: Watching): Promise<Look> {
  const { alertmanager, route, testId, isDelivered } = options;
  const own = (await alertmanager.alerts()).find(({ labels }) => labels['larder_test'] === testId);
  if (own === undefined) return { kind: 'waiting', note: 'Alertmanager does not show the alert' };
  const obstacle = obstacleOf(own, route);
  if (obstacle !== undefined) return { kind: 'obstacle', note: obstacle };
  if (await isDelivered(own.fingerprint)) return { kind: 'delivered', note: 'its arrival is in the ledger' };
  const now = handedOver(await alertmanager.metrics(), integration, route.id);
  if (now.taken > before.taken) {
    const who = now.isExact ? `the receiver ${route.id}` : `a receiver (${integration})`;
    return { kind: 'taken', isExact: now.isExact, note: `${who} took it, as Alertmanager counts` };
  }
  if (now.failed > before.failed)
    return { kind: 'waiting', note: `Alertmanager could not hand it over (${integration}); its log says why` };
  return { kind: 'waiting', note: 'Alertmanager has it and has handed nothing over yet' };
}

/** What keeps it from going along the route. */
function obstacleOf({ status, receivers }: Alert, route: Route): string | undefined {
  if (status.silencedBy.length > 0)
    return `it is silenced by ${status.silencedBy.join(', ')}: end that silence, then test again`;
  if (status.inhibitedBy.length > 0) return 'another alert inhibits it';
  if (receivers.some(({ name }) => name === route.id || name.endsWith(`/${route.id}`))) return undefined;
  const names = receivers.map(({ name }) => name).join(', ') || 'nobody';
  return `Alertmanager routes it to ${names}, not to ${route.id}: render its configuration again (larder cluster render)`;
}
