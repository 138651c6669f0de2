import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constraintsOf, GIB, MIB, situationInput } from './decide.fixture.ts';
import { planSize } from './size.ts';

interface Case {
  readonly request: string;
  readonly capacity?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly step?: bigint;
  readonly providerMax?: bigint;
  readonly quota?: bigint;
  readonly free?: bigint;
  readonly tiers?: readonly bigint[];
}

function planned({ request, capacity, annotations = {}, step = GIB, providerMax, quota, free, tiers }: Case) {
  const { claim, resolution } = situationInput({ request, ...(capacity ? { capacity } : {}), annotations });
  const headroom = (bytes: bigint | undefined, source: string) => (bytes === undefined ? undefined : { bytes, source });
  const constraints = constraintsOf({
    volume: {
      ...{ minSize: step, maxSize: providerMax, stepSize: step, volumeType: '', modifications: undefined },
      ...(tiers ? { tiers } : {}),
    },
    quota: headroom(quota, 'ResourceQuota storage'),
    exportFree: headroom(free, 'export'),
  });
  return planSize(claim, resolution.settings, constraints);
}

/** The sizes that the peers compute for the same volumes; where they refuse for ever, we do not. */
test('sizes agree with the published comparison of the peers, and the last stretch to the maximum is reachable', () => {
  for (const [request, max, expected] of [
    ['1Gi', '16Ti', 2n * GIB],
    ['10Gi', '16Ti', 11n * GIB],
    ['15Gi', '16Ti', 17n * GIB],
    ['100Gi', '16Ti', 110n * GIB],
    ['95Gi', '100Gi', 100n * GIB],
    ['16000Gi', '16384Gi', 16384n * GIB],
    ['100Gi', '100Gi', undefined],
    ['99.5Gi', '100Gi', undefined],
  ] as const) {
    assert.equal(planned({ request, annotations: { 'pvc-chonker.io/max-size': max } }).targetBytes, expected, request);
  }
});

test('the increase is at least min-scale-up and at most max-step, which is the stronger', () => {
  const at = (annotations: Record<string, string>) =>
    planned({
      request: '100Gi',
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`pvc-chonker.io/${key}`, value]),
      ),
    }).targetBytes;
  assert.equal(at({ increase: '1%', 'min-scale-up': '20Gi' }), 120n * GIB);
  assert.equal(at({ increase: '50%', 'max-step': '5Gi' }), 105n * GIB);
  assert.equal(at({ increase: '1%', 'min-scale-up': '20Gi', 'max-step': '5Gi' }), 105n * GIB);
  assert.equal(at({ increase: '30Gi' }), 130n * GIB);
});

test('growth is never less than a step, even from a size between two steps or with a tiny increase', () => {
  const annotations = { 'pvc-chonker.io/min-scale-up': '1Ki', 'pvc-chonker.io/increase': '1Ki' };
  assert.equal(planned({ request: '10.5Gi', annotations }).targetBytes, 12n * GIB);
  assert.equal(planned({ request: '10Gi', annotations: { 'pvc-chonker.io/max-step': '1Mi' } }).targetBytes, 11n * GIB);
});

test('a directory grows by whole MiB', () => {
  const annotations = { 'pvc-chonker.io/min-scale-up': '10Mi' };
  assert.equal(planned({ request: '20Mi', annotations, step: MIB }).targetBytes, 30n * MIB);
  assert.equal(planned({ request: '333Mi', annotations, step: MIB }).targetBytes, 367n * MIB);
});

test('growth starts from the larger of request and capacity', () => {
  assert.equal(planned({ request: '10Gi', capacity: '20Gi' }).targetBytes, 22n * GIB);
  assert.equal(planned({ request: '30Gi', capacity: '20Gi' }).targetBytes, 33n * GIB);
});

test('the smallest ceiling binds, and a ceiling between two steps is rounded down', () => {
  const quota = planned({ request: '100Gi', quota: 5n * GIB, free: 8n * GIB });
  assert.deepEqual([quota.targetBytes, quota.binding?.name], [105n * GIB, 'quota']);
  const free = planned({ request: '100Gi', quota: 9n * GIB, free: 8n * GIB });
  assert.deepEqual([free.targetBytes, free.binding?.name], [108n * GIB, 'export']);
  const provider = planned({ request: '100Gi', providerMax: 107n * GIB });
  assert.deepEqual([provider.targetBytes, provider.binding?.name], [107n * GIB, 'provider']);
  assert.equal(
    planned({ request: '95Gi', annotations: { 'pvc-chonker.io/max-size': '100.5Gi' } }).targetBytes,
    100n * GIB,
  );
  assert.equal(planned({ request: '100Gi', quota: GIB - 1n }).targetBytes, undefined);
});

test('the room of a quota lies above the request, not above a capacity that was rounded up', () => {
  assert.equal(planned({ request: '10Gi', capacity: '12Gi', quota: 3n * GIB }).targetBytes, 13n * GIB);
  assert.equal(planned({ request: '10Gi', capacity: '12Gi', quota: 2n * GIB }).targetBytes, undefined);
});

test('growth goes up to the next tier where that costs nothing and takes no room of others', () => {
  const tiers = [32n, 64n, 128n, 256n].map((gib) => gib * GIB);
  const grown = (over: Partial<Case> & { readonly request: string }) => planned({ tiers, ...over }).targetBytes;
  assert.equal(grown({ request: '50Gi' }), 64n * GIB);
  assert.equal(grown({ request: '64Gi' }), 128n * GIB);
  assert.equal(grown({ request: '250Gi' }), 275n * GIB, 'above the last tier every step is a price');
  assert.equal(grown({ request: '64Gi', annotations: { 'pvc-chonker.io/max-size': '100Gi' } }), 100n * GIB);
  assert.equal(grown({ request: '64Gi', annotations: { 'pvc-chonker.io/max-step': '20Gi' } }), 71n * GIB);
  assert.equal(grown({ request: '64Gi', quota: 30n * GIB }), 71n * GIB);
  assert.equal(grown({ request: '64Gi', quota: 64n * GIB }), 128n * GIB);
  assert.equal(grown({ request: '64Gi', quota: 5n * GIB }), 69n * GIB);
});

test('a size that others ask for is not rounded to a tier', () => {
  const { claim, resolution } = situationInput({ request: '33Gi' });
  const volume = { ...constraintsOf().volume, tiers: [32n * GIB, 64n * GIB] };
  const sized = (floorGib: bigint, onlyFloor: boolean) =>
    planSize(claim, resolution.settings, constraintsOf({ volume }), { floorBytes: floorGib * GIB, onlyFloor })
      .targetBytes;
  assert.equal(sized(40n, true), 40n * GIB);
  assert.equal(sized(33n, true), undefined);
  assert.equal(sized(40n, false), 64n * GIB);
});
