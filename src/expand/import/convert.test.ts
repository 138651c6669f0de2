import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constraintsOf, GIB, situationInput } from '../decide.fixture.ts';
import { decide } from '../decide.ts';
import { larger } from '../portion.ts';
import type { Conversion, Peer } from './conversion.ts';
import { convert } from './convert.ts';

const claim = (annotations: Record<string, string>, size = '10Gi', name = 'data') => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'db', annotations },
  spec: { storageClassName: 'fast', resources: { requests: { storage: size } } },
});
const settings = ({ manifests: [manifest] }: Conversion) => manifest?.metadata.annotations;
const said = ({ differences }: Conversion, about = 'db/data') =>
  differences.filter((each) => each.about === about).map(({ message }) => message);

const resizerClass = {
  kind: 'StorageClass',
  metadata: { name: 'fast', annotations: { 'resize.topolvm.io/enabled': 'true' } },
};

test('autoresizer: what is free becomes what is used', () => {
  const annotations = {
    'resize.topolvm.io/storage_limit': '100Gi',
    'resize.topolvm.io/threshold': '20%',
    'resize.topolvm.io/inodes-threshold': '0%',
    'resize.topolvm.io/increase': '20Gi',
  };
  const converted = convert('autoresizer', [resizerClass, claim(annotations)]);
  assert.deepEqual(settings(converted), {
    'pvc-chonker.io/enabled': 'true',
    'pvc-chonker.io/threshold': '80%',
    'pvc-chonker.io/inodes-threshold': '99%',
    'pvc-chonker.io/increase': '20Gi',
    'pvc-chonker.io/max-size': '100Gi',
  });
  assert.match(said(converted).join(), /inodes-threshold of 0% turns that reason off/);
  const absolute = convert('autoresizer', [claim({ ...annotations, 'resize.topolvm.io/threshold': '3Gi' })]);
  assert.equal(settings(absolute)?.['pvc-chonker.io/threshold'], '70%');
  assert.match(said(absolute).join(), /3Gi free is a size; of 10Gi that is 70% used/);
});

test('autoresizer: what does not grow there is left out, and said', () => {
  const limit = { 'resize.topolvm.io/storage_limit': '100Gi' };
  const off = { kind: 'StorageClass', metadata: { name: 'fast' } };
  assert.match(said(convert('autoresizer', [off, claim(limit)])).join(), /class fast does not enable it/);
  const zero = convert('autoresizer', [claim({ 'resize.topolvm.io/storage_limit': '0' })]);
  assert.deepEqual([zero.manifests.length, said(zero).length], [0, 1]);
  assert.equal(convert('autoresizer', [claim({})]).manifests.length, 0);
});

const autoscaler = (spec: object) => ({
  apiVersion: 'autoscaling.gardener.cloud/v1alpha1',
  kind: 'PersistentVolumeClaimAutoscaler',
  metadata: { name: 'db', namespace: 'db' },
  spec,
});
const loki = {
  kind: 'StatefulSet',
  metadata: { name: 'loki', namespace: 'db' },
  spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
};

