import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configured, constraintsOf, GIB } from '../decide.fixture.ts';
import type { Provider } from '../provider.ts';
import { valueAt } from './curve.ts';
import { type Played, playerOf } from './play.ts';
import {
  type RecordedClaim,
  type RecordedPoint,
  recordedCast,
  recordedClaim,
  recordedObject,
  recordedStage,
} from './recording.ts';
import type { Rest } from './simulate.ts';

const DAY = 86_400_000;
const FROM = Date.UTC(2026, 0, 1);
const GIBIBYTE = Number(GIB);

const claimOf = (over: object = {}) =>
  recordedClaim.parse({ namespace: 'shop', name: 'db', uid: 'u-1', request: '40Gi', ...over });

/** A volume of 10Gi that somebody made 40Gi on the fifth day; a GiB more of it is used with each day. */
const points: readonly RecordedPoint[] = Array.from({ length: 9 }, (_, day) => [
  FROM + day * DAY,
  (4 + day) * GIBIBYTE,
  (day < 5 ? 10 : 40) * GIBIBYTE,
]);

const enabled = { 'pvc-chonker.io/enabled': 'true', 'pvc-chonker.io/increase': '5Gi' };

test('a claim is played as it was at its first measurement, not as it became', () => {
  const { spec, status } = recordedObject(claimOf(), points);
  assert.deepEqual([spec.resources.requests['storage'], status?.capacity?.['storage']], ['10Gi', '10Gi']);
  assert.equal(status?.phase, 'Bound');
  const unmeasured = recordedObject(claimOf(), []);
  assert.equal(unmeasured.spec.resources.requests['storage'], '40Gi', 'its request, where nothing was measured');
});

test('what people set is kept, what Larder wrote at the time is not', () => {
  const written = { 'pvc-chonker.io/last-expansion': '2026-01-05T00:00:00Z', 'pvc-chonker.io/history': '[]' };
  const { metadata } = recordedObject(claimOf({ annotations: { ...enabled, ...written }, labels: { a: 'b' } }), points);
  assert.deepEqual([metadata.annotations, metadata.labels], [enabled, { a: 'b' }]);
});

test('a claim names its classes, or none', () => {
  const named = recordedObject(claimOf({ storageClassName: 'fast', attributesClassName: 'gold' }), points);
  assert.deepEqual([named.spec.storageClassName, named.spec.volumeAttributesClassName], ['fast', 'gold']);
  const bare = recordedObject(claimOf(), points);
  assert.deepEqual([bare.spec.storageClassName, bare.spec.volumeAttributesClassName], [undefined, undefined]);
});

test('the curve goes through what was measured', () => {
  const [take] = recordedCast(claimOf(), points).takes;
  assert.ok(take);
  assert.equal(take.name, 'db');
  for (const [at, used] of points) assert.equal(valueAt(take.curve, at), used);
});

/** Knows the type of a volume by the parameters that it is asked with. */
const provider: Provider = {
  name: 'generic',
  canExpand: async () => ({ kind: 'yes' }),
  getVolumeConstraints: async (asked) => ({
    ...constraintsOf().volume,
    volumeType: JSON.stringify(asked).includes('"io2"') ? 'io2' : '',
  }),
  validateExpansion: async () => ({ kind: 'yes' }),
  supportedStorageClasses: () => [],
  defaultConfiguration: () => ({}),
};

const fast = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'fast' },
  provisioner: 'csi.example.com',
  allowVolumeExpansion: true,
};

async function played(claim: RecordedClaim, rest?: Rest): Promise<Played> {
  const stage = recordedStage({ from: FROM, to: FROM + 8 * DAY, everyMs: 60_000 });
  const providers = { detect: () => ({ provider, how: 'the test' }) };
  const playing = playerOf({ objects: [fast], configuration: configured(), providers, stage }, rest);
  for await (const each of playing(recordedCast(claim, points))) return each;
  throw new Error('nothing was played');
}

test('a recording is grown by its own settings, where a person had to', async () => {
  const { course } = await played(claimOf({ storageClassName: 'fast', annotations: enabled }));
  assert.deepEqual([course.claim, course.startBytes, course.fullMs, course.violations], ['shop/db', 10n * GIB, 0, 0]);
  assert.equal(course.steps[0]?.toBytes, 15n * GIB);
  assert.ok((course.steps[0]?.at ?? 0) >= FROM + 4 * DAY, 'not before it was 80 % full');
  assert.equal(course.usedBytes, 12 * GIBIBYTE);
});

test('a VolumeAttributesClass counts where it was there, and not where it was absent or could not be read', async () => {
  const named = { storageClassName: 'fast', attributesClassName: 'gold', annotations: enabled };
  const typeWith = async (attributesClass: object) =>
    (await played(claimOf({ ...named, attributesClass }))).situation.constraints.volume.volumeType;
  const there = { kind: 'there', driverName: 'csi.example.com', parameters: { type: 'io2' } };
  assert.equal(await typeWith(there), 'io2');
  assert.equal(await typeWith({ kind: 'absent' }), '');
  assert.equal(await typeWith({ kind: 'unread', why: 'forbidden' }), '');
});

test('a process that rests between decisions comes to the same end, and may end there', async () => {
  const claim = claimOf({ storageClassName: 'fast', annotations: enabled });
  let rests = 0;
  const resting = await played(claim, async () => {
    rests += 1;
  });
  const { course } = await played(claim);
  assert.deepEqual(resting.course, course);
  assert.ok(course.decisions > 2);
  assert.equal(rests, course.decisions - 1);
  await assert.rejects(
    played(claim, () => Promise.reject(new Error('enough'))),
    /enough/,
  );
});
