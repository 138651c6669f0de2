import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { kinds } from '../kube/kinds.ts';
import type { TransportRequest } from '../kube/transport.ts';
import { MINUTE } from './decide.fixture.ts';
import { explain } from './explain.ts';
import { openSamples } from './usage/samples.ts';
import { answer, KEY, makeClaim, removeClaim, setStatus, startWorld, type World } from './world.fixture.ts';

const requestOf = async (world: World, name?: string): Promise<string | undefined> =>
  (await world.claim(name)).spec.resources.requests['storage'];
const isPatch = ({ method, path }: TransportRequest): boolean =>
  method === 'PATCH' && path.includes('/persistentvolumeclaims/');

test('a claim that fills grows: one patch with size, stamp and history, and two events in all', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass();
  assert.deepEqual(world.writes, [], 'one measurement is not enough');
  await world.pass();
  const grown = await world.claim();
  assert.equal(grown.spec.resources.requests['storage'], '11Gi');
  assert.match(grown.metadata.annotations?.['pvc-chonker.io/last-expansion'] ?? '', /^2026-01-31T12:0\d:\d\dZ$/);
  assert.equal(JSON.parse(grown.metadata.annotations?.['pvc-chonker.io/history'] ?? '[]')[0].to, '11811160064');
  world.used.set(KEY, 0.5);
  await world.grant();
  await world.pass(3);
  assert.deepEqual(world.writes, ['PATCH persistentvolumeclaims/data', 'event ExpansionRequested', 'event Expanded']);
  assert.deepEqual(await world.events(), [
    'ExpansionRequested raised the request from 10Gi to 11Gi (90 % used ≥ 80 %)',
    'Expanded the volume has grown to 11Gi',
  ]);
  const metrics = await world.metrics();
  assert.match(metrics, /pvc_chonker_expansions_total\{pvc="data",namespace="default",provider="generic"\} 1\n/);
  assert.match(metrics, /pvc_chonker_threshold_reached_total\{pvc="data",namespace="default",type="storage"\} 1\n/);
  assert.match(metrics, /pvc_chonker_usage_ratio\{pvc="data",namespace="default"\} 0\.5\n/);
});

test('the write names the version that was read, and who wrote it', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  const before = await world.claim();
  const seen: TransportRequest[] = [];
  world.intercept = async (request) => {
    if (isPatch(request)) seen.push(request);
    return undefined;
  };
  world.used.set(KEY, 0.98);
  await world.pass(2);
  assert.equal(seen.length, 1);
  assert.match(seen[0]?.path ?? '', /fieldManager=larder-expander/);
  const { metadata } = JSON.parse(String(seen[0]?.body));
  assert.equal(metadata.resourceVersion, before.metadata.resourceVersion);
  assert.equal(metadata.uid, before.metadata.uid);
});

test('while nothing changes nothing is written', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  await makeClaim(world, { name: 'max', annotations: { 'max-size': '10Gi' } });
  world.used.set(KEY, 0.5).set('default/max', 0.95);
  await world.pass(3);
  assert.deepEqual(world.writes, ['event MaxSizeReached']);
  await world.pass(20);
  assert.deepEqual(world.writes, ['event MaxSizeReached']);
  assert.match(await world.metrics(), /pvc_chonker_max_size_reached_total\{pvc="max",namespace="default"\} 1\n/);
  assert.match(await world.metrics(), /pvc_chonker_at_max\{pvc="max",namespace="default"\} 1\n/);
});

test('a gap in the measurements does not make old news new', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world, { annotations: { 'max-size': '10Gi' } });
  world.used.set(KEY, 0.95);
  await world.pass(3);
  world.used.delete(KEY);
  await world.pass(6);
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'NoSample');
  world.used.set(KEY, 0.95);
  await world.pass(3);
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'AtMax');
  assert.deepEqual(world.writes, ['event MaxSizeReached']);
});

test('the cooldown holds, and then the next step follows', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(2);
  await world.grant();
  await world.pass(13);
  assert.equal(await requestOf(world), '11Gi');
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'CoolingDown');
  await world.pass(4);
  assert.equal(await requestOf(world), '13Gi');
});

