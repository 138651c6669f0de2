import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createEmbedded } from '../../src/embedded/cluster.ts';
import { createKubeletUsage } from '../../src/expand/usage/kubelet.ts';
import type { Reading } from '../../src/expand/usage/source.ts';
import { createCache } from '../../src/kube/cache.ts';
import { createClient } from '../../src/kube/client.ts';
import { kinds } from '../../src/kube/kinds.ts';
import type { Transport } from '../../src/kube/transport.ts';
import { directKubelet, type NodeFetch, proxiedKubelet } from '../../src/operator/kubelet.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { createManualClock } from '../../src/telemetry/manual-clock.ts';
import { type FakeKubelets, startKubelets, type VolumeState } from '../kubelet/kubelet.ts';
import { temporaryFolder } from './larder.ts';

const data: VolumeState = { namespace: 'default', claim: 'data', capacityBytes: 1_000n, usedBytes: 880n };
const tools = { clock: systemClock, random: systemRandom, log: silentLog };

interface Stage {
  readonly kubelets: FakeKubelets;
  /** A fake kubelet with a Node that leads to it. */
  node(name: string, options?: { foreign?: boolean }): ReturnType<FakeKubelets['add']>;
  fetch(options?: Partial<Parameters<typeof directKubelet>[0]>): Promise<NodeFetch>;
  readings(fetch: NodeFetch, timeoutMs?: number): Promise<readonly Reading[]>;
}

async function stageFor(t: TestContext): Promise<Stage> {
  const kubelets = await startKubelets();
  const embedded = await createEmbedded({ clock: systemClock, random: systemRandom });
  const stop = new AbortController();
  const client = createClient({ ...tools, transport: embedded.transport });
  const nodes = createCache({ ...tools, client, resource: kinds.Node });
  const running = nodes.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
    await Promise.all([kubelets.close(), embedded.close()]);
  });
  const names: string[] = [];
  return {
    kubelets,
    async node(name, options) {
      const node = await kubelets.add(name, options);
      node.volumes = () => [{ ...data, claim: name }];
      await client.create(kinds.Node, { apiVersion: 'v1', kind: 'Node', metadata: { name } });
      const addresses = [
        { type: 'Hostname', address: 'no.such.host.invalid' },
        { type: 'InternalIP', address: '127.0.0.1' },
      ];
      const status = { addresses, daemonEndpoints: { kubeletEndpoint: { Port: node.port } } };
      await client.patch(kinds.Node, { name }, { kind: 'merge', value: { status } }, { subresource: 'status' });
      names.push(name);
      await nodes.refresh();
      return node;
    },
    fetch: (options = {}) =>
      directKubelet({
        nodes,
        clock: systemClock,
        tokenFile: kubelets.tokenFile,
        caFile: kubelets.authorityFile,
        insecureTls: false,
        ...options,
      }),
    async readings(fetch, timeoutMs = 5_000) {
      const readings: Reading[] = [];
      const subjects = names.map((name) => ({ key: `default/${name}`, nodes: [name], sharesFilesystem: false }));
      await createKubeletUsage({ ...tools, fetch, timeoutMs }).collect(
        { subjects, deliver: (reading) => readings.push(reading) },
        new AbortController().signal,
      );
      return readings.sort((one, other) => (one.key < other.key ? -1 : 1));
    },
  };
}

const reasonOf = (reading: Reading | undefined): string => (reading?.kind === 'none' ? reading.reason : 'a sample');

test('a kubelet whose certificate the CA signed is sent the token, and its sample names the node', async (t) => {
  const stage = await stageFor(t);
  await stage.node('good');
  const [reading] = await stage.readings(await stage.fetch());
  assert.ok(reading?.kind === 'sample', reasonOf(reading));
  assert.deepEqual([reading.sample.availableBytes, reading.sample.place], [120n, 'node good']);
  assert.deepEqual([...stage.kubelets.tokens], ['Bearer first-token']);
});

test('a kubelet that cannot be verified never sees the token, and says what to give; insecureTls must be written', async (t) => {
  const stage = await stageFor(t);
  await stage.node('alien', { foreign: true });
  const [reading] = await stage.readings(await stage.fetch());
  assert.match(
    reasonOf(reading),
    /^node alien: the certificate of 127\.0\.0\.1:\d+ cannot be verified \(.+\); it was sent no token: give the CA of the kubelets with --kubelet-ca$/,
  );
  assert.equal(stage.kubelets.tokens.size, 0);
  await assert.rejects(stage.fetch({ caFile: undefined }), /kubelets cannot be verified: give --kubelet-ca FILE/);
  const [second] = await stage.readings(await stage.fetch({ caFile: undefined, insecureTls: true }));
  assert.equal(second?.kind, 'sample');
});

