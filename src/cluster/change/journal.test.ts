import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readJournal, startJournal } from './journal.ts';

const at = '2026-03-01T12:00:00.000Z';
const later = '2026-03-01T12:00:01.000Z';
const object = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name });
const head = {
  changeId: 'web-2',
  evidenceId: 'e1',
  command: 'larder change apply web-2',
  manifestHash: 'a'.repeat(64),
  startedAt: at,
  objects: ['a', 'b', 'c'].map(object),
};

test('whatever a power cut leaves of it: what was sent is never called not tried, and what was answered is known', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-journal-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.equal(readJournal(folder), undefined);
  const journal = startJournal(folder, head);
  assert.throws(() => startJournal(folder, head), { code: 'LARDER_CHANGE_RECORD' });
  journal.sent(0, at);
  journal.answered(0, at, { outcome: 'created', resourceVersion: '7' });
  journal.sent(1, later);
  journal.answered(1, later, { outcome: 'failed', message: 'refused' });
  journal.sent(2, later);
  const path = join(folder, 'change-apply.jsonl');
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  const whole = (length: number): number => text.slice(0, length).split('\n').length - 1;
  for (let length = 0; length <= text.length; length += 1) {
    writeFileSync(path, text.slice(0, length));
    const found = readJournal(folder);
    // A line without its end may be whole already.
    const seen = [whole(length), lines[whole(length)] === text.slice(0, length).split('\n').at(-1) ? 1 : 0];
    const count = (seen[0] ?? 0) + (seen[1] ?? 0);
    const outcomes = found?.applied.map(({ outcome }) => outcome);
    const expected = [
      ['not-tried', 'not-tried', 'not-tried'],
      ['failed', 'not-tried', 'not-tried'],
      ['created', 'not-tried', 'not-tried'],
      ['created', 'failed', 'not-tried'],
      ['created', 'failed', 'not-tried'],
      ['created', 'failed', 'failed'],
    ][Math.min(count, 6) - 1];
    assert.deepEqual(outcomes, expected, `${length} bytes`);
  }
  const found = readJournal(folder);
  assert.equal(found?.completedAt, later);
  assert.match(found?.applied[2]?.message ?? '', /not known/);
  assert.equal(found?.applied[0]?.resourceVersion, '7');
  journal.done();
  assert.equal(readJournal(folder), undefined);
});
