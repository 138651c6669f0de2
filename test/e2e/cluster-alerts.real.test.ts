/** Alerts as a person meets them, with a real Alertmanager and the receiver that records. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { alertmanagerFor } from '../tools/alertmanager.ts';
import { lacking } from '../tools/run-tool.ts';
import { endsWith } from './change-world.ts';
import { eventually, type Run, temporaryFolder } from './larder.ts';
import { type Operators, operatorsFor, succeed } from './operators.ts';

const skip = await lacking('alertmanager');

const SPEC = `name: home
nodes:
  - {name: pi-1.local, address: 192.0.2.11, role: server-agent, storage: ssd}
alerts:
  routes:
    - {id: node-offline, alert: NodeOffline, severity: critical, channel: pager, target: 'sops:secrets/alerting.sops.yaml#pager'}
    - {id: control-plane, alert: ControlPlaneDegraded, severity: critical, channel: pager, target: 'sops:secrets/alerting.sops.yaml#pager'}
    - {id: drift, alert: ConfigurationDrift, severity: warning, channel: matrix, target: 'sops:secrets/alerting.sops.yaml#matrix'}
`;
const TOKEN = 'a-token-of-a-test-that-is-long-enough';

/** Of a cluster that does not answer. */
function withoutCluster(t: TestContext): string {
  const path = join(
    temporaryFolder((remove) => t.after(remove)),
    'kubeconfig',
  );
  const clusters = [{ name: 'gone', cluster: { server: 'https://127.0.0.1:9' } }];
  const contexts = [{ name: 'gone', context: { cluster: 'gone' } }];
  writeFileSync(path, JSON.stringify({ clusters, contexts, 'current-context': 'gone' }));
  return path;
}

interface Receiver {
  readonly url: string;
  readonly said: () => string;
}

/** `larder cluster alerts receive`, in a process of its own. */
async function receiverFor(t: TestContext, { env, keyOfAna, root }: Operators): Promise<Receiver> {
  const tokenFile = join(root, '.larder-token');
  writeFileSync(tokenFile, `${TOKEN}\n`);
  const start = resolve(import.meta.dirname, '../../bin/start.js');
  const words = ['cluster', 'alerts', 'receive', '-f', join(root, 'cluster.yaml'), '--port', '0'];
  const args = [
    '--disable-warning=ExperimentalWarning',
    start,
    ...words,
    '--token-file',
    tokenFile,
    '--ledger-key',
    keyOfAna,
  ];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((done) => child.on('close', () => done()));
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  const url = await eventually('the receiver to be ready', async () => {
    if (child.exitCode !== null) assert.fail(said);
    return said.includes('\nready\n') ? /^address: (\S+)$/m.exec(said)?.[1] : undefined;
  });
  return { url, said: () => said };
}

/** Waits as short as Alertmanager can. Nobody listens at the second receiver. */
const configOf = (url: string): object => ({
  route: {
    receiver: 'nobody',
    group_by: ['...'],
    group_wait: '1s',
    group_interval: '1s',
    routes: [
      { receiver: 'node-offline', matchers: ['alertname="NodeOffline"'] },
      { receiver: 'control-plane', matchers: ['alertname="ControlPlaneDegraded"'] },
    ],
  },
  receivers: [
    { name: 'nobody' },
    {
      name: 'node-offline',
      webhook_configs: [{ url, http_config: { authorization: { credentials: TOKEN } } }],
    },
    { name: 'control-plane', webhook_configs: [{ url: 'http://127.0.0.1:9/' }] },
  ],
});

/** Counts by the receiver's name. */
const EXACT = ['--enable-feature=receiver-name-in-metrics'];

interface World {
  readonly operators: Operators;
  readonly url: string;
  readonly receiver: Receiver;
  alerts(...words: readonly string[]): Promise<Run>;
  fire(labels: Readonly<Record<string, string>>): Promise<void>;
}

async function worldFor(t: TestContext, flags: readonly string[] = EXACT): Promise<World> {
  const operators = await operatorsFor(t, { kubeconfig: withoutCluster(t) });
  operators.write('cluster.yaml', SPEC);
  const receiver = await receiverFor(t, operators);
  const url = await alertmanagerFor(t, configOf(receiver.url), flags);
  return {
    operators,
    url,
    receiver,
    alerts: (verb, ...words) =>
      operators.larder(
        ...['cluster', 'alerts', verb ?? 'list', ...words, '-f', join(operators.root, 'cluster.yaml')],
        ...(verb === 'routes' ? [] : ['--alertmanager', url]),
      ),
    async fire(labels) {
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([{ labels, annotations: {} }]),
      });
      assert.equal(response.status, 200, await response.text());
    },
  };
}

