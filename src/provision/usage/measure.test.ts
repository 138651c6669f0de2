import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createManualClock, type ManualClock } from '../../telemetry/manual-clock.ts';
import { createOperations, type Perform } from '../export/operations.ts';
import type { Usage } from '../storage.ts';
import { createMeasure } from './measure.ts';
import { createShelf } from './shelf.ts';
import { nextTick } from './tick.fixture.ts';

const MEMORY = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface World {
  readonly root: string;
  readonly shelf: string;
  readonly clock: ManualClock;
  /** A process of the export, with nothing in its memory. */
  readonly process: () => Promise<Perform>;
  readonly at: (...path: string[]) => string;
}

function worldOf(t: TestContext): World {
  const folder = fs.mkdtempSync(join(MEMORY, 'larder-measure-'));
  t.after(() => execFileSync('rm', ['-rf', folder]));
  const root = join(folder, 'export');
  const shelf = join(folder, 'shelf');
  fs.mkdirSync(join(root, 'v'), { recursive: true });
  // What was written a moment ago is not trusted to show its next change, so time has passed since the test wrote it.
  const clock = createManualClock(Date.now() + 60_000);
  return {
    root,
    shelf,
    clock,
    at: (...path) => join(root, 'v', ...path),
    async process() {
      const perform = createOperations(clock);
      const open = { kind: 'open', root, allowLocal: true, probe: 'p', usageFolder: shelf } as const;
      assert.equal((await perform(open)).kind, 'opened');
      return perform;
    },
  };
}

/** A measurement to its end, with the calls that it took. */
async function measure(
  perform: Perform,
  freshMs: number,
  maxOperations = 1_000_000,
): Promise<Usage & { slices: number }> {
  let operations = 0;
  for (let slices = 1; ; slices += 1) {
    const result = await perform({ kind: 'usage', path: ['v'], maxOperations, freshMs });
    if (result.kind !== 'usage') assert.fail(JSON.stringify(result));
    operations += result.operations;
    if (result.complete) return { ...result, operations, slices };
    assert.ok(slices < 10_000);
  }
}

function du(folder: string): { readonly usedBytes: bigint; readonly inodes: bigint } {
  const tell = (flag: string): bigint =>
    BigInt(execFileSync('du', ['-sx', flag, folder]).toString().split('\t')[0] ?? '');
  return { usedBytes: tell('-B512') * 512n, inodes: tell('--inodes') };
}

const figures = ({ usedBytes, inodes }: Usage) => ({ usedBytes, inodes });

function fill(folder: string, directories: number, files: number): void {
  for (let directory = 0; directory < directories; directory += 1) {
    const path = join(folder, `d${directory % 7}`, `e${directory}`);
    fs.mkdirSync(path, { recursive: true });
    for (let file = 0; file < files; file += 1) fs.writeFileSync(join(path, `f${file}`), 'x'.repeat(file * 10));
  }
}