test('gardener: the first policy that matches counts, for the claims of the workload', () => {
  const converted = convert('gardener', [
    autoscaler({
      targetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'loki' },
      volumePolicies: [
        { match: { name: 'data-loki-0' }, maxCapacity: '20Gi', scaleUp: { resizeStrategy: 'Off' } },
        {
          maxCapacity: '50Gi',
          scaleUp: { utilizationThresholdPercent: 70, stepPercent: 25, minStepAbsolute: '2Gi', cooldownDuration: '1h' },
        },
      ],
    }),
    loki,
    claim({}, '10Gi', 'data-loki-0'),
    claim({}, '10Gi', 'data-loki-1'),
    claim({}, '10Gi', 'data-loki-other'),
  ]);
  assert.deepEqual(
    converted.manifests.map(({ metadata }) => [metadata.name, metadata.annotations]),
    [
      [
        'data-loki-0',
        {
          'pvc-chonker.io/enabled': 'true',
          'pvc-chonker.io/threshold': '80%',
          'pvc-chonker.io/inodes-threshold': '80%',
          'pvc-chonker.io/increase': '10%',
          'pvc-chonker.io/min-scale-up': '1Gi',
          'pvc-chonker.io/max-size': '20Gi',
          'larder.dev/paused': 'true',
        },
      ],
      [
        'data-loki-1',
        {
          'pvc-chonker.io/enabled': 'true',
          'pvc-chonker.io/threshold': '70%',
          'pvc-chonker.io/inodes-threshold': '70%',
          'pvc-chonker.io/increase': '25%',
          'pvc-chonker.io/min-scale-up': '2Gi',
          'pvc-chonker.io/max-size': '50Gi',
          'pvc-chonker.io/cooldown': '1h',
        },
      ],
    ],
  );
  const blind = convert('gardener', [
    autoscaler({ targetRef: { kind: 'StatefulSet', name: 'loki' }, volumePolicies: [] }),
  ]);
  assert.match(said(blind, 'db/db').join(), /target StatefulSet loki is not among what was read/);
});

test('volume-autoscaler: every claim but the ignored, in its own numbers', () => {
  const prefix = 'volume.autoscaler.kubernetes.io/';
  const converted = convert('volume-autoscaler', [
    claim({ [`${prefix}scale-above-percent`]: '90', [`${prefix}scale-cooldown-time`]: '3600' }),
    claim({ [`${prefix}ignore`]: 'true' }, '10Gi', 'other'),
  ]);
  assert.deepEqual(settings(converted), {
    'pvc-chonker.io/enabled': 'true',
    'pvc-chonker.io/threshold': '90%',
    'pvc-chonker.io/inodes-threshold': '90%',
    'pvc-chonker.io/increase': '20%',
    'pvc-chonker.io/min-scale-up': '1000000000',
    'pvc-chonker.io/max-step': '16000000000000',
    'pvc-chonker.io/max-size': '16000000000000',
    'pvc-chonker.io/cooldown': '3600s',
  });
  assert.deepEqual(converted.configuration, { breaches: '5' });
  assert.equal(converted.manifests.length, 1);
});

test('pvc-chonker: its own kinds and annotations stay', () => {
  const policy = { kind: 'PVCPolicy', metadata: { name: 'p', namespace: 'db', uid: 'x' }, spec: { selector: {} } };
  const converted = convert('pvc-chonker', [policy, claim({ 'pvc-chonker.io/enabled': 'true' })]);
  assert.deepEqual(converted.manifests, [
    {
      apiVersion: 'pvc-chonker.io/v1alpha1',
      kind: 'PVCPolicy',
      metadata: { name: 'p', namespace: 'db' },
      spec: { selector: {} },
    },
  ]);
  assert.match(said(converted).join(), /no max-size/);
});

/** What each peer makes of a volume, by its own formula and its defaults, in bytes; undefined: it refuses, or is at its end. */
const gib = (count: number): bigint => BigInt(Math.round(count * 1024)) * 1024n ** 2n;
const upToGib = (bytes: bigint): bigint => ((bytes + GIB - 1n) / GIB) * GIB;
const least = (one: bigint, other: bigint): bigint => -larger(-one, -other);
const most = larger;
const theirs: Readonly<Record<Peer, (current: bigint, limit: bigint) => bigint | undefined>> = {
  autoresizer: (current, limit) => (current >= limit ? undefined : least(upToGib(current + current / 10n), limit)),
  gardener(current, limit) {
    const grown = least(upToGib(current + most(current / 10n, GIB)), limit);
    return grown - current >= GIB ? grown : undefined;
  },
  'pvc-chonker'(current, limit) {
    const grown = upToGib(current + most(current / 10n, GIB));
    return grown > limit ? undefined : grown;
  },
  'volume-autoscaler'(current, limit) {
    const grown = least(current + most(current / 5n, 1_000_000_000n), limit);
    return grown > current ? grown : undefined;
  },
};