interface Row {
  readonly fingerprint: string;
  readonly name: string;
  readonly state: string;
}

async function rows({ alerts }: World): Promise<readonly Row[]> {
  const { stdout, stderr } = await alerts('list', '-o', 'json');
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

const stateOf = async (world: World, name: string): Promise<string | undefined> =>
  (await rows(world)).find((row) => row.name === name)?.state;

async function records(
  operators: Operators,
  type: string,
): Promise<readonly { readonly data: Record<string, unknown> }[]> {
  const { stdout } = await succeed(operators.larder('ledger', 'export'));
  const all: readonly { type: string; data: Record<string, unknown> }[] = stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
  return all.filter((each) => each.type === type);
}

test('an alert arrives, is acknowledged for a while, and is open again when that is over', { skip }, async (t) => {
  const world = await worldFor(t);
  const { operators, alerts, fire } = world;
  await fire({ alertname: 'NodeOffline', severity: 'critical', node: 'pi-1' });
  const [row] = await eventually('the alert to be there', async () => {
    const found = await rows(world);
    return found.length > 0 ? found : undefined;
  });
  assert.equal(row?.state, 'firing');
  const told = endsWith(await alerts('list'), 1);
  assert.match(told.stdout, /NodeOffline node=pi-1 .*nobody has taken it/);
  const id = row?.fingerprint.slice(0, 6) ?? '';

  const dry = endsWith(await alerts('ack', id, '--reason', 'looking', '--dry-run'), 0);
  assert.match(dry.stderr, /Would be acknowledged: NodeOffline node=pi-1/);
  assert.equal(await stateOf(world, 'NodeOffline'), 'firing');
  const unasked = await alerts('ack', id, '--reason', 'looking');
  assert.notEqual(unasked.code, 0, 'nobody was asked, and nobody said --yes');

  endsWith(await alerts('ack', id, '--reason', 'disk is on its way', '--for', '4s', '--by', 'ana', '--yes'), 0);
  assert.equal(await stateOf(world, 'NodeOffline'), 'acknowledged');
  endsWith(await alerts('list'), 0);
  const [acknowledged] = await records(operators, 'alert-acknowledged');
  assert.equal(acknowledged?.data['acknowledgedBy'], 'ana');
  assert.equal(acknowledged?.data['comment'], 'disk is on its way');

  await eventually('the acknowledgement to be over', async () =>
    (await stateOf(world, 'NodeOffline')) === 'stale' ? true : undefined,
  );
  assert.match(endsWith(await alerts('list'), 1).stdout, /acknowledged by ana until .*, and that is over/);

  const [delivered] = await eventually('the arrival to be recorded', async () => {
    const found = await records(operators, 'alert-delivered');
    return found.length > 0 ? found : undefined;
  });
  assert.equal(delivered?.data['routeId'], 'node-offline');
  const took = Date.parse(String(delivered?.data['deliveredAt'])) - Date.parse(String(delivered?.data['firedAt']));
  t.diagnostic(`from firing to the receiver: ${took} ms, of which Alertmanager waits 1,000`);
  assert.ok(took < 60_000);
  await succeed(operators.larder('ledger', 'verify'));
});

test('an acknowledgement that is renewed keeps its silence; one by hand is told as such', { skip }, async (t) => {
  const world = await worldFor(t);
  const { operators, alerts, fire, url } = world;
  await fire({ alertname: 'NodeOffline', severity: 'critical', node: 'pi-1' });
  await eventually('the alert to be there', () => stateOf(world, 'NodeOffline'));
  for (const time of ['1h', '2h'])
    endsWith(await alerts('ack', 'NodeOffline', '--reason', 'still looking', '--for', time, '--yes'), 0);
  const silences = await records(operators, 'alert-acknowledged');
  assert.equal(silences.length, 2);
  assert.equal(silences[0]?.data['silenceId'], silences[1]?.data['silenceId']);

  await fire({ alertname: 'DiskFull', severity: 'warning', node: 'pi-2' });
  const now = Date.parse(new Date().toISOString());
  const silence = {
    matchers: [{ name: 'alertname', value: 'DiskFull', isRegex: false, isEqual: true }],
    startsAt: new Date(now).toISOString(),
    endsAt: new Date(now + 3_600_000).toISOString(),
    createdBy: 'somebody',
    comment: 'quiet',
  };
  const made = await fetch(`${url}/api/v2/silences`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(silence),
  });
  assert.equal(made.status, 200, await made.text());
  assert.equal(await eventually('the alert to be there', () => stateOf(world, 'DiskFull')), 'silenced');
  assert.match((await alerts('list')).stdout, /silenced by somebody until .*, and no record says so/);
});

