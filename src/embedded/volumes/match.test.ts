import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PersistentVolume, PersistentVolumeClaim } from '../../kube/kinds.ts';
import { isReservedFor, match, mismatch } from './match.ts';

const anywhere = { kind: 'anywhere' } as const;

function claimOf(spec: Partial<PersistentVolumeClaim['spec']> & { size?: string } = {}): PersistentVolumeClaim {
  const { size = '1Gi', ...rest } = spec;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'shop', uid: 'u1', resourceVersion: '1' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...rest },
  };
}

function volumeOf(
  name: string,
  size: string,
  spec: Partial<PersistentVolume['spec']> = {},
  phase: 'Available' | 'Bound' | 'Released' | 'Pending' = 'Available',
): PersistentVolume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, uid: `uid-${name}`, resourceVersion: '1' },
    spec: { capacity: { storage: size }, accessModes: ['ReadWriteOnce'], ...spec },
    status: { phase },
  };
}

const chosen = (...inputs: Parameters<typeof match>): string | undefined => match(...inputs)?.metadata.name;

test('the smallest volume that is large enough is taken, whatever the notation of its size', () => {
  const volumes = [volumeOf('large', '5Gi'), volumeOf('small', '1073741823'), volumeOf('fits', '1100M')];
  assert.equal(chosen(claimOf(), volumes, anywhere), 'fits');
});

test('a volume of exactly the size fits and one byte less does not', () => {
  assert.equal(chosen(claimOf(), [volumeOf('exact', '1073741824')], anywhere), 'exact');
  assert.equal(chosen(claimOf(), [volumeOf('short', '1073741823')], anywhere), undefined);
});

test('equal volumes are taken in the order of their names, whatever the order of the list', () => {
  const [a, b] = [volumeOf('a', '1Gi'), volumeOf('b', '1Gi')];
  assert.equal(chosen(claimOf(), [b, a], anywhere), 'a');
  assert.equal(chosen(claimOf(), [a, b], anywhere), 'a');
});

test('a volume with fewer access modes is taken before a smaller one with more', () => {
  const volumes = [
    volumeOf('many', '1Gi', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }),
    volumeOf('one', '2Gi', { accessModes: ['ReadWriteOnce'] }),
  ];
  assert.equal(chosen(claimOf(), volumes, anywhere), 'one');
  assert.equal(chosen(claimOf({ accessModes: ['ReadWriteMany'] }), volumes, anywhere), 'many');
});

test('what does not fit is passed over', async (t) => {
  const rows: readonly [string, PersistentVolumeClaim, PersistentVolume][] = [
    ['another class', claimOf({ storageClassName: 'fast' }), volumeOf('v', '1Gi', { storageClassName: 'slow' })],
    ['a class and none', claimOf({ storageClassName: 'fast' }), volumeOf('v', '1Gi')],
    ['none and a class', claimOf(), volumeOf('v', '1Gi', { storageClassName: 'slow' })],
    ['block and filesystem', claimOf({ volumeMode: 'Block' }), volumeOf('v', '1Gi')],
    ['an access mode too many', claimOf({ accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }), volumeOf('v', '1Gi')],
    ['a selector', claimOf({ selector: { matchLabels: { tier: 'gold' } } }), volumeOf('v', '1Gi')],
    ['a volume of another claim', claimOf(), volumeOf('v', '1Gi', { claimRef: { namespace: 'shop', name: 'other' } })],
    [
      'a namesake in another namespace',
      claimOf(),
      volumeOf('v', '1Gi', { claimRef: { namespace: 'x', name: 'data' } }),
    ],
    ['a released volume', claimOf(), volumeOf('v', '1Gi', {}, 'Released')],
    ['a volume that is not yet available', claimOf(), volumeOf('v', '1Gi', {}, 'Pending')],
    [
      'a reserved one that is too small',
      claimOf(),
      volumeOf('v', '1Mi', { claimRef: { namespace: 'shop', name: 'data' } }),
    ],
  ];
  for (const [name, claim, volume] of rows) {
    await t.test(name, () => assert.equal(match(claim, [volume], anywhere), undefined));
  }
});

test('a volume that is being deleted is passed over even when it names the claim', () => {
  const volume = volumeOf('v', '1Gi', { claimRef: { namespace: 'shop', name: 'data', uid: 'u1' } }, 'Bound');
  const deleting = { ...volume, metadata: { ...volume.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  assert.equal(chosen(claimOf(), [volume], anywhere), 'v');
  assert.equal(chosen(claimOf(), [deleting], anywhere), undefined);
});

test('a selector picks among the free volumes by their labels', () => {
  const gold = volumeOf('gold', '9Gi');
  const labelled = { ...gold, metadata: { ...gold.metadata, labels: { tier: 'gold' } } };
  const claim = claimOf({ selector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['gold'] }] } });
  assert.equal(chosen(claim, [volumeOf('plain', '1Gi'), labelled], anywhere), 'gold');
});

