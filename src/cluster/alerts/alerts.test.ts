import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Acknowledgement, AlertRoute } from '../../ledger/entity.ts';
import { ledgerEvent } from '../../ledger/event.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { readSpec } from '../spec/read-spec.ts';
import { acknowledgementPlan } from './acknowledgement.ts';
import { type Alert, alerts, notification, silences } from './alert.ts';
import { alertRows, isOpen } from './alert-rows.ts';
import { deliveries, firingOf } from './delivery.ts';
import { handedOver } from './handed-over.ts';
import { routeEvents, routeRows } from './routes.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const time = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();

function alert(fingerprint: string, part: { status?: object; labels?: object; startsAt?: string } = {}): Alert {
  const status = { state: 'active', silencedBy: [], inhibitedBy: [], ...part.status };
  const labels = { alertname: 'NodeOffline', severity: 'critical', node: 'pi-1', ...part.labels };
  const [read] = alerts.parse([{ fingerprint, labels, startsAt: part.startsAt ?? time(-10), status }]);
  return read ?? assert.fail();
}

function acknowledged(part: Partial<Acknowledgement> = {}): Acknowledgement {
  return {
    ...{ fingerprint: 'a', acknowledgedBy: 'ana', expiresAt: time(60), acknowledgedAt: time(-5), record: 'r' },
    ...{ silenceId: 's', comment: 'on it', ...part },
  };
}

const silence = silences.parse([
  {
    ...{ id: 's', status: { state: 'active' }, matchers: [], startsAt: time(-5), endsAt: time(60) },
    ...{ createdBy: 'somebody', comment: 'quiet' },
  },
]);

function stateOf(one: Alert, own?: Acknowledgement): string | undefined {
  const acknowledgements = new Map(own === undefined ? [] : [[own.fingerprint, own]]);
  return alertRows([one], { silences: silence, acknowledgements, now: NOW })[0]?.state;
}

const quiet = { state: 'suppressed', silencedBy: ['s'] };

test('an alert is open until somebody takes it, and again when that is over', () => {
  const rows: readonly (readonly [string, Alert, Acknowledgement?])[] = [
    ['firing', alert('a')],
    ['acknowledged', alert('a', { status: quiet }), acknowledged()],
    ['silenced', alert('a', { status: quiet })],
    ['silenced', alert('a', { status: quiet }), acknowledged({ silenceId: 'another' })],
    ['inhibited', alert('a', { status: { state: 'suppressed', inhibitedBy: ['b'] } })],
    ['stale', alert('a'), acknowledged({ expiresAt: time(-1) })],
    // Somebody ended the silence before its time: it is told again.
    ['stale', alert('a'), acknowledged()],
    // Recorded over the API, without a silence.
    ['acknowledged', alert('a'), withoutSilence(time(60))],
    ['stale', alert('a'), withoutSilence(time(-1))],
  ];
  for (const [expected, one, own] of rows) assert.equal(stateOf(one, own), expected, JSON.stringify([one, own]));
});

function withoutSilence(expiresAt: string): Acknowledgement {
  const { silenceId: _none, ...rest } = acknowledged({ expiresAt });
  return rest;
}

test('a silence that runs is changed from its own start on: with another start it would be another silence', () => {
  const wish = { ms: 3_600_000, reason: 'disk is on its way', by: 'ana' };
  const first = acknowledgementPlan(alert('a'), wish, NOW).silence;
  assert.deepEqual([first.id, first.startsAt, first.endsAt], [undefined, time(0), time(60)]);
  const renewed = acknowledgementPlan(alert('a'), wish, NOW, silence[0]).silence;
  assert.deepEqual([renewed.id, renewed.startsAt, renewed.endsAt], ['s', time(-5), time(60)]);
});

test('what is open comes first, the worst of it before the rest, the oldest of equals', () => {
  const all = [
    alert('taken', { status: quiet }),
    alert('warning', { labels: { severity: 'warning' } }),
    alert('new'),
    alert('old', { startsAt: time(-60) }),
  ];
  const rows = alertRows(all, { silences: silence, acknowledgements: new Map(), now: NOW });
  assert.deepEqual(
    rows.map(({ fingerprint }) => fingerprint),
    ['old', 'new', 'warning', 'taken'],
  );
  assert.deepEqual(rows.map(isOpen), [true, true, true, false]);
});