test('when the claim changed meanwhile it is read again and decided again', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  let patches = 0;
  world.intercept = async (request) => {
    if (!isPatch(request)) return undefined;
    patches += 1;
    // A person is faster, by the time our write arrives.
    const value = { spec: { resources: { requests: { storage: '50Gi' } } } };
    if (patches === 1)
      await world.client.patch(
        kinds.PersistentVolumeClaim,
        { namespace: 'default', name: 'data' },
        { kind: 'merge', value },
      );
    return undefined;
  };
  await world.pass(4);
  assert.equal(await requestOf(world), '50Gi', 'a larger wish is never lowered');
  assert.equal(patches, 1);
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'InProgress');
});

test('a harmless change in between costs one more read, not a missed growth', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  let first = true;
  let reads = 0;
  world.intercept = async (request) => {
    if (request.method === 'GET' && request.path.includes('/persistentvolumeclaims/')) reads += 1;
    if (!isPatch(request) || !first) return undefined;
    first = false;
    const value = { metadata: { labels: { touched: 'yes' } } };
    await world.client.patch(
      kinds.PersistentVolumeClaim,
      { namespace: 'default', name: 'data' },
      { kind: 'merge', value },
    );
    return undefined;
  };
  await world.pass(2);
  assert.equal(await requestOf(world), '11Gi');
  assert.equal(world.writes.filter((write) => write.startsWith('PATCH')).length, 2);
  assert.equal(reads, 1, 'it does not wait for the watch');
});

test('storage that grows at once is announced all the same', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  world.intercept = async (request, pass) => {
    if (!isPatch(request)) return undefined;
    const response = await pass();
    await setStatus(world.client, 'data', { capacity: { storage: '11Gi' } });
    return response;
  };
  await world.pass(3);
  assert.deepEqual(world.writes, ['PATCH persistentvolumeclaims/data', 'event ExpansionRequested', 'event Expanded']);
});

test('an API server that asks for patience gets it', async (t) => {
  const world = await startWorld(t, { configuration: { flags: { watchInterval: '600s' } } });
  await makeClaim(world);
  world.used.set(KEY, 0.98);
  let refusals = 1;
  const at: number[] = [];
  world.intercept = async (request) => {
    if (!isPatch(request)) return undefined;
    at.push(world.clock.monotonic());
    refusals -= 1;
    return refusals >= 0 ? answer(429, 'TooManyRequests', 'slow down', { 'retry-after': '7' }) : undefined;
  };
  await world.pass();
  await world.clock.advance(30_000);
  assert.equal(await requestOf(world), '11Gi');
  assert.ok((at[1] ?? 0) - (at[0] ?? 0) >= 7_000, 'not before the time it asked for');
});

test('a refusal is said with the server’s words, counted, and tried again with growing pauses', async (t) => {
  const world = await startWorld(t, { configuration: { flags: { watchInterval: '5s' } } });
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  world.intercept = async (request) =>
    isPatch(request) ? answer(403, 'Forbidden', 'cannot patch resource "persistentvolumeclaims"') : undefined;
  await world.pass(60);
  const tries = world.writes.filter((write) => write === 'PATCH persistentvolumeclaims/data').length;
  assert.ok(tries >= 2 && tries <= 6, `${tries} tries in five minutes`);
  assert.match((await world.events()).join('\n'), /^ExpansionFailed .*cannot patch resource "persistentvolumeclaims"/);
  const metrics = await world.metrics();
  assert.match(
    metrics,
    new RegExp(`expansion_failures_total\\{pvc="data",namespace="default",reason="forbidden"\\} ${tries}\\n`),
  );
  assert.doesNotMatch(metrics, /pvc_chonker_expansions_total\{/);
});

test('a quota that the server knows better is named as such', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  world.intercept = async (request) =>
    isPatch(request) ? answer(403, 'Forbidden', 'exceeded quota: storage, requested: requests.storage=1Gi') : undefined;
  await world.pass(2);
  assert.match((await world.events())[0] ?? '', /^QuotaWouldBeExceeded .*exceeded quota: storage/);
});

