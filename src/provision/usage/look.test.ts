import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../telemetry/clock.ts';
import { openRoot } from '../directory/descriptor.ts';
import { Walk } from '../directory/walk.ts';
import { createCalls } from './calls.ts';
import { look } from './look.ts';
import { Recall } from './recall.ts';
import type { Memory } from './remembered.ts';
import { nextTick } from './tick.fixture.ts';

const MEMORY = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const DAY = 86_400_000;

interface World {
  readonly at: (...path: string[]) => string;
  /** Reads all of it, and gives what is remembered then. */
  readonly remember: () => Promise<Memory>;
  readonly look: (memory: Memory, options?: Options) => ReturnType<typeof look>;
}

interface Options {
  readonly freshMs?: number;
  /** Whether the filesystem answers at once; default true. */
  readonly quick?: boolean;
}

async function worldOf(t: TestContext): Promise<World> {
  const folder = fs.mkdtempSync(join(MEMORY, 'larder-look-'));
  const top = await openRoot(folder);
  t.after(() => {
    fs.closeSync(top);
    execFileSync('rm', ['-rf', folder, `${folder}-second`, `${folder}-tick`]);
  });
  // What was written a moment ago is not remembered, so time has passed since.
  const now = (): number => Date.now() + 60_000;
  const calls = createCalls(systemClock);
  return {
    at: (...path) => join(folder, ...path),
    async remember() {
      const recall = new Recall({ freshMs: 0, now });
      const walk = await Walk.start(await openRoot(folder), recall, calls);
      assert.ok(await walk.advance({ operations: Number.MAX_SAFE_INTEGER, expired: () => false }));
      await walk.close();
      await nextTick(`${folder}-tick`);
      return recall.memory(true) ?? assert.fail('nothing is remembered');
    },
    look(memory, { freshMs = DAY, quick = true } = {}) {
      const before = open();
      const recall = new Recall({ before: memory, freshMs, now });
      // Beside other work a single call may seem slow: what is tested is not whether this machine is busy.
      const looked = look(top, {
        memory,
        recall,
        calls: quick ? createCalls({ ...systemClock, monotonic: () => 0 }) : slow,
      });
      assert.equal(open(), before, 'no file stays open');
      return looked;
    },
  };
}

const slow = { atOnce: () => undefined };
const open = (): number => fs.readdirSync('/proc/self/fd').length;

function du(folder: string): { readonly usedBytes: bigint; readonly inodes: bigint } {
  const tell = (flag: string): bigint =>
    BigInt(execFileSync('du', ['-sx', flag, folder]).toString().split('\t')[0] ?? '');
  return { usedBytes: tell('-B512') * 512n, inodes: tell('--inodes') };
}

/** Long ago: nothing in a directory of such files is looked at. */
function age(file: string): void {
  const long = new Date(Date.now() - 40 * DAY);
  fs.utimesSync(file, long, long);
}

/** Four directories of ten files each, and a file with a name in two of them. */
function fill({ at }: World, old = false): void {
  for (const directory of ['a', 'a/b', 'c', 'e']) {
    fs.mkdirSync(at(directory));
    for (let file = 0; file < 10; file += 1) {
      fs.writeFileSync(at(directory, `f${file}`), 'x'.repeat(file * 1_000));
      if (old) age(at(directory, `f${file}`));
    }
  }
  fs.writeFileSync(at('a', 'one'), 'x'.repeat(50_000));
  fs.linkSync(at('a', 'one'), at('c', 'other'));
}

describe('a look at a small tree', () => {
  for (const old of [false, true]) {
    it(`says what du says, in few calls, when nothing has changed: ${old ? 'nobody wrote' : 'files are young'}`, async (t) => {
      const world = await worldOf(t);
      fill(world, old);
      const memory = await world.remember();
      const looked = world.look(memory) ?? assert.fail('it had to be walked');
      const { usedBytes, inodes, operations, oldest } = looked;
      assert.deepEqual({ usedBytes, inodes }, du(world.at()));
      assert.ok(operations <= (old ? 8 : 21), `${operations} calls`);
      assert.equal(oldest, Math.min(...[...memory.values()].map(({ readAt }) => readAt)));
    });
  }

  const changes: readonly (readonly [string, (at: World['at']) => void])[] = [
    ['a file more', (at) => fs.writeFileSync(at('a', 'b', 'more'), '')],
    ['a file less', (at) => fs.rmSync(at('c', 'f1'))],
    ['a directory more', (at) => fs.mkdirSync(at('more'))],
    ['a directory less', (at) => fs.rmSync(at('a', 'b'), { recursive: true })],
    [
      'a link in place of a directory',
      (at) => {
        fs.renameSync(at('c'), at('d'));
        fs.symlinkSync('d', at('c'));
      },
    ],
    ['a file that grows in place', (at) => fs.appendFileSync(at('a', 'b', 'f9'), 'x'.repeat(90_000))],
    ['a file with a second name elsewhere', (at) => fs.linkSync(at('a', 'b', 'f9'), `${at()}-second`)],
  ];
  for (const [what, change] of changes) {
    it(`leaves to a walk: ${what}`, async (t) => {
      const world = await worldOf(t);
      fill(world);
      const later = new Date(Date.now() + 1_000);
      fs.utimesSync(world.at('a', 'b', 'f9'), later, later);
      const memory = await world.remember();
      assert.ok(world.look(memory));
      change(world.at);
      assert.equal(world.look(memory), undefined);
    });
  }

  it('leaves to a walk what is to be read again, what is large, and what a slow filesystem holds', async (t) => {
    const world = await worldOf(t);
    fill(world);
    const memory = await world.remember();
    const [first] = memory.values();
    assert.ok(first);
    assert.equal(world.look(memory, { freshMs: 0 }), undefined);
    assert.equal(world.look(new Map([...memory, [first.inode, { ...first, readAt: 0 }]])), undefined);
    assert.equal(world.look(memory, { quick: false }), undefined);
    for (let directory = 0; directory < 30; directory += 1) fs.mkdirSync(world.at('c', `${directory}`));
    assert.equal(world.look(await world.remember()), undefined);
  });

  it('leaves to a walk a tree of which a part is not remembered', async (t) => {
    const world = await worldOf(t);
    fill(world);
    const memory = await world.remember();
    for (const inode of memory.keys()) {
      assert.equal(world.look(new Map([...memory].filter(([other]) => other !== inode))), undefined);
    }
  });
});
