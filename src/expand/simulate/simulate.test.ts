import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { constraintsOf, GIB } from '../decide.fixture.ts';
import type { Provider, Providers } from '../provider.ts';
import type { Course } from './course.ts';
import { curveOf, fullness, nextAtLeast, valueAt } from './curve.ts';
import { play } from './play.ts';
import { recordingHead, recordingLine } from './recording.ts';
import type { Stage } from './run.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';
import { scriptOf } from './script.ts';
import { parseRate } from './usage-shape.ts';

const generic: Provider = {
  name: 'generic',
  canExpand: async () => ({ kind: 'yes' }),
  getVolumeConstraints: async () => constraintsOf().volume,
  validateExpansion: async () => ({ kind: 'yes' }),
  supportedStorageClasses: () => [],
  defaultConfiguration: () => ({}),
};
const slow: Provider = {
  ...generic,
  name: 'aws',
  getVolumeConstraints: async () => ({
    ...constraintsOf().volume,
    modifications: { perWindow: 4, windowMs: 86_400_000, minIntervalMs: 6 * 3_600_000 },
  }),
};
const providers: Providers = {
  detect: (_volume, named) => ({ provider: named === 'aws' ? slow : generic, how: 'the test' }),
};

const scenario = (written: object): Scenario => scenarioSchema.parse(written);

async function courses(
  written: object,
  everyMeasurement = false,
  over: Partial<Stage> = {},
): Promise<readonly Course[]> {
  const made = scriptOf(scenario(written), () => providers);
  assert.ok(made.kind === 'script');
  const script = { ...made.script, stage: { ...made.script.stage, everyMeasurement, ...over } };
  const found: Course[] = [];
  for await (const { course } of play(script)) found.push(course);
  return found;
}

const enabled = { enabled: 'true' };

test('a claim grows whenever it is nearly full, and is never full', async () => {
  const [course] = await courses({
    duration: '30d',
    claims: [{ name: 'db', size: '10Gi', settings: enabled, usage: { start: '5Gi', growth: '1Gi/d' } }],
  });
  assert.ok(course);
  assert.equal(course.fullMs, 0);
  assert.equal(course.violations, 0);
  assert.ok(course.steps.length > 10, String(course.steps.length));
  assert.equal(course.steps[0]?.fromBytes, 10n * GIB);
  assert.equal(course.endBytes, course.steps.at(-1)?.toBytes);
  assert.ok(Number(course.endBytes) > course.usedBytes);
});

test('nobody asks for growth: it fills, and that is seen', async () => {
  const [course] = await courses({
    duration: '10d',
    claims: [{ name: 'db', size: '10Gi', usage: { start: '5Gi', growth: '1Gi/d' } }],
  });
  assert.equal(course?.last.verdict.kind, 'Unmanaged');
  assert.equal(course?.steps.length, 0);
  assert.equal(course?.fullMs, 5 * 86_400_000);
  assert.equal(course?.usedBytes, Number(10n * GIB));
  assert.equal(course?.above95Ms, 5.5 * 86_400_000);
});

test('what the provider and the largest size allow holds, and nothing is done too soon', async () => {
  const [burst] = await courses({
    duration: '3d',
    claims: [
      {
        name: 'db',
        size: '10Gi',
        settings: { ...enabled, provider: 'aws', 'max-step': '1Gi' },
        usage: { start: '5Gi', growth: '20Gi/d' },
      },
    ],
  });
  assert.equal(burst?.violations, 0);
  assert.ok((burst?.steps.length ?? 99) <= 12, `${burst?.steps.length} steps in 3 days`);
  assert.ok((burst?.fullMs ?? 0) > 0);
  const [limited] = await courses({
    claims: [
      {
        name: 'db',
        size: '10Gi',
        settings: { ...enabled, 'max-size': '12Gi' },
        usage: { start: '9Gi', growth: '1Gi/d' },
      },
    ],
  });
  assert.equal(limited?.endBytes, 12n * GIB);
  assert.equal(limited?.last.verdict.kind, 'AtMax');
});

test('a policy governs it as it would on a cluster', async () => {
  const [course] = await courses({
    objects: [
      {
        apiVersion: 'pvc-chonker.io/v1alpha1',
        kind: 'PVCPolicy',
        metadata: { name: 'db' },
        spec: { selector: { matchLabels: { app: 'db' } }, template: { threshold: '50%', increase: '100%' } },
      },
    ],
    claims: [{ name: 'db', size: '10Gi', labels: { app: 'db' }, usage: { start: '4Gi', growth: '1Gi/d' } }],
  });
  assert.equal(course?.steps[0]?.toBytes, 20n * GIB);
});

const size = fc.integer({ min: 1, max: 40 }).map((gib) => `${gib}Gi`);
const anyClaim = fc.record({
  size: fc.integer({ min: 10, max: 60 }).map((gib) => `${gib}Gi`),
  settings: fc.record({
    enabled: fc.constant('true'),
    threshold: fc.constantFrom('50%', '80%', '95%'),
    increase: fc.constantFrom('10%', '3Gi', '100%'),
    cooldown: fc.constantFrom('0', '15m', '6h', '2d'),
    'max-size': fc.constantFrom('40Gi', '90Gi'),
    provider: fc.constantFrom('generic', 'aws'),
  }),
  usage: fc.record({
    start: size,
    growth: fc.constantFrom('0/d', '1Gi/d', '40Gi/d', '-1Gi/d', '5Gi/w'),
    daily: fc.constantFrom('0', '4Gi'),
    jitter: fc.constantFrom('0%', '40%'),
    bursts: fc.array(
      fc.record({
        at: fc.integer({ min: 1, max: 70 }).map((hours) => `${hours}h`),
        add: size,
        over: fc.constantFrom('1m', '5h'),
      }),
      { maxLength: 3 },
    ),
  }),
});