describe('measuring again', () => {
  it('costs a small part of the first time when nothing has changed, and says the same', async (t) => {
    const { at, process } = worldOf(t);
    fill(at(), 60, 200);
    const perform = await process();
    const first = await measure(perform, DAY);
    assert.deepEqual(figures(first), du(at()));
    const again = await measure(perform, DAY);
    assert.deepEqual(figures(again), figures(first));
    assert.ok(again.operations < first.operations * 0.05, `${again.operations} of ${first.operations} calls`);
    assert.equal(again.readAt, first.readAt);
  });

  it('reads everything when it is told to', async (t) => {
    const { at, clock, process } = worldOf(t);
    fill(at(), 10, 20);
    const perform = await process();
    const first = await measure(perform, DAY);
    await clock.advance(HOUR);
    const again = await measure(perform, 0);
    assert.ok(again.operations >= first.operations);
    assert.equal(again.readAt, clock.now());
  });

  const changes: readonly (readonly [string, (at: World['at']) => void])[] = [
    ['a file more, deep down', (at) => fs.writeFileSync(at('d3', 'e3', 'more'), 'x'.repeat(50_000))],
    ['a file less', (at) => fs.rmSync(at('d3', 'e10', 'f3'))],
    ['a directory more', (at) => fs.mkdirSync(at('d0', 'more', 'and more'), { recursive: true })],
    ['a tree less', (at) => fs.rmSync(at('d2'), { recursive: true })],
    ['a tree moved', (at) => fs.renameSync(at('d2', 'e2'), at('d1', 'moved'))],
    [
      'a directory replaced by another of its name',
      (at) => {
        fs.rmSync(at('d2'), { recursive: true });
        fs.mkdirSync(at('d2', 'e2'), { recursive: true });
      },
    ],
    [
      'a file replaced under its name',
      (at) => {
        fs.writeFileSync(at('new'), 'x'.repeat(300_000));
        fs.renameSync(at('new'), at('d4', 'e4', 'f0'));
      },
    ],
    [
      'a link in place of a directory',
      (at) => {
        fs.renameSync(at('d2'), at('..', 'elsewhere'));
        fs.symlinkSync('../elsewhere', at('d2'));
      },
    ],
    ['the file that is written to grows in place', (at) => fs.appendFileSync(at('d1', 'e1', 'f9'), 'x'.repeat(70_000))],
    ['the file that is written to shrinks in place', (at) => fs.truncateSync(at('d1', 'e1', 'f9'), 0)],
  ];
  for (const [what, change] of changes) {
    it(`sees at once: ${what}`, async (t) => {
      const { at, process } = worldOf(t);
      fill(at(), 20, 10);
      const later = new Date(Date.now() + 1_000);
      fs.utimesSync(at('d1', 'e1', 'f9'), later, later);
      const perform = await process();
      await measure(perform, DAY);
      await measure(perform, DAY);
      await nextTick(at('..', 'tick'));
      change(at);
      assert.deepEqual(figures(await measure(perform, DAY)), du(at()));
      assert.deepEqual(figures(await measure(perform, DAY)), du(at()), 'and once more');
    });
  }

  it('sees a cold file that grows in place when its directory is read again, within the time that was said', async (t) => {
    const { at, clock, process } = worldOf(t);
    fill(at(), 3, 30);
    const long = new Date(Date.now() - 40 * DAY);
    for (let file = 0; file < 30; file += 1) fs.utimesSync(at('d1', 'e1', `f${file}`), long, long);
    const perform = await process();
    const before = await measure(perform, DAY);
    fs.appendFileSync(at('d1', 'e1', 'f2'), 'x'.repeat(500_000));
    fs.utimesSync(at('d1', 'e1', 'f2'), long, long);
    assert.deepEqual(figures(await measure(perform, DAY)), figures(before), 'this is what freshMs gives up');
    await clock.advance(DAY);
    const after = await measure(perform, DAY);
    assert.deepEqual(figures(after), du(at()));
    assert.equal(after.readAt, clock.now());
  });

  it('counts a file twice whose second name is new, until the directory of the first is read again', async (t) => {
    const { at, clock, process } = worldOf(t);
    fill(at(), 8, 10);
    const perform = await process();
    await measure(perform, DAY);
    fs.linkSync(at('d5', 'e5', 'f1'), at('d6', 'link'));
    assert.equal((await measure(perform, DAY)).inodes, du(at()).inodes + 1n);
    await clock.advance(DAY);
    assert.deepEqual(figures(await measure(perform, DAY)), du(at()));
  });

  it('sees a large file that grows in place however long it was left alone', async (t) => {
    const { at, process } = worldOf(t);
    fill(at(), 2, 5);
    const long = new Date(Date.now() - 40 * DAY);
    fs.writeFileSync(at('d1', 'table'), Buffer.alloc(2 ** 21, 1));
    fs.utimesSync(at('d1', 'table'), long, long);
    const perform = await process();
    await measure(perform, DAY);
    fs.appendFileSync(at('d1', 'table'), Buffer.alloc(100_000, 1));
    assert.deepEqual(figures(await measure(perform, DAY)), du(at()));
  });

  it('does not trust a directory that changed a moment before it was read', async (t) => {
    const { at, process, clock } = worldOf(t);
    fill(at(), 2, 5);
    const perform = await process();
    const soon = new Date(clock.now() - 500);
    fs.utimesSync(at('d1', 'e1'), soon, soon);
    await measure(perform, DAY);
    fs.writeFileSync(at('d1', 'e1', 'late'), 'x'.repeat(9_000));
    fs.utimesSync(at('d1', 'e1'), soon, soon);
    assert.deepEqual(figures(await measure(perform, DAY)), du(at()));
  });

  it('counts hard links once, whichever of their directories was read', async (t) => {
    const { at, process } = worldOf(t);
    fill(at(), 8, 2);
    fs.writeFileSync(at('d0', 'one'), Buffer.alloc(90_000, 1));
    for (const place of ['d1', 'd2', 'd3']) fs.linkSync(at('d0', 'one'), at(place, 'same'));
    const perform = await process();
    await measure(perform, DAY);
    fs.writeFileSync(at('d2', 'touch'), '');
    assert.deepEqual(figures(await measure(perform, DAY)), du(at()));
    fs.rmSync(at('d0', 'one'));
    assert.deepEqual(figures(await measure(perform, DAY)), du(at()));
  });

  it('goes on after a restart: with what was complete, and with a walk that was interrupted', async (t) => {
    const { at, process, shelf } = worldOf(t);
    fill(at(), 100, 20);
    const first = await process();
    let spent = 0;
    for (let slice = 0; slice < 8; slice += 1) {
      const result = await first({ kind: 'usage', path: ['v'], maxOperations: 150, freshMs: DAY });
      assert.ok(result.kind === 'usage' && !result.complete);
      spent += result.operations;
    }
    assert.equal(fs.readdirSync(shelf).length, 1);
    const second = await process();
    const rest = await measure(second, DAY);
    assert.deepEqual(figures(rest), du(at()));
    assert.ok(rest.operations < 2_500 - spent * 0.6, `${rest.operations} after ${spent}`);
    const third = await process();
    assert.deepEqual(figures(await measure(third, DAY)), du(at()));
  });

  it('takes a file that is not whole, or of another tree, for nothing', async (t) => {
    const { at, process, shelf } = worldOf(t);
    fill(at(), 5, 5);
    await measure(await process(), DAY);
    const [name = ''] = fs.readdirSync(shelf);
    const file = join(shelf, name);
    const text = fs.readFileSync(file, 'latin1');
    for (const bad of [
      text.slice(0, -20),
      '',
      'nonsense',
      text.replace('/export v', '/export w'),
      text.replace(/\d+/g, 'x'),
    ]) {
      assert.notEqual(bad, text);
      fs.writeFileSync(file, bad, 'latin1');
      assert.deepEqual(figures(await measure(await process(), DAY)), du(at()));
    }
  });

  it('measures a directory of 60,000 entries without all their names in memory', async (t) => {
    const { at, process } = worldOf(t);
    const fd = fs.openSync(at(), 'r');
    for (let file = 0; file < 60_000; file += 1) {
      fs.closeSync(fs.openSync(`/proc/self/fd/${fd}/entry-${file}`, 'w'));
    }
    fs.closeSync(fd);
    const perform = await process();
    const first = await measure(perform, DAY, 5_000);
    assert.deepEqual(figures(first), du(at()));
    assert.ok(first.slices > 10, `${first.slices}`);
    const again = await measure(perform, DAY, 5_000);
    assert.deepEqual(figures(again), figures(first));
    assert.ok(again.operations < 20, `${again.operations} calls`);
  });
});