test('token and CA are read again when they were rotated', async (t) => {
  const stage = await stageFor(t);
  const { kubelets } = stage;
  await stage.node('good');
  const caFile = join(
    temporaryFolder((remove) => t.after(remove)),
    'ca.crt',
  );
  writeFileSync(caFile, readFileSync(kubelets.authorityFile));
  const clock = createManualClock(0);
  const fetch = await stage.fetch({ clock, caFile });
  assert.equal((await stage.readings(fetch))[0]?.kind, 'sample');
  kubelets.rotate('second-token');
  assert.match(
    reasonOf((await stage.readings(fetch))[0]),
    /answered 401 for \/stats\/summary: it does not accept the token/,
  );
  await clock.advance(5_000);
  assert.equal((await stage.readings(fetch))[0]?.kind, 'sample');
  const other = await startKubelets();
  t.after(() => other.close());
  writeFileSync(caFile, readFileSync(other.authorityFile));
  await clock.advance(5_000);
  assert.match(reasonOf((await stage.readings(fetch))[0]), /cannot be verified/);
});

test('whatever nodes do, each costs its own volumes only, with the reason', async (t) => {
  const stage = await stageFor(t);
  const ill = {
    cut: { kind: 'cut' },
    hung: { kind: 'hang' },
    partial: {
      kind: 'spoiled',
      spoil: (body: string) => body.replaceAll(/"availableBytes":\d+,|.*available.*\n/g, ''),
    },
    refusing: { kind: 'status', code: 403 },
    spoiled: { kind: 'spoiled', spoil: (body: string) => body.replaceAll(/120\b/g, 'NaN') },
  } as const;
  for (const [name, behaviour] of Object.entries(ill)) (await stage.node(name)).behaviour = behaviour;
  await stage.node('well');
  const slow = await stage.node('wellslow');
  slow.behaviour = { kind: 'slow', ms: 50 };
  const readings = await stage.readings(await stage.fetch(), 2_000);
  const said = Object.fromEntries(readings.map((reading) => [reading.key.slice('default/'.length), reasonOf(reading)]));
  assert.match(said['cut'] ?? '', /^node cut: /);
  assert.equal(said['hung'], 'node hung: the kubelet did not finish within 2000 ms');
  assert.equal(said['partial'], 'node partial: available is absent');
  assert.match(said['refusing'] ?? '', /answered 403 for \/stats\/summary: grant nodes\/stats and nodes\/metrics; /);
  assert.match(said['spoiled'] ?? '', /^node spoiled: (?:available is malformed|\/stats\/summary is cut off)/);
  assert.deepEqual([said['well'], said['wellslow']], ['a sample', 'a sample']);
});

test('a node that nobody knows, and one without an address, are named as that', async (t) => {
  const stage = await stageFor(t);
  const fetch = await stage.fetch();
  await assert.rejects(fetch('nobody', '/metrics', AbortSignal.timeout(5_000)), /the node is gone/);
});

test('through the API server, a node is asked by its name, and a refusal names the permission', async () => {
  const asked: string[] = [];
  const transport: Transport = {
    async send({ method, path }) {
      asked.push(`${method} ${path}`);
      const status = path.includes('closed') ? 403 : 200;
      async function* chunks() {
        yield 'a ';
        yield 'summary';
      }
      return { status, headers: {}, text: async () => 'a summary', chunks };
    },
    close: async () => undefined,
  };
  const fetch = proxiedKubelet(createClient({ ...tools, transport }));
  const { signal } = new AbortController();
  assert.equal(await fetch('worker 1/../x', '/stats/summary', signal), 'a summary');
  await assert.rejects(fetch('closed', '/metrics', signal), /the API server's proxy answered 403: grant nodes\/proxy/);
  assert.deepEqual(asked, [
    'GET /api/v1/nodes/worker%201%2F..%2Fx/proxy/stats/summary',
    'GET /api/v1/nodes/closed/proxy/metrics',
  ]);
});
