import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '../../telemetry/clock.ts';
import type { Recording } from '../record.ts';
import { claim, FROM, filling, GI, partsOf, TO } from './what-if.fixture.ts';
import { type Supposition, whatIf } from './what-if.ts';

const policy = (name: string, template: object, selector: object = {}): Record<string, unknown> => ({
  apiVersion: 'pvc-chonker.io/v1alpha1',
  kind: 'PVCPolicy',
  metadata: { name, namespace: 'shop' },
  spec: { selector, template },
});

const asked = (object: Supposition['object'], names: readonly string[]): Supposition => ({
  ...{
    namespace: 'shop',
    name: 'mine',
    object,
    claims: new Set(names),
    from: FROM,
    to: TO,
    prices: { perType: {}, currency: '' },
  },
});
const never = new AbortController().signal;

test('a policy is compared with what the settings of now would have done, claim by claim', async () => {
  const parts = partsOf({
    claims: [claim('full'), claim('calm'), claim('other')],
    pointsOf: (name) => filling(name === 'full' ? 1 : 0.3),
    policies: [policy('mine', { enabled: false })],
  });
  const proposed = policy('mine', { threshold: '80%', increase: '50%', minScaleUp: '1Gi' });
  const answer = await whatIf(asked(proposed, ['full', 'calm']), parts, never);
  assert.deepEqual([answer.matched, answer.played, answer.unmeasured, answer.cut], [2, 2, 0, '']);
  assert.equal(answer.present.grown, 0);
  assert.equal(answer.proposed.grown, 1);
  assert.equal(answer.proposed.grownBytes, String(5 * GI));
  const [first, second] = answer.claims;
  assert.deepEqual([first?.claim, first?.present.growths, first?.proposed.growths], ['full', 0, 1]);
  assert.deepEqual(second?.present.endBytes, second?.proposed.endBytes);
});

test('a deleted policy is one that says nothing', async () => {
  const parts = partsOf({
    claims: [claim('full')],
    pointsOf: () => filling(1),
    policies: [policy('mine', { threshold: '80%' })],
  });
  const answer = await whatIf(asked(null, ['full']), parts, never);
  assert.deepEqual([answer.present.grown, answer.proposed.grown], [1, 0]);
  assert.equal(answer.claims[0]?.proposed.verdict, 'Unmanaged');
});

test('of a claim without measurements nothing is said, and it is counted', async () => {
  const parts = partsOf({ claims: [claim('new')], pointsOf: () => [] });
  const answer = await whatIf(asked(policy('mine', {}), ['new']), parts, never);
  assert.deepEqual([answer.matched, answer.played, answer.unmeasured], [1, 0, 1]);
});

test('prices make a cost of each side', async () => {
  const parts = partsOf({ claims: [claim('full')], pointsOf: () => filling(1) });
  const priced = {
    ...asked(policy('mine', { increase: '100%' }), ['full']),
    prices: { perType: { '*': 0.1 }, currency: 'EUR' },
  };
  const { present, proposed } = await whatIf(priced, parts, never);
  // 10 GiB for 720 of the 730 hours of a month.
  assert.ok(Math.abs((present.cost ?? 0) - 10 * 0.1 * (720 / 730)) < 1e-9, String(present.cost));
  assert.ok((proposed.cost ?? 0) > (present.cost ?? 0));
});

test('when it takes too long it ends, and says after how many claims', async () => {
  let now = 0;
  const clock: Clock = { ...systemClock, monotonic: () => (now += 40) };
  const names = Array.from({ length: 200 }, (_, index) => `claim-${String(index).padStart(3, '0')}`);
  const parts = partsOf({ claims: names.map((name) => claim(name)), pointsOf: () => filling(1), clock });
  const answer = await whatIf(asked(policy('mine', {}), names), parts, never);
  assert.match(answer.cut, new RegExp(`^cut off after 20 s and ${answer.played} claims: look back less far`));
  assert.ok(answer.played > 0 && answer.played < 200, String(answer.played));
  assert.equal(answer.matched, 200);
});

test('it lets others work meanwhile, and ends when nobody waits for it', async () => {
  const stop = new AbortController();
  const names = Array.from({ length: 2_000 }, (_, index) => `claim-${index}`);
  let series = 0;
  const world = { claims: names.map((name) => claim(name)), pointsOf: () => filling(1) };
  const parts = partsOf(world);
  const counted: Recording = {
    ...parts.recording,
    series(...given) {
      series += 1;
      return parts.recording.series(...given);
    },
  };
  const turn = setImmediate(() => stop.abort(new Error('nobody waits'))); // its turn comes only between two slices
  const template = { expandWhenFullWithin: '24h' };
  await assert.rejects(
    whatIf(asked(policy('mine', template), names), { ...parts, recording: counted }, stop.signal),
    /nobody waits/,
  );
  clearImmediate(turn);
  assert.ok(series < 100, String(series));
});

test('the time is also up in the middle of a claim', async () => {
  let now = 0;
  const clock: Clock = { ...systemClock, monotonic: () => (now += 100) };
  const parts = partsOf({ claims: [claim('busy')], pointsOf: () => filling(1), clock });
  const answer = await whatIf(asked(policy('mine', { expandWhenFullWithin: '24h' }), ['busy']), parts, never);
  assert.deepEqual([answer.played, answer.matched], [0, 1]);
  assert.match(answer.cut, /^cut off after 20 s and 0 claims/);
});