test('jumping to the next change gives what looking at every measurement gives', async () => {
  await fc.assert(
    fc.asyncProperty(anyClaim, async (claim) => {
      const written = { duration: '2d', measuredEvery: '5m', claims: [{ name: 'a', ...claim }] };
      const [[jumped], [watched]] = [await courses(written), await courses(written, true)];
      const told = ({ steps, endBytes, fullMs, above95Ms, violations }: Course) => ({
        steps,
        endBytes,
        fullMs,
        above95Ms,
        violations,
      });
      assert.ok(jumped && watched);
      assert.deepEqual(told(jumped), told(watched));
      assert.equal(jumped.violations, 0);
      assert.ok(jumped.decisions <= watched.decisions);
    }),
    { numRuns: 40 },
  );
});

const points = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 100 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((pairs) => pairs.toSorted(([one], [other]) => one - other));

test('a curve is found again where it is crossed, and its fullness is what counting gives', () => {
  fc.assert(
    fc.property(points, fc.nat(100), fc.integer({ min: 1, max: 100 }), (pairs, level, capacity) => {
      const curve = curveOf(pairs);
      const at = nextAtLeast(curve, 0, level);
      // points of one moment make a step: what is reached there may be left in the same instant
      const reached = (time: number): number =>
        Math.max(
          valueAt(curve, time),
          valueAt(curve, time - 1e-9),
          ...pairs.filter(([moment]) => moment === time).map(([, value]) => value),
        );
      if (at !== undefined) assert.ok(reached(at) >= level - 1e-6, `${reached(at)} at ${at}`);
      const before = at ?? 1_001;
      for (let time = 0; time < before; time += 7) assert.ok(valueAt(curve, time) < level || time >= before);
      let [full, nearly, used] = [0, 0, 0];
      const step = 0.05;
      for (let time = step / 2; time < 1_000; time += step) {
        const value = valueAt(curve, time);
        if (value >= capacity) full += step;
        if (value >= capacity * 0.95) nearly += step;
        used += Math.min(value, capacity) * step;
      }
      const found = fullness(curve, 0, 1_000, capacity);
      assert.ok(Math.abs(found.fullMs - full) < 1, `${found.fullMs} is not ${full}`);
      assert.ok(Math.abs(found.above95Ms - nearly) < 1, `${found.above95Ms} is not ${nearly}`);
      assert.ok(Math.abs(found.usedByteMs - used) < 120, `${found.usedByteMs} is not ${used}`);
    }),
    { numRuns: 40 },
  );
});

test('what cannot be read is named with what is accepted', () => {
  const wrong = scenarioSchema.safeParse({
    duration: 'long',
    claims: [{ name: 'a', size: '1GB!', usage: { growth: 'much' } }],
  });
  assert.deepEqual(
    wrong.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    [
      'duration: must be a duration, for example "15m", "1h30m" or "2d"',
      'claims.0.size: must be a quantity above zero, for example "10Gi"',
      'claims.0.usage.growth: must be a size per time, for example "5Gi/d", "100Mi/h" or "-1Gi/w"',
    ],
  );
  assert.deepEqual(parseRate('1Gi/d'), { ok: true, value: 1_073_741_824 / 86_400_000 });
  assert.equal(parseRate('1Gi/y').ok, false);
});

test('a scenario or recording that would never end, or that nobody could hold, is refused', async () => {
  const claims = [{ name: 'a', size: '1Gi', count: 1_000_000 }];
  const refused = (written: object): string =>
    scenarioSchema
      .safeParse(written)
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
      .join('; ') ?? 'read';
  assert.equal(refused({ claims }), 'read');
  assert.equal(refused({ claims: [...claims, { name: 'b', size: '1Gi' }] }), 'claims: are more than 1000000 in all');
  assert.match(refused({ claims: [{ name: 'a', size: '1Gi', count: 1e9 }] }), /^claims.0.count: /);
  assert.equal(refused({ measuredEvery: '1ms', claims }), 'measuredEvery: must be a duration of at least 1s');
  const full = { name: 'a', size: '10Gi', settings: { enabled: true, cooldown: '0' }, usage: { start: '10Gi' } };
  const endless = { duration: '36500d', measuredEvery: '1s', claims: [full] };
  await assert.rejects(
    courses(endless, true, { mostDecisions: 1_000 }),
    /^TypeError: default\/a needs more than 1000 decisions/,
  );
  const head = { larderRecording: 1, from: 0, to: 1e12, everyMs: 60_000 };
  assert.ok(recordingHead.safeParse(head).success);
  for (const wrong of [{ everyMs: 1e-9 }, { to: 1e300 }, { from: -1e300 }, { from: 2e12 }]) {
    assert.ok(!recordingHead.safeParse({ ...head, ...wrong }).success, JSON.stringify(wrong));
  }
  const claim = { namespace: 'n', name: 'a', uid: 'u', request: '1Gi' };
  for (const points of [
    [
      [2, 1, 1],
      [1, 1, 1],
    ],
    [[1, -1, 1]],
    [[1, 1, 1e300]],
  ]) {
    assert.ok(!recordingLine.safeParse({ claim, points }).success, JSON.stringify(points));
  }
});
