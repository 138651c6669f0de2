import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../telemetry/clock.ts';
import { createCalls } from '../usage/calls.ts';
import { Recall } from '../usage/recall.ts';
import { openRoot } from './descriptor.ts';
import { type Budget, Walk } from './walk.ts';

/** Deep trees cost a disk many seconds. */
const MEMORY = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const unlimited: Budget = { operations: Number.MAX_SAFE_INTEGER, expired: () => false };

function folderOf(t: TestContext): string {
  const folder = fs.mkdtempSync(join(MEMORY, 'larder-walk-'));
  t.after(() => execFileSync('rm', ['-rf', folder]));
  return folder;
}

/** What du(1) says: bytes on disk and inodes. */
function du(folder: string): { readonly usedBytes: bigint; readonly inodes: bigint } {
  const tell = (...flags: string[]): bigint =>
    BigInt(
      execFileSync('du', ['-sx', ...flags, folder])
        .toString()
        .split('\t')[0] ?? '',
    );
  return { usedBytes: tell('-B512') * 512n, inodes: tell('--inodes') };
}

async function measure(
  folder: string,
  budget: Budget = unlimited,
): Promise<{ usedBytes: bigint; inodes: bigint; slices: number }> {
  const walk = await startWalk(folder);
  let slices = 1;
  while (!(await walk.advance(budget))) slices += 1;
  await walk.close();
  return { usedBytes: walk.usedBytes, inodes: walk.inodes, slices };
}

const startWalk = async (folder: string): Promise<Walk> =>
  Walk.start(await openRoot(folder), new Recall({ freshMs: 0, now: () => 0 }), createCalls(systemClock));

/** Descriptors of this process in the folder; those too deep for a path count as well. */
function openIn(folder: string): number {
  return fs.readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch (cause) {
      return cause instanceof Error && 'code' in cause && cause.code === 'ENAMETOOLONG';
    }
  }).length;
}

/** A chain of directories, made by descriptors because its path would be far longer than PATH_MAX. */
function deepTree(folder: string, levels: number, twigEvery: number): void {
  let fd = fs.openSync(folder, fs.constants.O_DIRECTORY);
  for (let level = 0; level < levels; level += 1) {
    if (level % twigEvery === 0) fs.mkdirSync(`/proc/self/fd/${fd}/a_twig`);
    fs.mkdirSync(`/proc/self/fd/${fd}/d`);
    const next = fs.openSync(`/proc/self/fd/${fd}/d`, fs.constants.O_DIRECTORY);
    fs.closeSync(fd);
    fd = next;
  }
  fs.closeSync(fd);
}

describe('walk', () => {
  it('counts what du counts: sparse files, links of every kind, odd names, special files', async (t) => {
    const folder = folderOf(t);
    fs.mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    fs.writeFileSync(join(folder, 'a', 'file'), Buffer.alloc(100_000, 1));
    fs.linkSync(join(folder, 'a', 'file'), join(folder, 'a', 'b', 'same'));
    fs.linkSync(join(folder, 'a', 'file'), join(folder, 'again'));
    fs.truncateSync(join(folder, 'a', 'file'), 10_000_000_000);
    fs.symlinkSync('/', join(folder, 'root'));
    fs.symlinkSync('..', join(folder, 'a', 'up'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x0a, 0xe2])]), 'x'.repeat(9_000));
    const { usedBytes, inodes } = await measure(folder);
    assert.deepEqual({ usedBytes, inodes }, du(folder));
  });

  it('comes to the same figures in slices of any size', async (t) => {
    const folder = folderOf(t);
    for (let index = 0; index < 60; index += 1) {
      fs.mkdirSync(join(folder, `${index % 7}`, `${index}`), { recursive: true });
      fs.writeFileSync(join(folder, `${index % 7}`, `${index}`, 'x'), 'x'.repeat(index * 1_000));
    }
    const expected = du(folder);
    for (const operations of [1, 7, 50]) {
      const { slices, ...figures } = await measure(folder, { operations, expired: () => false });
      assert.deepEqual(figures, expected);
      assert.ok(slices > 100 / operations, `${slices} slices of ${operations}`);
    }
  });

  it('stops when its time is over, and goes on from there', async (t) => {
    const folder = folderOf(t);
    for (const name of ['a', 'b', 'c']) fs.mkdirSync(join(folder, name));
    const walk = await startWalk(folder);
    assert.equal(await walk.advance({ operations: 99, expired: () => true }), false);
    assert.equal(walk.inodes, 1n);
    assert.equal(await walk.advance(unlimited), true);
    assert.equal(walk.inodes, 4n);
    await walk.close();
  });

  it('measures a tree of 10,000 levels with twigs to come back to, and leaves no file open', async (t) => {
    const folder = folderOf(t);
    deepTree(folder, 10_000, 20);
    const before = openIn(folder);
    let most = 0;
    const expired = (): boolean => {
      most = Math.max(most, openIn(folder));
      return false;
    };
    const walk = await startWalk(folder);
    while (!(await walk.advance({ operations: 5_000, expired: () => false }))) expired();
    await walk.close();
    assert.equal(walk.inodes, 10_501n);
    assert.ok(most - before < 300, `${most - before} files were open`);
    assert.equal(openIn(folder), before);
  });

  it('does not leave the tree through a directory that was swapped for a link', async (t) => {
    const folder = folderOf(t);
    const inside = join(folder, 'inside');
    fs.mkdirSync(join(folder, 'outside', 'many'), { recursive: true });
    fs.mkdirSync(join(inside, 'sub', 'below'), { recursive: true });
    const walk = await startWalk(inside);
    assert.equal(await walk.advance({ operations: 1, expired: () => false }), false); // has seen that `sub` is a directory
    fs.renameSync(join(inside, 'sub'), join(folder, 'moved'));
    fs.symlinkSync(join(folder, 'outside'), join(inside, 'sub'));
    assert.equal(await walk.advance(unlimited), true);
    assert.equal(walk.inodes, 2n);
    await walk.close();
  });

  it('closes everything when it is given up half way', async (t) => {
    const folder = folderOf(t);
    deepTree(folder, 500, 1);
    const before = openIn(folder);
    const walk = await startWalk(folder);
    await walk.advance({ operations: 900, expired: () => false });
    assert.ok(openIn(folder) > before + 2);
    await walk.close();
    assert.equal(openIn(folder), before);
  });

  it('refuses a folder that is not there', async (t) => {
    const folder = folderOf(t);
    await assert.rejects(openRoot(join(folder, 'none')), { code: 'ENOENT' });
    const fd = await openRoot(folder);
    fs.rmdirSync(folder);
    const walk = await Walk.start(fd, new Recall({ freshMs: 0, now: () => 0 }), createCalls(systemClock));
    assert.equal(await walk.advance(unlimited), true);
    await walk.close();
  });
});