describe('a filesystem that counts the directory itself', () => {
  const BLOCK = 4_096n;
  const LIMIT = 1n << 32n;
  const TOTAL = 1n << 40n;
  const budget = { operations: 1_000_000, expired: () => false };

  /** Says of the volume what `du` does and of the root what a disk would. */
  function counting(t: TestContext) {
    const { at, clock } = worldOf(t);
    fill(at(), 60, 40);
    const calls = { statfs: 0, problem: undefined as Error | undefined };
    const measure = createMeasure({
      clock,
      shelf: createShelf({ folder: '', name: '', clock }),
      cpuMs: () => 0,
      statfs: async (fd) => {
        calls.statfs += 1;
        if (calls.problem) throw calls.problem;
        const top = fs.readlinkSync(`/proc/self/fd/${fd}`) === at();
        const [total, used] = top ? [LIMIT, du(at()).usedBytes] : [TOTAL, TOTAL / 2n];
        return { bsize: BLOCK, blocks: total / BLOCK, bfree: (total - used) / BLOCK };
      },
    });
    const root = fs.openSync(at('..'), 'r');
    t.after(() => fs.closeSync(root));
    const ask = async (freshMs: number | undefined) => {
      const open = async () => fs.openSync(at(), 'r');
      const usage = await measure({ subject: 'v', freshMs, root, open }, budget);
      if (usage.kind !== 'usage') assert.fail(JSON.stringify(usage));
      assert.ok(usage.complete);
      return usage;
    };
    return { at, ask, calls, clock, open: () => fs.readdirSync('/proc/self/fd').length };
  }

  it('is asked in place of walking once a walk has said the same, and is walked again after an hour', async (t) => {
    const { at, ask, calls, clock, open } = counting(t);
    const first = await ask(DAY);
    assert.equal(calls.statfs, 0, 'it is not known yet whether that is worth it');
    const files = open();
    await ask(DAY);
    const asked = await ask(DAY);
    assert.ok(asked.operations < 10 && first.operations > 1_000, `${asked.operations} of ${first.operations}`);
    assert.deepEqual(figures(asked), du(at()));
    fs.appendFileSync(at('d3', 'e3', 'f7'), 'x'.repeat(3_000_000)); // a walk that remembers passes it over
    await clock.advance(HOUR - 1);
    const later = await ask(DAY);
    assert.deepEqual(figures(later), du(at()));
    assert.equal(later.readAt, clock.now());
    fs.writeFileSync(at('new'), 'x');
    assert.equal((await ask(DAY)).inodes, du(at()).inodes - 1n, 'inodes are those of the walk');
    await clock.advance(1);
    const again = await ask(0);
    assert.deepEqual(figures(again), du(at()));
    assert.equal(open(), files, 'no file stays open');
  });

  it('is not asked when all is to be read, nor for what lies in the trash', async (t) => {
    const { ask, calls } = counting(t);
    for (let time = 0; time < 3; time += 1) assert.ok((await ask(undefined)).operations > 1_000);
    assert.equal(calls.statfs, 0);
    for (let time = 0; time < 3; time += 1) assert.ok((await ask(0)).operations > 1_000);
  });

  it('is walked where it has no answer, and is unavailable where the server is', async (t) => {
    const { at, ask, calls } = counting(t);
    for (let time = 0; time < 3; time += 1) await ask(DAY);
    const failing = (code: string, errno: number) => Object.assign(new Error(code), { code, errno, syscall: 'statfs' });
    calls.problem = failing('ENOSYS', -38);
    assert.deepEqual(figures(await ask(DAY)), du(at()));
    calls.problem = failing('EIO', -5);
    await assert.rejects(ask(DAY), /EIO/);
  });
});

describe('weighing what lies in the trash', () => {
  it('says what an entry holds, and that there is none', async (t) => {
    const { at, process } = worldOf(t);
    fill(at(), 5, 5);
    const expected = du(at());
    const perform = await process();
    const moved = await perform({
      kind: 'archive',
      path: ['v'],
      volumeUid: 'u',
      volumeName: 'v',
      claim: 'a/b',
      at: 1e12,
    });
    assert.ok(moved.kind === 'moved');
    const weighed = await perform({ kind: 'weigh', entry: moved.entry, maxOperations: 9_999 });
    assert.ok(weighed.kind === 'usage' && weighed.complete);
    assert.deepEqual(figures(weighed), expected);
    for (const entry of ['archived-none', '../v', 'v', '']) {
      const none = await perform({ kind: 'weigh', entry, maxOperations: 9 });
      assert.ok(none.kind === 'problem' && none.problem === 'missing', entry);
    }
  });
});
