import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createLog } from '../../telemetry/log.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { openHistory } from './history-store.ts';
import { privateFile } from './private-file.ts';
import { openSamples } from './samples.ts';
import { followCapacity } from './track.ts';

const track = followCapacity(undefined, 10n, 0);
const uid = '7d3f0a52-0000-4000-8000-000000000001';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-private-'));
  const mask = process.umask(0o022);
  t.after(() => {
    process.umask(mask);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** Of the file and of what SQLite has beside it. */
function modesOf(path: string): readonly string[] {
  return ['', '-wal', '-shm'].filter((end) => existsSync(path + end)).map((end) => modeOf(path + end));
}

function openBoth(folder: string) {
  const samples = openSamples(join(folder, 'samples.db'));
  const clock = createManualClock();
  const log = createLog({ level: 'silent' });
  const history = openHistory({ path: join(folder, 'history.db'), retentionMs: 86_400_000, clock, log });
  return { samples, history, clock };
}

test('what is remembered of volumes is readable for its owner alone, also what SQLite has beside it', (t) => {
  const folder = folderOf(t);
  const { samples, history, clock } = openBoth(folder);
  samples.save(new Map([[uid, track]]));
  history.add([{ uid, at: clock.now(), usedBytes: 5n, capacityBytes: 10n }]);
  for (const name of ['samples.db', 'history.db']) {
    assert.deepEqual(modesOf(join(folder, name)), ['600', '600', '600'], name);
  }
  samples.close();
  history.close();
});

test('files of an earlier version that all could read are closed, and what they hold is there', (t) => {
  const folder = folderOf(t);
  const first = openBoth(folder);
  const at = first.clock.now();
  first.samples.save(new Map([[uid, track]]));
  first.history.add([{ uid, at, usedBytes: 5n, capacityBytes: 10n }]);
  first.samples.close();
  first.history.close();
  for (const name of ['samples.db', 'history.db']) chmodSync(join(folder, name), 0o644);
  const second = openBoth(folder);
  assert.deepEqual([...second.samples.load().keys()], [uid]);
  assert.equal(second.history.points(uid, at - 1_000, at + 1_000).length, 1);
  for (const name of ['samples.db', 'history.db']) assert.equal(modeOf(join(folder, name)), '600', name);
  second.samples.close();
  second.history.close();
});

test('a file that its group may write stays so, and is closed to others', (t) => {
  const path = join(folderOf(t), 'shared.db');
  for (const [before, after] of [
    [0o664, '660'],
    [0o660, '660'],
    [0o644, '600'],
    [0o640, '600'],
    [0o600, '600'],
  ] as const) {
    writeFileSync(path, '');
    chmodSync(path, before);
    privateFile(path);
    assert.equal(modeOf(path), after);
  }
});

test('a file that cannot be made is told as SQLite tells it', (t) => {
  const path = join(folderOf(t), 'missing', 'samples.db');
  privateFile(path);
  assert.throws(() => openSamples(path), { code: 'LARDER_EXPAND_SAMPLES_UNUSABLE', message: /unable to open/ });
});