test('a write whose answer is lost is found on the claim, told once, and not repeated', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  let lost = 0;
  world.intercept = async (request, pass) => {
    if (!isPatch(request) || lost > 0) return undefined;
    lost += 1;
    await pass();
    return answer(503, 'ServiceUnavailable', 'gone');
  };
  await world.pass(2);
  await world.clock.advance(5_000);
  assert.equal(await requestOf(world), '11Gi');
  await world.grant();
  await world.pass(5);
  assert.equal(await requestOf(world), '11Gi');
  assert.deepEqual(
    (await world.events()).map((event) => event.split(' ')[0]),
    ['ExpansionRequested', 'Expanded'],
  );
});

test('after a restart the cooldown still holds, and a growth under way is completed by the new process', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(2);
  await world.stop();
  const next = await world.another();
  await next.pass(3);
  assert.deepEqual(next.writes, []);
  await next.grant();
  await next.pass(5);
  assert.equal(await requestOf(next), '11Gi');
  assert.deepEqual(next.writes, ['event Expanded']);
});

test('measurements before a restart count when they are kept', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-expander-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'samples.db');
  const before = openSamples(path);
  const world = await startWorld(t, { samples: before });
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass();
  await world.stop();
  before.close();
  const after = openSamples(path);
  t.after(() => after.close());
  const next = await world.another({ samples: after });
  await next.clock.advance(0);
  assert.equal(await requestOf(next), '11Gi', 'the second measurement in a row is the first of the new process');
});

test('two replicas at once write once', async (t) => {
  const world = await startWorld(t);
  const twin = await world.another();
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(4);
  await world.grant();
  await world.pass(2);
  assert.equal(await requestOf(world), '11Gi');
  const accepted = [...world.writes, ...twin.writes].filter((write) => write === 'event ExpansionRequested');
  assert.equal(accepted.length, 1);
});

test('a clock that jumps by hours does not end a cooldown', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(2);
  await world.grant();
  world.clock.stepWall(6 * 60 * MINUTE);
  await world.pass(5);
  assert.equal(await requestOf(world), '11Gi');
  world.clock.stepWall(-12 * 60 * MINUTE);
  await world.pass(5);
  assert.equal(await requestOf(world), '11Gi');
  await world.pass(8);
  assert.equal(await requestOf(world), '13Gi', 'nor does it make one longer');
});

test('a dry run announces each size once, writes no claim and counts no success', async (t) => {
  const world = await startWorld(t, { configuration: { flags: { dryRun: true } } });
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(10);
  assert.deepEqual(world.writes, ['event WouldExpand']);
  assert.deepEqual(await world.events(), ['WouldExpand would grow from 10Gi to 11Gi (90 % used), but Larder runs dry']);
  assert.doesNotMatch(await world.metrics(), /pvc_chonker_expansions(_requested)?_total\{/);
});

test('an invalid setting is said once, with field, value and accepted form, and nothing grows', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world, { annotations: { increase: 'lots' } });
  world.used.set(KEY, 0.99);
  await world.pass(5);
  assert.deepEqual(await world.events(), [
    'InvalidConfiguration pvc-chonker.io/increase is "lots": it must be a percentage or a quantity above zero, ' +
      'for example "10%" or "5Gi"; the claim does not grow until then',
  ]);
  assert.equal(await requestOf(world), '10Gi');
  const value = { metadata: { annotations: { 'pvc-chonker.io/increase': '20%' } } };
  await world.client.patch(
    kinds.PersistentVolumeClaim,
    { namespace: 'default', name: 'data' },
    { kind: 'merge', value },
  );
  await world.pass();
  assert.equal(await requestOf(world), '12Gi', 'once it is corrected, it grows');
});

test('enabled: "false" never grows, and explain says why', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world, { annotations: { enabled: 'false' } });
  world.used.set(KEY, 0.99);
  await world.pass(5);
  assert.deepEqual(world.writes, []);
  const explanation = await world.expander.explain(KEY);
  assert.ok(explanation);
  assert.match(explain(explanation), /^default\/data: is not managed \(99 % used\): enabled is "false" \(annotation\)/);
  assert.equal(await world.expander.explain('default/nobody'), undefined);
});

