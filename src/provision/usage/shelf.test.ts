import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import type { Memory, Remembered } from './remembered.ts';
import { createShelf } from './shelf.ts';

const DAY = 86_400_000;

function folderOf(t: TestContext): string {
  const folder = fs.mkdtempSync(join(tmpdir(), 'larder-shelf-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}

/** Of so many directories; each takes some 25 bytes. */
function memoryOf(directories: number): Memory {
  const record = (inode: bigint): Remembered => ({
    inode,
    mtimeNs: 1_700_000_000_000_000_000n,
    ctimeNs: 1_700_000_000_000_000_000n,
    readAt: 1_700_000_000_000,
    blocks: 8n,
    files: 1n,
    subdirectories: [],
    linked: [],
    hot: [],
  });
  return new Map(Array.from({ length: directories }, (_, index) => [BigInt(index), record(BigInt(index))]));
}

/** What buffers take once all that nobody holds is collected. */
function bufferBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  assert.ok(typeof collect === 'function');
  collect();
  return process.memoryUsage().arrayBuffers;
}

describe('a shelf', () => {
  it('gives back what it was given, after a restart too, to nobody else', async (t) => {
    const folder = folderOf(t);
    const clock = createManualClock(Date.now());
    const memory = memoryOf(3);
    await createShelf({ folder, name: '/export', clock }).write('a/b', memory);
    assert.deepEqual(await createShelf({ folder, name: '/export', clock }).read('a/b'), memory);
    assert.equal(await createShelf({ folder, name: '/other', clock }).read('a/b'), undefined);
    assert.equal(await createShelf({ folder, name: '/export', clock }).read('a'), undefined);
    assert.ok(fs.readdirSync(folder).every((name) => (fs.statSync(join(folder, name)).mode & 0o077) === 0));
  });

  it('writes a file anew once in five minutes at most', async (t) => {
    const folder = folderOf(t);
    const clock = createManualClock(Date.now());
    const shelf = createShelf({ folder, name: '/export', clock });
    const stored = async () => (await createShelf({ folder, name: '/export', clock }).read('a'))?.size;
    await shelf.write('a', memoryOf(1));
    await shelf.write('a', memoryOf(2));
    assert.equal(await stored(), 1);
    assert.equal((await shelf.read('a'))?.size, 2);
    await clock.advance(301_000);
    await shelf.write('a', memoryOf(3));
    assert.equal(await stored(), 3);
  });

  it('keeps no more in memory than it may, and lets the least recent go first', async (t) => {
    const clock = createManualClock();
    const shelf = createShelf({ folder: '', name: '/export', clock });
    const large = memoryOf(20_000);
    for (let index = 0; index < 24; index += 1) await shelf.write(`tree${index}`, large);
    assert.equal((await shelf.read('tree0'))?.size, undefined);
    assert.equal((await shelf.read('tree23'))?.size, 20_000);
    await shelf.write('huge', memoryOf(150_000));
    assert.equal((await shelf.read('huge'))?.size, undefined);
    assert.equal((await shelf.read('tree23'))?.size, 20_000);
    t.diagnostic('trees of 20,000 directories');
  });

  it('does not keep alive, with each short text, whatever else was in memory beside it', async () => {
    const shelf = createShelf({ folder: '', name: '/export', clock: createManualClock() });
    const before = bufferBytes();
    for (let index = 0; index < 1_000; index += 1) {
      await shelf.write(`tree${index}`, memoryOf(1));
      for (let name = 0; name < 1_000; name += 1) Buffer.from(`name-${name}`); // as a walk makes them, of the same slabs
    }
    let keptBytes = bufferBytes() - before;
    // Buffers are freed by other threads some time after they were collected; what is kept alive stays however often one asks.
    for (let again = 0; keptBytes >= 1_000_000 && again < 50; again += 1) {
      await setTimeout(20);
      keptBytes = bufferBytes() - before;
    }
    assert.ok(keptBytes < 1_000_000, `${keptBytes} bytes of buffers for 1,000 trees of a hundred bytes`);
    assert.equal((await shelf.read('tree0'))?.size, 1);
  });

  it('forgets files that nobody has read for a month, and leaves other files alone', async (t) => {
    const folder = folderOf(t);
    const clock = createManualClock(Date.now());
    const first = createShelf({ folder, name: '/export', clock });
    await first.write('gone', memoryOf(1));
    await first.write('lives', memoryOf(1));
    fs.writeFileSync(join(folder, 'mine.txt'), '');
    const long = new Date(Date.now() - 40 * DAY);
    for (const name of fs.readdirSync(folder)) fs.utimesSync(join(folder, name), long, long);
    await createShelf({ folder, name: '/export', clock: createManualClock(Date.now() - 20 * DAY) }).read('lives');
    assert.equal(fs.readdirSync(folder).length, 3);
    await createShelf({ folder, name: '/export', clock }).read('another');
    assert.deepEqual(
      fs.readdirSync(folder).filter((name) => !name.endsWith('.usage')),
      ['mine.txt'],
    );
    assert.equal((await createShelf({ folder, name: '/export', clock }).read('lives'))?.size, 1);
    assert.equal(await createShelf({ folder, name: '/export', clock }).read('gone'), undefined);
  });

  it('gives nothing and complains about nothing where it may not write', async () => {
    const shelf = createShelf({ folder: '/proc/none', name: '/export', clock: createManualClock() });
    await shelf.write('a', memoryOf(1));
    assert.equal((await shelf.read('a'))?.size, 1);
    assert.equal(await shelf.read('b'), undefined);
  });
});
