import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineReader, parseRunEvent } from './run-event.ts';

test('a result is read with what it says, and what it leaves out', () => {
  const line =
    '{"event":"result","host":"n1","outcome":"changed","elapsedMs":12,"task":"Write","path":"/r/t.yml:3","role":"base_os","diff":"+a","new":1}';
  assert.deepEqual(parseRunEvent(line), {
    event: 'result',
    host: 'n1',
    outcome: 'changed',
    elapsedMs: 12,
    task: 'Write',
    path: '/r/t.yml:3',
    role: 'base_os',
    diff: '+a',
  });
  const recap = parseRunEvent('{"event":"recap","hosts":{"n1":{"ok":3,"failures":1,"changed":2}}}');
  assert.deepEqual(recap, {
    event: 'recap',
    hosts: { n1: { ok: 3, changed: 2, failed: 1, unreachable: 0, skipped: 0, rescued: 0, ignored: 0 } },
  });
});

test('what is no event is no event', () => {
  for (const line of ['', 'words', '{"event":"result"', '{"event":"other"}', '{"event":"result","host":1}', '[]'])
    assert.equal(parseRunEvent(line), undefined, line);
});

test('lines are whole, however the stream was cut', () => {
  const lines: string[] = [];
  const read = lineReader((line) => lines.push(line));
  for (const piece of ['{"a"', ':1}\n{"b":', '2}', '\n\n{"cut']) read(piece);
  assert.deepEqual(lines, ['{"a":1}', '{"b":2}', '']);
});
