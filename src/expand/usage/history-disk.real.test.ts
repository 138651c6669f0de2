/** The history of usage on a disk that is full, and on one that has room again. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Log } from '../../telemetry/log.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { GIB, NOW } from '../decide.fixture.ts';
import { type HistoryStore, KEPT_EVERY_MS, type Recorded } from './history.ts';
import { openHistory } from './history-store.ts';

const DAY = 86_400_000;

test('a full disk is said once, keeps what is there, and gets the rest when it has room', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-history-'));
  const stores: HistoryStore[] = [];
  t.after(() => {
    for (const store of stores) store.close();
    spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'larder', folder], { encoding: 'utf8' });
  if (mounted.status !== 0) return t.skip(`a small disk cannot be mounted here: ${mounted.stderr || mounted.error}`);

  const said: string[] = [];
  const note = (_fields: object, message: string): void => void said.push(message);
  const log: Log = { debug: () => undefined, info: note, warn: note, error: note, child: () => log };
  const clock = createManualClock(NOW);
  const path = join(folder, 'history.db');
  const store = openHistory({ path, retentionMs: 30 * DAY, clock, log });
  stores.push(store);
  const uids = Array.from({ length: 20 }, (_, index) => `volume-${index}`);
  let passes = 0;
  const pass = (): void => {
    const at = NOW + passes * KEPT_EVERY_MS;
    store.add(uids.map((uid): Recorded => ({ uid, at, usedBytes: BigInt(passes) << 20n, capacityBytes: 10n * GIB })));
    passes += 1;
    clock.stepWall(KEPT_EVERY_MS);
  };
  const known = (): number => store.points('volume-7', NOW, clock.now()).length;

  for (let each = 0; each < 12; each += 1) pass();
  const ballast = join(folder, 'ballast');
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, Buffer.alloc(bavail * bsize));
  for (let each = 0; each < 100; each += 1) pass();
  assert.deepEqual(said, ['the usage of volumes is not kept for now']);
  assert.equal(known(), 112, 'what waits for the disk is answered too');
  rmSync(ballast);
  pass();
  assert.deepEqual(said, ['the usage of volumes is not kept for now', 'the usage of volumes is kept again']);
  store.close();
  const again = openHistory({ path, retentionMs: 30 * DAY, clock, log });
  stores.push(again);
  assert.equal(again.points('volume-7', NOW, clock.now()).length, 113);
  assert.equal(said.length, 2);
});