test('routes: one arrives and is recorded, one is lost, one leads nowhere; due dates follow', { skip }, async (t) => {
  const world = await worldFor(t);
  const { operators, alerts } = world;
  endsWith(await alerts('routes'), 1);
  const arrived = endsWith(await alerts('test', 'node-offline', '--within', '40s', '--yes'), 0);
  t.diagnostic(arrived.stdout.trim());
  assert.match(arrived.stdout, /^node-offline: success: /);
  const lost = endsWith(await alerts('test', 'control-plane', '--within', '5s', '--yes'), 1);
  assert.match(lost.stdout, /^control-plane: failed: Alertmanager /);
  const nowhere = endsWith(await alerts('test', 'drift', '--within', '20s', '--yes'), 1);
  assert.match(nowhere.stdout, /Alertmanager routes it to nobody, not to drift: render its configuration again/);
  assert.equal(endsWith(await alerts('test', 'pigeon', '--yes'), 2).stderr.includes('LARDER_ALERTS_NOT_FOUND'), true);

  const results = (await records(operators, 'alert-tested')).map(({ data }) => `${data['routeId']} ${data['result']}`);
  assert.deepEqual(results, ['node-offline success', 'control-plane failed', 'drift failed']);
  const table = endsWith(await alerts('routes'), 1).stdout;
  assert.match(table, /^node-offline .* \d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d$/m);
  assert.match(table, /^control-plane .* never +now$/m);

  operators.write('cluster.yaml', SPEC.replace(/^.*id: drift.*\n/m, ''));
  endsWith(await alerts('routes', '--record'), 1);
  const archived = (await records(operators, 'alert-route-recorded')).filter(({ data }) => data['archived'] === true);
  assert.deepEqual(
    archived.map(({ data }) => data['routeId']),
    ['drift'],
  );
  const { stdout } = await operators.larder('ledger', 'report');
  assert.match(stdout, /1 of 2/);
});

test('what is only likely is not recorded where nobody can be asked', { skip }, async (t) => {
  const { operators, alerts } = await worldFor(t, []);
  // The arrival of another alert at another receiver of the same kind is counted alike.
  endsWith(await alerts('test', 'node-offline', '--within', '40s', '--yes'), 0);
  const unclear = await alerts('test', 'control-plane', '--within', '6s', '--yes');
  const results = (await records(operators, 'alert-tested')).map(({ data }) => `${data['routeId']} ${data['result']}`);
  if (unclear.code === 1) return assert.deepEqual(results, ['node-offline success', 'control-plane failed']);
  assert.match(endsWith(unclear, 2).stderr, /nobody can say whether it was this test: nothing is recorded/);
  assert.deepEqual(results, ['node-offline success']);
});

test('the receiver takes what Alertmanager sends, once, and nothing else', { skip }, async (t) => {
  const { operators, receiver } = await worldFor(t);
  const send = (body: unknown, token = TOKEN): Promise<Response> =>
    fetch(receiver.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  const alert = {
    status: 'firing',
    labels: { alertname: 'NodeOffline', severity: 'critical' },
    startsAt: '2026-03-01T12:00:00Z',
    fingerprint: 'abcdef0123456789',
  };
  const message = { version: '4', receiver: 'node-offline', alerts: [alert, { ...alert, status: 'resolved' }] };
  assert.equal((await send(message, 'wrong')).status, 401);
  assert.equal((await send({ version: '3', alerts: [] })).status, 400);
  assert.equal((await send(message)).status, 200);
  assert.equal((await send(message)).status, 200);
  const found = await records(operators, 'alert-delivered');
  assert.deepEqual(
    found.map(({ data }) => data['fingerprint']),
    ['abcdef0123456789'],
  );
  assert.ok(!receiver.said().includes(TOKEN));
});

test('what is no Alertmanager, or nobody, is told as such', { skip }, async (t) => {
  const operators = await operatorsFor(t, { kubeconfig: withoutCluster(t) });
  operators.write('cluster.yaml', SPEC);
  const ask = (...words: readonly string[]): Promise<Run> =>
    operators.larder('cluster', 'alerts', 'list', '-f', join(operators.root, 'cluster.yaml'), ...words);
  const silent = endsWith(await ask('--alertmanager', 'http://127.0.0.1:9'), 2);
  assert.match(silent.stderr, /does not answer.*LARDER_ALERTS_UNREACHABLE/s);
  const none = endsWith(await ask(), 2);
  assert.match(none.stderr, /Alertmanager of the service monitoring\/alertmanager-operated:9093 does not answer/);
  const address = Object.assign(new URL('http://127.0.0.1:9'), { username: 'ana', password: 'hunter2hunter2' });
  const secret = endsWith(await ask('--alertmanager', address.href), 2);
  assert.ok(!secret.stderr.includes('hunter2'));
});