test('a growth that does not progress is stuck and said so; when it completes after all, that is said, too', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(40);
  const said = ['PATCH persistentvolumeclaims/data', 'event ExpansionRequested', 'event ExpansionStuck'];
  assert.deepEqual(world.writes, said, 'once, however long it lasts');
  assert.match((await world.events()).join('\n'), /ExpansionStuck the request is above the capacity/);
  assert.match(await world.metrics(), /pvc_chonker_stuck\{pvc="data",namespace="default"\} 1\n/);
  assert.match(await world.metrics(), /pvc_chonker_pvc_unhealthy_total\{pvc="data",namespace="default"\} 1\n/);
  await world.grant();
  await world.pass();
  assert.match((await world.events()).at(-1) ?? '', /^ExpansionRecovered/);
});

test('a driver that refuses is quoted at once', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(2);
  await setStatus(world.client, 'data', {
    conditions: [{ type: 'ControllerResizeError', status: 'True', message: 'VolumeModificationRateExceeded' }],
  });
  await world.pass();
  assert.match(
    (await world.events()).at(-1) ?? '',
    /^ExpansionFailed ControllerResizeError: VolumeModificationRateExceeded/,
  );
});

test('someone who lowers the request is noticed, and not fought', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(2);
  const value = { spec: { resources: { requests: { storage: '10500Mi' } } } };
  await world.client.patch(
    kinds.PersistentVolumeClaim,
    { namespace: 'default', name: 'data' },
    { kind: 'merge', value },
  );
  await world.pass(3);
  assert.match((await world.events()).at(-1) ?? '', /^ForeignWriter someone lowered the request from 11Gi to 10.25Gi/);
  assert.equal(await requestOf(world), '10500Mi', 'what somebody chose is not raised again at once');
});

test('series leave with their claim, and a claim of the same name starts afresh', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  world.used.set(KEY, 0.9);
  await world.pass(2);
  assert.match(await world.metrics(), /pvc="data"/);
  await removeClaim(world);
  await world.pass();
  assert.doesNotMatch(await world.metrics(), /pvc="data"/);
  assert.equal(world.expander.decision(KEY), undefined);
  await makeClaim(world);
  await world.pass();
  assert.equal(world.expander.decision(KEY)?.verdict.kind, 'Hold', 'its measurements start at one');
});

test('many claims at once are written at the configured pace', async (t) => {
  const world = await startWorld(t, { configuration: { flags: { watchInterval: '600s' } } });
  const names = Array.from({ length: 30 }, (_, index) => `data-${index}`);
  for (const name of names) {
    await makeClaim(world, { name });
    world.used.set(`default/${name}`, 0.98);
  }
  const patches = (): number => world.writes.filter((write) => write.startsWith('PATCH')).length;
  await world.clock.advance(600_000 - 1);
  await world.clock.advance(1);
  assert.equal(patches(), 20, 'the burst');
  await world.clock.advance(1_000);
  assert.equal(patches(), 25, 'five per second');
  await world.clock.advance(5_000);
  assert.equal(patches(), 30);
});

test('a claim that stays unmeasured for ten intervals is unhealthy, once', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  await world.pass(9);
  assert.doesNotMatch(await world.metrics(), /pvc_unhealthy_total\{/);
  await world.pass(10);
  assert.match(await world.metrics(), /pvc_chonker_pvc_unhealthy_total\{pvc="data",namespace="default"\} 1\n/);
});

test('a quota without room is named before anything is written', async (t) => {
  const world = await startWorld(t);
  await makeClaim(world);
  await world.client.create(kinds.ResourceQuota, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { namespace: 'default', name: 'storage' },
    spec: { hard: { 'requests.storage': '10Gi' } },
    status: { hard: { 'requests.storage': '10Gi' }, used: { 'requests.storage': '10Gi' } },
  });
  world.used.set(KEY, 0.9);
  await world.pass(5);
  assert.deepEqual(world.writes, ['event QuotaWouldBeExceeded']);
});