test('a volume that names the claim wins over a better fit, in any phase and class', () => {
  const reserved = volumeOf('reserved', '9Gi', {
    claimRef: { namespace: 'shop', name: 'data' },
    storageClassName: 'x',
  });
  assert.equal(chosen(claimOf(), [volumeOf('fits', '1Gi'), reserved], anywhere), 'reserved');
  const made = volumeOf('made', '9Gi', { claimRef: { namespace: 'shop', name: 'data', uid: 'u1' } }, 'Pending');
  assert.equal(chosen(claimOf(), [volumeOf('fits', '1Gi'), made], anywhere), 'made');
});

test('a reservation with the uid of an earlier claim of that name is not for this one', () => {
  const stale = volumeOf('stale', '1Gi', { claimRef: { namespace: 'shop', name: 'data', uid: 'u0' } });
  assert.equal(isReservedFor(stale, claimOf()), false);
  assert.equal(chosen(claimOf(), [stale], anywhere), undefined);
});

test('while nobody knows the node, only a volume that names the claim is taken', () => {
  const unknown = { kind: 'unknown' } as const;
  assert.equal(chosen(claimOf(), [volumeOf('free', '1Gi')], unknown), undefined);
  const reserved = volumeOf('reserved', '1Gi', { claimRef: { namespace: 'shop', name: 'data' } });
  assert.equal(chosen(claimOf(), [reserved], unknown), 'reserved');
});

test('on a node, volumes that belong to another one are passed over', () => {
  const onNode = (name: string, host: string): PersistentVolume =>
    volumeOf(name, '1Gi', {
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [host] }] },
          ],
        },
      },
    });
  const place = { kind: 'node', labels: { 'kubernetes.io/hostname': 'here' } } as const;
  assert.equal(chosen(claimOf(), [onNode('a', 'there'), onNode('b', 'here')], place), 'b');
  assert.equal(chosen(claimOf(), [onNode('a', 'there')], place), undefined);
});

test('a volume named by the claim is refused with what differs', () => {
  assert.equal(mismatch(volumeOf('v', '1Mi'), claimOf()), 'requested PV is too small');
  assert.equal(mismatch(volumeOf('v', '1Gi', { storageClassName: 'x' }), claimOf()), 'storageClassName does not match');
  assert.equal(mismatch(volumeOf('v', '1Gi', { volumeMode: 'Block' }), claimOf()), 'incompatible volumeMode');
  assert.equal(mismatch(volumeOf('v', '1Gi'), claimOf({ accessModes: ['ReadWriteMany'] })), 'incompatible accessMode');
  assert.equal(mismatch(volumeOf('v', '1Gi'), claimOf()), undefined);
});

test('whatever is free, the choice fits, nothing free that fits is smaller, and the order of the list does not matter', () => {
  const volumes = fc.uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-z]{1,3}$/),
      mebibytes: fc.integer({ min: 1, max: 64 }),
      storageClassName: fc.constantFrom('', 'fast'),
      taken: fc.boolean(),
    }),
    { selector: ({ name }) => name, maxLength: 8 },
  );
  const wanted = fc.record({
    mebibytes: fc.integer({ min: 1, max: 64 }),
    storageClassName: fc.constantFrom('', 'fast'),
  });
  fc.assert(
    fc.property(volumes, wanted, (rows, { mebibytes, storageClassName }) => {
      const claim = claimOf({ size: `${mebibytes}Mi`, storageClassName });
      const objects = rows.map((row) =>
        volumeOf(row.name, `${row.mebibytes}Mi`, {
          storageClassName: row.storageClassName,
          ...(row.taken ? { claimRef: { namespace: 'shop', name: 'other', uid: 'u9' } } : {}),
        }),
      );
      const fitting = rows.filter(
        (row) => !row.taken && row.storageClassName === storageClassName && row.mebibytes >= mebibytes,
      );
      const expected = fitting.sort((a, b) => a.mebibytes - b.mebibytes || (a.name < b.name ? -1 : 1))[0]?.name;
      assert.equal(chosen(claim, objects, anywhere), expected);
      assert.equal(chosen(claim, objects.toReversed(), anywhere), expected);
    }),
    { numRuns: 200 },
  );
});
