import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import type { ConversionOutcome } from './conversion-process.ts';
import { createConversions } from './conversions.ts';

const nobodyLeaves = new AbortController().signal;

/** Conversions that end when the test says so. */
function held() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const conversions = createConversions({
    clock: systemClock,
    log: silentLog,
    run: (body) =>
      new Promise<ConversionOutcome>((resolve) => {
        begun.push(body.toString());
        ends.push(() => resolve({ kind: 'answer', packed: body }));
      }),
  });
  const ask = (name: string, signal = nobodyLeaves, who = name) =>
    conversions.convert({ who, body: Buffer.from(name) }, signal);
  /** Until what was asked has had its turn. */
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { begun, ends, ask, settle };
}

test('one at a time, in the order in which they were asked', async () => {
  const { begun, ends, ask, settle } = held();
  const both = [ask('first'), ask('second')];
  await settle();
  assert.deepEqual(begun, ['first']);
  ends[0]?.();
  await both[0];
  await settle();
  assert.deepEqual(begun, ['first', 'second']);
  ends[1]?.();
  await both[1];
});

test('when too many wait, one more is turned away; a turn later there is room', async () => {
  const { ends, ask, settle } = held();
  const present = ['1', '2', '3', '4', '5'].map((name) => ask(name));
  assert.equal(await ask('6'), undefined);
  await settle();
  ends[0]?.();
  await present[0];
  const last = ask('7');
  for (const index of [1, 2, 3, 4, 5]) {
    await settle();
    ends[index]?.();
  }
  assert.equal((await last)?.kind, 'answer');
});

test('who left before the turn is passed over, and the next one has it', async () => {
  const { begun, ends, ask, settle } = held();
  const leaver = new AbortController();
  const first = ask('first');
  const left = ask('left', leaver.signal);
  const next = ask('next');
  leaver.abort(new Error('the connection was closed'));
  await settle();
  ends[0]?.();
  await first;
  await assert.rejects(left, /connection was closed/);
  await settle();
  assert.deepEqual(begun, ['first', 'next']);
  ends[1]?.();
  await next;
});

test('one person does not take all places, and who asks anew has the place that was left', async () => {
  const { begun, ends, ask, settle } = held();
  const leaver = new AbortController();
  const own = ['1', '2'].map((name) => ask(name, nobodyLeaves, 'ann'));
  const left = ask('left', leaver.signal, 'ann');
  assert.equal(await ask('too many', nobodyLeaves, 'ann'), undefined);
  const other = ask('other', nobodyLeaves, 'bob');
  leaver.abort(new Error('the connection was closed'));
  const anew = ask('anew', nobodyLeaves, 'ann');
  const gone = assert.rejects(left, /connection was closed/);
  for (const index of [0, 1, 2, 3]) {
    while (begun.length <= index) await settle();
    ends[index]?.();
  }
  await gone;
  assert.deepEqual(
    (await Promise.all([...own, other, anew])).map((outcome) => outcome?.kind),
    [...['answer', 'answer', 'answer', 'answer']],
  );
  assert.deepEqual(begun, ['1', '2', 'other', 'anew']);
});
