import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PVCGroup, pvcGroups } from '../api/pvc-group.ts';
import { constraintsOf, GIB } from '../decide.fixture.ts';
import { belongingOf } from '../group/belonging.ts';
import { situatedOf } from '../group/situated.ts';
import type { Providers } from '../provider.ts';
import type { Course } from './course.ts';
import { playGroup } from './play-group.ts';
import type { Stage } from './run.ts';
import { scenarioSchema } from './scenario.ts';
import { scriptOf } from './script.ts';

const providers: Providers = {
  detect: () => ({
    provider: {
      name: 'generic',
      canExpand: async () => ({ kind: 'yes' }),
      getVolumeConstraints: async () => constraintsOf().volume,
      validateExpansion: async () => ({ kind: 'yes' }),
      supportedStorageClasses: () => [],
      defaultConfiguration: () => ({}),
    },
    how: 'the test',
  }),
};

const groupOf = (spec: object): PVCGroup =>
  pvcGroups.project({
    apiVersion: 'pvc-chonker.io/v1alpha1',
    kind: 'PVCGroup',
    metadata: { name: 'data', namespace: 'default', uid: 'g', resourceVersion: '1' },
    spec: { selector: { matchLabels: { app: 'data' } }, template: { enabled: true }, ...spec },
  });

async function courses(group: PVCGroup | undefined, written: object, over: Partial<Stage> = {}) {
  const made = scriptOf(scenarioSchema.parse(written), () => providers);
  assert.ok(made.kind === 'script');
  const belonging = (claim: Parameters<typeof situatedOf>[0]) =>
    belongingOf(situatedOf(claim, undefined, undefined), group ? [group] : []);
  const script = { ...made.script, stage: { ...made.script.stage, ...over } };
  const played = await playGroup(script, { group, belonging });
  return new Map(played.map(({ course }) => [course.claim.replace('default/', ''), course]));
}

const labels = { app: 'data' };
const filling = { name: 'filling', labels, size: '10Gi', usage: { start: '5Gi', growth: '1Gi/d' } };
const calm = { name: 'calm', labels, size: '10Gi', usage: { start: '1Gi' } };
const stranger = { name: 'stranger', size: '10Gi', usage: { start: '1Gi' }, settings: { enabled: 'true' } };
const ends = (found: ReadonlyMap<string, Course>) =>
  Object.fromEntries([...found].map(([name, { endBytes }]) => [name, Number(endBytes / GIB)]));

test('when a member grows the others follow, and who is no member does not', async () => {
  const claims = [filling, calm, stranger];
  const found = await courses(groupOf({}), { duration: '10d', claims });
  const leader = found.get('filling');
  const follower = found.get('calm');
  assert.ok(leader && follower && leader.steps.length > 1);
  assert.equal(follower.endBytes, leader.endBytes);
  assert.deepEqual(ends(found)['stranger'], 10);
  assert.deepEqual(new Set(follower.steps.map(({ trigger }) => trigger)), new Set(['group']));
  const grantedBefore = (at: number) => leader.steps.findLast(({ doneAt }) => doneAt <= at)?.toBytes;
  for (const { at, toBytes } of follower.steps) {
    assert.equal(toBytes, grantedBefore(at), 'only what was granted leads');
  }
  const alone = await courses(undefined, { duration: '10d', claims });
  assert.equal(ends(alone)['calm'], 10, 'without the group nobody follows');
});

test('what holds one member back holds no other, and what is too small is brought up at the beginning', async () => {
  const small = { ...calm, name: 'small', size: '4Gi', settings: { 'max-size': '6Gi', 'max-step': '1Gi' } };
  const found = await courses(groupOf({}), { duration: '2d', claims: [calm, small] });
  assert.deepEqual(ends(found), { calm: 10, small: 6 });
  assert.equal(found.get('small')?.violations, 0);
});

test('with average the mean is reached, and not raised by what it raised', async () => {
  const claims = [calm, { ...calm, name: 'small', size: '4Gi' }];
  const found = await courses(groupOf({ coordinationPolicy: 'average' }), { duration: '30d', claims });
  assert.deepEqual(ends(found), { calm: 10, small: 7 });
  const independent = await courses(groupOf({ coordinationPolicy: 'independent' }), { duration: '30d', claims });
  assert.deepEqual(ends(independent), { calm: 10, small: 4 });
});

test('a member of another namespace follows, and leads nobody', async () => {
  const far = { ...filling, name: 'far', namespace: 'elsewhere', settings: { group: 'data' } };
  const group = groupOf({});
  const made = scriptOf(scenarioSchema.parse({ duration: '10d', claims: [calm, far] }), () => providers);
  assert.ok(made.kind === 'script');
  const belonging = (claim: Parameters<typeof situatedOf>[0]) =>
    belongingOf({ ...situatedOf(claim, undefined, undefined), grant: 'default' }, [group]);
  const played = await playGroup(made.script, { group, belonging });
  const sizes = played.map(({ course }) => `${course.claim} ${course.steps.length > 0}`);
  assert.deepEqual(sizes, ['default/calm false', 'elsewhere/far true']);
});

const anyClaim = fc.record({
  size: fc.integer({ min: 4, max: 40 }).map((gib) => `${gib}Gi`),
  settings: fc.record({
    threshold: fc.constantFrom('50%', '80%', '95%'),
    increase: fc.constantFrom('10%', '3Gi', '100%'),
    cooldown: fc.constantFrom('0', '15m', '6h'),
    'max-size': fc.constantFrom('40Gi', '90Gi'),
  }),
  usage: fc.record({
    start: fc.integer({ min: 1, max: 30 }).map((gib) => `${gib}Gi`),
    growth: fc.constantFrom('0/d', '1Gi/d', '40Gi/d', '-1Gi/d'),
    daily: fc.constantFrom('0', '4Gi'),
  }),
  labels: fc.constantFrom(labels, {}),
});

test('jumping gives what looking at every measurement gives, whatever the members do to each other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyClaim, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('largest', 'average', 'sum', 'independent'),
      fc.constantFrom('1m', '11m'),
      async (claims, coordinationPolicy, resizeTakes) => {
        const group = groupOf({ coordinationPolicy });
        const named = claims.map((claim, index) => ({ name: `c${index}`, ...claim }));
        const written = { duration: '2d', measuredEvery: '5m', resizeTakes, claims: named };
        const [jumped, watched] = [
          await courses(group, written),
          await courses(group, written, { everyMeasurement: true }),
        ];
        const told = ({ steps, endBytes, fullMs, above95Ms, violations }: Course) => ({
          ...{ steps, endBytes, fullMs, above95Ms, violations },
        });
        for (const [name, course] of jumped) {
          assert.deepEqual(told(course), told(watched.get(name) ?? course), name);
          assert.equal(course.violations, 0);
        }
        assert.equal(jumped.size, watched.size);
      },
    ),
    { numRuns: 60 },
  );
});

test('it rests between decisions, and ends when it is told to', async () => {
  const made = scriptOf(scenarioSchema.parse({ duration: '30d', claims: [filling, calm] }), () => providers);
  assert.ok(made.kind === 'script');
  let times = 0;
  const rest = (): undefined => {
    times += 1;
    if (times > 5) throw new Error('enough');
    return undefined;
  };
  const group = groupOf({});
  const belonging = (claim: Parameters<typeof situatedOf>[0]) =>
    belongingOf(situatedOf(claim, undefined, undefined), [group]);
  await assert.rejects(playGroup(made.script, { group, belonging }, rest), /enough/);
  assert.equal(times, 6);
});
