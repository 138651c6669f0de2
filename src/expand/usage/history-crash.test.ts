import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { Log } from '../../telemetry/log.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { NOW } from '../decide.fixture.ts';
import { openHistory } from './history-store.ts';

const DAY = 86_400_000;
const fixture = join(import.meta.dirname, 'history-crash.fixture.ts');

/** Kills it when it has said so many minutes; resolves with the last that it said whole. */
function killedAfter(
  t: TestContext,
  path: string,
  { first, lines }: { first: number; lines: number },
): Promise<number> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fixture, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
    if (text.split('\n').length > lines) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(Number(text.split('\n').at(-2))));
  });
}

test('killed at any moment, the history has every measurement that was added, once, and goes on', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-history-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'history.db');
  let first = 0;
  for (const lines of [1, 73, 160, 7, 411]) {
    const last = await killedAfter(t, path, { first, lines });
    assert.ok(last >= first + 5 * (lines - 1), `${last} after ${lines} lines from ${first}`);
    const log: Log = {
      debug: () => undefined,
      info: () => undefined,
      warn: assert.fail,
      error: assert.fail,
      child: () => log,
    };
    const clock = createManualClock(NOW + last * 60_000);
    const store = openHistory({ path, retentionMs: 5 * DAY, clock, log });
    for (const uid of ['a', 'b', 'c']) {
      const kept = store.points(uid, NOW + (last - 60) * 60_000, NOW + last * 60_000);
      const expected = Math.min(13, last / 5 + 1);
      assert.equal(kept.length, expected, `${kept.length} of the last hour of ${uid}`);
      for (const { at, usedBytes } of kept) assert.equal(usedBytes, BigInt((at - NOW) / 60_000) * 4_096n);
      const all = store.points(uid, NOW, NOW + last * 60_000);
      assert.equal(new Set(all.map(({ at }) => at)).size, all.length);
      assert.ok(all.length >= Math.min(last / 5 + 1, (5 * DAY - 6 * 3_600_000) / 300_000));
    }
    store.close();
    first = last + 5;
  }
  const database = new DatabaseSync(path, { readOnly: true });
  t.after(() => database.close());
  assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('damaged')),
    [],
  );
});
