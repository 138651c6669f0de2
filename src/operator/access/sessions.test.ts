import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../../telemetry/clock.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { createSessions } from './sessions.ts';

const HOUR = 60 * 60 * 1000;

function start() {
  const clock = createManualClock();
  return { clock, sessions: createSessions({ clock, random: systemRandom }) };
}

test('a session ends after eight hours, when it is ended, and is known by its whole id alone', async () => {
  const { clock, sessions } = start();
  const [one, other] = [sessions.begin('token-1', 'ann'), sessions.begin('token-2', 'bob')];
  assert.match(one, /^[0-9a-f]{64}$/);
  assert.notEqual(one, other);
  assert.deepEqual([sessions.tokenOf(one), sessions.tokenOf(other)], ['token-1', 'token-2']);
  for (const wrong of ['', one.slice(1), `${one}0`, one.toUpperCase(), 'token-1']) {
    assert.equal(sessions.tokenOf(wrong), wrong === one ? 'token-1' : undefined, wrong);
  }
  sessions.end(one);
  assert.equal(sessions.tokenOf(one), undefined);
  await clock.advance(8 * HOUR - 1);
  assert.equal(sessions.tokenOf(other), 'token-2');
  await clock.advance(1);
  assert.equal(sessions.tokenOf(other), undefined);
});

test('one person cannot push out the others, and all together take no more than is kept', () => {
  const { sessions } = start();
  const bob = sessions.begin('of-bob', 'bob');
  const ann = Array.from({ length: 30 }, (_, index) => sessions.begin(`of-ann-${index}`, 'ann'));
  assert.equal(sessions.tokenOf(bob), 'of-bob');
  assert.deepEqual(
    ann.map((id) => sessions.tokenOf(id) !== undefined),
    ann.map((_, index) => index >= 10),
  );
  const many = Array.from({ length: 1_000 }, (_, index) => sessions.begin('of-many', `person-${index}`));
  assert.equal(sessions.tokenOf(bob), undefined);
  assert.equal(many.filter((id) => sessions.tokenOf(id) !== undefined).length, 1_000);
});