interface Row {
  /** GiB. */
  readonly current: number;
  readonly limit: number;
  /** GiB that Larder asks for; undefined: it does not grow. */
  readonly ours: number | undefined;
  /** Bytes that the peer asks for, where that is another size, and how the conversion says so. */
  readonly differs?: readonly [theirs: bigint | undefined, note: RegExp];
}

const lessThanAStep = /the last part of less than a step below the largest size is not used/;
const lastStretch = /the last stretch to max-size is used/;
const inBytes = /its sizes are bytes, not multiples of a step/;

/** With a tenth, and at least 1 GiB, at once. */
const byTenths: readonly Row[] = [
  { current: 1, limit: 16_384, ours: 2 },
  { current: 10, limit: 16_384, ours: 11 },
  { current: 15, limit: 16_384, ours: 17 },
  { current: 100, limit: 16_384, ours: 110 },
  { current: 95, limit: 100, ours: 100 },
  { current: 99.5, limit: 100, ours: undefined },
  { current: 100, limit: 100, ours: undefined },
  { current: 16_000, limit: 16_384, ours: 16_384 },
];

const nameOf = ({ current, limit }: Row): string => `${current} to ${limit}`;

/** The same rows, but for those of which something else is known. */
function except(rows: readonly Row[], others: Readonly<Record<string, Partial<Row>>>): readonly Row[] {
  assert.ok(Object.keys(others).every((name) => rows.some((row) => nameOf(row) === name)));
  return rows.map((row) => ({ ...row, ...others[nameOf(row)] }));
}

const tables: Readonly<Record<Peer, readonly Row[]>> = {
  autoresizer: except(byTenths, { '99.5 to 100': { differs: [gib(100), lessThanAStep] } }),
  gardener: byTenths,
  'pvc-chonker': except(byTenths, {
    '95 to 100': { differs: [undefined, lastStretch] },
    '16000 to 16384': { differs: [undefined, lastStretch] },
  }),
  'volume-autoscaler': except(byTenths, {
    '1 to 16384': { differs: [2_073_741_824n, inBytes] },
    '10 to 16384': { ours: 12 },
    '15 to 16384': { ours: 18 },
    '100 to 16384': { ours: 120 },
    '99.5 to 100': { differs: [gib(100), lessThanAStep] },
  }),
};

const written: Readonly<Record<Peer, (limit: string) => readonly Record<string, unknown>[]>> = {
  autoresizer: (limit) => [claim({ 'resize.topolvm.io/storage_limit': limit })],
  gardener: (limit) => [
    autoscaler({
      targetRef: { kind: 'PersistentVolumeClaim', name: 'data' },
      volumePolicies: [{ maxCapacity: limit }],
    }),
  ],
  'pvc-chonker': () => [],
  'volume-autoscaler': (limit) => [
    claim({ 'volume.autoscaler.kubernetes.io/scale-up-max-size': String(BigInt(Number.parseInt(limit, 10)) * GIB) }),
  ],
};

for (const peer of ['autoresizer', 'gardener', 'pvc-chonker', 'volume-autoscaler'] as const) {
  test(`${peer}: the same sizes as there, or the difference is printed`, () => {
    for (const { current, limit, ours, differs } of tables[peer]) {
      const row = `${peer} ${current} to ${limit}`;
      const conversion = convert(peer, written[peer](`${limit}Gi`));
      const own = settings(conversion) ?? { 'pvc-chonker.io/max-size': `${limit}Gi` };
      const request = `${Math.round(current * 1024)}Mi`;
      const { targetBytes } = decide(
        situationInput({ request, usedRatio: 0.995, annotations: own, over: { constraints: constraintsOf() } }),
      );
      const size = ours === undefined ? undefined : gib(ours);
      assert.equal(targetBytes, size, row);
      assert.equal(theirs[peer](gib(current), gib(limit)), differs ? differs[0] : size, `${row}: what the peer does`);
      const notes = conversion.differences.filter(({ message }) => differs?.[1].test(message));
      assert.equal(notes.length, differs ? 1 : 0, `${row}: the note ${differs?.[1]}`);
    }
  });
}
