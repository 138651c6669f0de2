import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Headroom } from './constraints.ts';
import { constraintsOf, GIB, situationInput } from './decide.fixture.ts';
import { noGuards } from './guard/guards.ts';
import { type Beginning, type InitialSize, planInitialSize } from './initial-size.ts';

interface Case {
  readonly request?: string;
  /** Whole GiB, all of them. */
  readonly floor?: number;
  readonly max?: number;
  readonly quota?: number;
  readonly limit?: number;
  readonly providerMax?: number;
  readonly rangeMax?: number;
  readonly step?: bigint;
}

const headroom = (gibibytes: number | undefined, source: string): Headroom | undefined =>
  gibibytes === undefined ? undefined : { bytes: BigInt(gibibytes) * GIB, source };

function beginning({ request = '10Gi', step = GIB, ...given }: Case): Beginning {
  const annotations: Record<string, string> = {
    ...(given.floor === undefined ? {} : { 'pvc-chonker.io/initial-size': `${given.floor}Gi` }),
    ...(given.max === undefined ? {} : { 'pvc-chonker.io/max-size': `${given.max}Gi` }),
  };
  const { claim, resolution } = situationInput({ request, annotations });
  const most = headroom(given.rangeMax, 'LimitRange storage, max');
  const volume = { minSize: step, stepSize: step, volumeType: '', modifications: undefined };
  return {
    claim,
    settings: resolution.settings,
    constraints: constraintsOf({
      quota: headroom(given.quota, 'ResourceQuota storage, requests.storage'),
      volume: { ...volume, maxSize: headroom(given.providerMax, '')?.bytes },
      guards: { ...noGuards, limits: { kind: 'known', value: { least: undefined, most } } },
    }),
    floors: [],
    limitBytes: headroom(given.limit, '')?.bytes,
  };
}

const text = (size: InitialSize): string => {
  switch (size.kind) {
    case 'enough':
      return 'enough';
    case 'sized':
      return `${size.bytes / GIB}${size.short === '' ? '' : `: ${size.short}`}`;
    case 'held':
      return `held: ${size.reason}`;
    default:
      return size satisfies never;
  }
};

test('vectors: the floor, and what keeps a claim below it', () => {
  const cases: readonly (readonly [Case, string])[] = [
    [{}, 'enough'],
    [{ floor: 10 }, 'enough'],
    [{ floor: 5 }, 'enough'],
    [{ floor: 40 }, '40'],
    [{ floor: 40, max: 20 }, '20: maxSize (annotation) allows no more than 20Gi'],
    [{ floor: 40, providerMax: 30 }, '30: provider generic allows no more than 30Gi'],
    [{ floor: 40, rangeMax: 25 }, '25: LimitRange storage, max allows no more than 25Gi'],
    [{ floor: 40, limit: 15 }, '15: the limit of the claim allows no more than 15Gi'],
    [{ floor: 40, max: 10 }, 'held: maxSize (annotation) allows no more than 10Gi'],
    [{ floor: 40, max: 5 }, 'held: maxSize (annotation) allows no more than 5Gi'],
    [{ floor: 40, quota: 39 }, 'held: ResourceQuota storage, requests.storage has 39Gi left'],
    [{ floor: 40, quota: 40 }, '40'],
    [{ floor: 39, step: 4n * GIB }, '40'],
    [{ floor: 39, max: 39, step: 4n * GIB }, '36: maxSize (annotation) allows no more than 39Gi'],
    [{ request: '0', floor: 40 }, 'enough'],
  ];
  for (const [given, expected] of cases) {
    assert.equal(text(planInitialSize(beginning(given))), expected, JSON.stringify(given, replacer));
  }
});

const replacer = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

test('of several floors the largest counts, and its source is named', () => {
  const { floors: _, ...rest } = beginning({ floor: 20 });
  const plan = planInitialSize({ ...rest, floors: [{ bytes: 30n * GIB, source: 'group es' }] });
  assert.ok(plan.kind === 'sized');
  assert.deepEqual([plan.bytes, plan.floor.source], [30n * GIB, 'group es']);
});

const gibibytes = fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined });

test('property: never less than was asked for, never above a limit, whole steps, and the same when asked again', () => {
  let sized = 0;
  const cases = fc.record({
    request: fc.integer({ min: 1, max: 200 }).map((size) => `${size}Gi`),
    floor: gibibytes,
    max: gibibytes,
    quota: gibibytes,
    limit: gibibytes,
    providerMax: gibibytes,
    rangeMax: gibibytes,
    step: fc.constantFrom(GIB, 4n * GIB, 1n << 20n),
  });
  fc.assert(
    fc.property(cases, (given) => {
      const from = beginning({ ...given, floor: given.floor ?? 1 });
      const plan = planInitialSize(from);
      if (plan.kind !== 'sized') return;
      sized += 1;
      assert.ok(plan.bytes > from.claim.requestBytes);
      assert.equal(plan.bytes % given.step, 0n);
      for (const limit of [given.max, given.quota, given.limit, given.providerMax, given.rangeMax]) {
        if (limit !== undefined) assert.ok(plan.bytes <= BigInt(limit) * GIB);
      }
      const again = planInitialSize({ ...from, claim: { ...from.claim, requestBytes: plan.bytes } });
      assert.notEqual(again.kind, 'sized');
    }),
    { numRuns: 500 },
  );
  assert.ok(sized > 15, `${sized} sized`);
});