const ROUTES = `name: home
nodes: [{name: pi-1.local, address: 192.0.2.1, role: server-agent, storage: ssd}]
rotation: {alertTestDays: 20}
alerts:
  routes:
    - {id: pager, alert: NodeOffline, severity: critical, channel: pager, target: 'sops:secrets/a.sops.yaml#pager'}
    - {id: mail, alert: NodeOffline, severity: warning, channel: email, target: 'sops:secrets/a.sops.yaml#mail'}
`;

function specOf(): ClusterSpec {
  const read = readSpec(ROUTES, '2026-03-01');
  return read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
}

test('a notification becomes records of what fires; the route is that of the receiver, else of the severity', () => {
  const own = { labels: { alertname: 'NodeOffline', severity: 'critical' }, startsAt: time(-1), fingerprint: 'a' };
  const of = (receiver: string, one: object = own) =>
    deliveries(
      notification.parse({
        version: '4',
        receiver,
        alerts: [
          { status: 'firing', ...one },
          { ...own, status: 'resolved' },
        ],
      }),
      specOf().alerts.routes,
      NOW,
    );
  assert.deepEqual(
    of('mail').map(({ routeId }) => routeId),
    ['mail'],
  );
  assert.deepEqual(
    of('webhook').map(({ routeId }) => routeId),
    ['pager'],
  );
  const [other] = of('mail', { ...own, labels: { alertname: 'DiskFull', severity: 'page' } });
  assert.deepEqual([other?.routeId, other?.severity], [undefined, 'info']);
  const [early] = of('pager', { ...own, startsAt: time(5) });
  assert.ok(early && early.firedAt === early.deliveredAt, 'a clock that is ahead delivers nothing before it fires');
  for (const data of [...of('mail'), ...of('pager')])
    assert.ok(ledgerEvent.safeParse({ type: 'alert-delivered', data }).success);
  assert.equal(firingOf(early), firingOf({ ...early, firedAt: early.firedAt.replace('.000Z', 'Z') }));
});

function route(part: Partial<AlertRoute> & Pick<AlertRoute, 'routeId'>): AlertRoute {
  return { archived: false, records: [], alertName: 'NodeOffline', severity: 'critical', channel: 'pager', ...part };
}

test('a route is due when its last success is older than cluster.yaml allows, and at once where there is none', () => {
  const known = new Map([['pager', route({ routeId: 'pager', lastTestedAt: time(-20 * 1440) })]]);
  const states = (now: number) => routeRows(specOf(), known, now).map(({ state }) => state);
  assert.deepEqual(states(NOW - 1), ['tested', 'never']);
  assert.deepEqual(states(NOW), ['due', 'never']);
});

test('the ledger gets the routes that it does not know as they are, and loses those that are gone', () => {
  const told = (...known: readonly AlertRoute[]): readonly string[] =>
    routeEvents(specOf(), known).map(({ routeId, archived }) => `${routeId}${archived ? ' archived' : ''}`);
  assert.deepEqual(told(), ['pager', 'mail']);
  const mail = route({ routeId: 'mail', severity: 'warning', channel: 'email' });
  assert.deepEqual(told(route({ routeId: 'pager' }), mail), []);
  assert.deepEqual(told(route({ routeId: 'pager', severity: 'info' }), mail), ['pager']);
  assert.deepEqual(told(route({ routeId: 'pager' }), mail, route({ routeId: 'old' })), ['old archived']);
  assert.deepEqual(told(route({ routeId: 'pager' }), mail, route({ routeId: 'old', archived: true })), []);
});

test('what Alertmanager handed over is counted by the receiver where it says so, else by the kind', () => {
  const name = 'alertmanager_notification_requests';
  const byKind = `# HELP x y\n${name}_total{integration="webhook"} 5\n${name}_failed_total{integration="webhook"} 2\n${name}_total{integration="email"} 9\n`;
  assert.deepEqual(handedOver(byKind, 'webhook', 'pager'), { taken: 3, failed: 2, isExact: false });
  const labels = (receiver: string): string => `{integration="webhook",receiver_name="${receiver}"}`;
  const byName = `${name}_total${labels('pager')} 4\n${name}_failed_total${labels('pager')} 4\n${name}_total${labels('other')} 7\n`;
  assert.deepEqual(handedOver(byName, 'webhook', 'pager'), { taken: 0, failed: 4, isExact: true });
  assert.deepEqual(handedOver('', 'webhook', 'pager'), { taken: 0, failed: 0, isExact: false });
});
