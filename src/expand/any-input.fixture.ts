/** Arbitrary inputs of a decision, for properties. */
import fc from 'fast-check';
import { constraintsOf, GIB, MIB, MINUTE, NOW, situationInput } from './decide.fixture.ts';
import type { DecideInput } from './facts.ts';
import type { Trend } from './forecast/trend.ts';
import type { Growth } from './history.ts';
import type { Sample } from './usage/source.ts';

const DAY = 24 * 60 * MINUTE;
const bytes = fc.bigInt({ min: -(2n ** 40n), max: 2n ** 50n });
const time = fc.integer({ min: NOW - 3 * DAY, max: NOW + DAY });
/** What each setting may say; the last of each is nonsense. */
const words = {
  threshold: ['80%', '50', '0'],
  increase: ['10%', '5Gi', '33Mi', '-1'],
  'min-scale-up': ['1Gi', '1Mi', 'x'],
  'max-step': ['2Gi', '700Mi', '0'],
  'max-size': ['12Gi', '100Gi', '3Ti', ''],
  cooldown: ['0', '15m', '2d', '15'],
  'full-within': ['24h', '90d', '0', 'soon'],
} as const;
const annotation = fc
  .constantFrom(...Object.entries(words).flatMap(([key, texts]) => texts.map((text) => [key, text] as const)))
  .map(([key, text]) => [`pvc-chonker.io/${key}`, text] as const);

const sample: fc.Arbitrary<Sample> = fc.record({
  at: time,
  capacityBytes: bytes,
  availableBytes: bytes,
  usedBytes: bytes,
  inodes: fc.option(fc.record({ total: bytes, used: bytes }), { nil: undefined }),
  origin: fc.constantFrom('kubelet', 'directory'),
  place: fc.constant(''),
  everyMs: fc.constantFrom(1_000, MINUTE),
  abnormal: fc.boolean(),
});

const growth: fc.Arbitrary<Growth> = fc.record({
  at: time,
  fromBytes: bytes,
  toBytes: bytes,
  trigger: fc.constantFrom('storage' as const, 'inodes' as const),
  usableBytes: bytes,
  inodes: fc.option(bytes, { nil: undefined }),
  origin: fc.constantFrom('kubelet', 'directory'),
});

const sizes = fc.constantFrom('20Mi', '1Gi', '9.7Gi', '10Gi', '95Gi', '100Gi', '2Ti', '7', '0', 'x');

function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, { arbitrary, weight: 1 });
}

/** Anything that can reach a decision, sensible or not. */
export const anyInput: fc.Arbitrary<DecideInput> = fc
  .record({
    request: sizes,
    capacity: rarely(sizes),
    enabled: fc.constantFrom('true', 'true', 'true', 'false', 'x'),
    annotations: fc.array(annotation, { maxLength: 2 }).map((pairs) => Object.fromEntries(pairs)),
    samples: fc.array(sample, { maxLength: 4 }),
    near: fc.constantFrom(true, true, true, false),
    usedRatio: fc.double({ min: 0.7, max: 1, noNaN: true }),
    growths: fc.oneof(fc.constant([]), fc.array(growth, { maxLength: 8 })),
    step: fc.constantFrom(MIB, GIB),
    maxSize: rarely(bytes),
    quota: rarely(bytes),
    free: rarely(bytes),
    settledAt: rarely(time),
    condition: rarely(fc.constantFrom('Resizing', 'NodeResizeError', 'FileSystemResizePending')),
    modified: fc.boolean(),
    perMs: rarely(fc.double({ min: -1e9, max: 1e9, noNaN: true })),
  })
  .map((given) => {
    const base = situationInput({
      request: given.request,
      capacity: given.capacity ?? given.request,
      annotations: { ...given.annotations, 'pvc-chonker.io/enabled': given.enabled },
      usedRatio: given.usedRatio,
    });
    const growths = [...given.growths].sort((a, b) => a.at - b.at);
    return {
      ...base,
      claim: {
        ...base.claim,
        conditions: [given.condition ?? []].flat().map((type) => ({ type, status: 'True' as const })),
      },
      samples: given.near ? base.samples : given.samples,
      history: { lastAt: growths.at(-1)?.at, growths },
      settledAt: given.settledAt,
      trend: given.perMs === undefined ? undefined : trendAt(given.perMs),
      constraints: constraintsOf({
        volume: {
          minSize: given.step,
          maxSize: given.maxSize,
          stepSize: given.step,
          volumeType: '',
          modifications: given.modified ? { perWindow: 2, windowMs: DAY, minIntervalMs: MINUTE } : undefined,
        },
        quota: given.quota === undefined ? undefined : { bytes: given.quota, source: 'quota' },
        exportFree: given.free === undefined ? undefined : { bytes: given.free, source: 'export' },
      }),
    };
  });

const trendAt = (perMs: number): Trend => ({
  points: 20,
  spanMs: DAY,
  robust: { perMs, trustedMs: 4 * DAY },
  recent: { perMs: -perMs / 2, trustedMs: DAY / 12 },
});
