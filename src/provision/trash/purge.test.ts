import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { createOperations, type Perform } from '../export/operations.ts';

/** Deep trees cost a disk many seconds. */
const MEMORY = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const isRoot = process.geteuid?.() === 0;

interface World {
  readonly root: string;
  readonly outside: string;
  readonly perform: Perform;
  /** Moves `doomed` into the trash, or to an archive, and returns its entry. */
  readonly trash: (kind?: 'trash' | 'archive') => Promise<string>;
}

async function worldOf(t: TestContext): Promise<World> {
  const folder = fs.mkdtempSync(join(MEMORY, 'larder-purge-'));
  t.after(() => execFileSync('rm', ['-rf', folder]));
  const root = join(folder, 'export');
  const outside = join(folder, 'outside');
  for (const made of [root, outside, join(root, 'doomed')]) fs.mkdirSync(made);
  fs.writeFileSync(join(outside, 'precious'), 'kept');
  const perform = createOperations(createManualClock());
  assert.equal((await perform({ kind: 'open', root, allowLocal: true, probe: 'p' })).kind, 'opened');
  return {
    root,
    outside,
    perform,
    async trash(kind = 'trash') {
      const moved = await perform({ kind, path: ['doomed'], volumeUid: 'u', volumeName: 'v', claim: 'a/b', at: 1e12 });
      assert.ok(moved.kind === 'moved');
      return moved.entry;
    },
  };
}

/** Purges to the end and says how many calls it took. */
async function purgeAll(perform: Perform, entry: string, maxOperations: number): Promise<number> {
  for (let calls = 1; ; calls += 1) {
    const result = await perform({ kind: 'purge', entry, maxOperations });
    assert.ok(result.kind === 'purged', JSON.stringify(result));
    if (!result.remaining) return calls;
    assert.ok(calls < 100_000);
  }
}

const leftIn = (root: string): readonly string[] => fs.readdirSync(join(root, '.larder', 'trash'));

describe('purge', () => {
  it('removes a tree of any contents and follows no link', async (t) => {
    const { root, outside, perform, trash } = await worldOf(t);
    const doomed = join(root, 'doomed');
    fs.mkdirSync(join(doomed, 'a', 'b', 'c'), { recursive: true });
    fs.mkdirSync(join(doomed, 'a', 'empty'));
    fs.symlinkSync(outside, join(doomed, 'link'));
    fs.symlinkSync(join(outside, 'precious'), join(doomed, 'a', 'b', 'c', 'link'));
    fs.linkSync(join(outside, 'precious'), join(doomed, 'a', 'hard'));
    execFileSync('mkfifo', [join(doomed, 'a', 'fifo')]);
    fs.writeFileSync(Buffer.concat([Buffer.from(`${doomed}/`), Buffer.from([0xff, 0xfe, 0x0a])]), '');
    fs.mkdirSync(Buffer.concat([Buffer.from(`${doomed}/a/`), Buffer.from([0xc3, 0x28])]));
    fs.writeFileSync(Buffer.concat([Buffer.from(`${doomed}/a/`), Buffer.from([0xc3, 0x28]), Buffer.from('/x')]), '');
    const entry = await trash();
    assert.equal(await purgeAll(perform, entry, 10_000), 1);
    assert.deepEqual(leftIn(root), []);
    assert.equal(fs.readFileSync(join(outside, 'precious'), 'utf8'), 'kept');
    assert.deepEqual(await perform({ kind: 'entries', after: '' }), { kind: 'entries', entries: [], next: '' });
  });

  it('removes a tree of 10,000 levels', async (t) => {
    const { root, perform, trash } = await worldOf(t);
    let fd = fs.openSync(join(root, 'doomed'), fs.constants.O_DIRECTORY);
    for (let level = 0; level < 10_000; level += 1) {
      if (level % 10 === 0) fs.mkdirSync(`/proc/self/fd/${fd}/twig`);
      fs.mkdirSync(`/proc/self/fd/${fd}/d`);
      const next = fs.openSync(`/proc/self/fd/${fd}/d`, fs.constants.O_DIRECTORY);
      fs.closeSync(fd);
      fd = next;
    }
    fs.closeSync(fd);
    await purgeAll(perform, await trash(), 100_000);
    assert.deepEqual(leftIn(root), []);
  });

  it('goes on where it was interrupted, with another process too', async (t) => {
    const { root, perform, trash } = await worldOf(t);
    for (let index = 0; index < 40; index += 1) {
      fs.mkdirSync(join(root, 'doomed', `${index % 4}`, `${index}`, 'x'), { recursive: true });
      fs.writeFileSync(join(root, 'doomed', `${index % 4}`, `${index}`, 'x', 'file'), '');
    }
    const entry = await trash();
    assert.deepEqual(await perform({ kind: 'purge', entry, maxOperations: 25 }), { kind: 'purged', remaining: true });
    const after = createOperations(createManualClock());
    await after({ kind: 'open', root, allowLocal: true, probe: 'q' });
    const listed = await after({ kind: 'entries', after: '' });
    assert.ok(listed.kind === 'entries');
    assert.deepEqual(
      listed.entries.map((found) => found.entry),
      [entry],
    );
    assert.ok((await purgeAll(after, entry, 25)) > 3);
    assert.deepEqual(leftIn(root), []);
  });

  it('purges an archive out of sight, and finds it again when it was interrupted', async (t) => {
    const { root, perform, trash } = await worldOf(t);
    for (let index = 0; index < 20; index += 1) fs.writeFileSync(join(root, 'doomed', `${index}`), '');
    const entry = await trash('archive');
    assert.equal(entry, 'archived-doomed');
    assert.deepEqual(await perform({ kind: 'purge', entry, maxOperations: 5 }), { kind: 'purged', remaining: true });
    assert.deepEqual(fs.readdirSync(root), ['.larder']);
    const listed = await perform({ kind: 'entries', after: '' });
    assert.ok(listed.kind === 'entries');
    assert.equal(listed.entries[0]?.entry, 'archived-doomed');
    assert.equal(await purgeAll(perform, entry, 100), 1);
    assert.deepEqual([leftIn(root), fs.readdirSync(join(root, '.larder', 'archives'))], [[], []]);
  });

  it('does not bring back what it has begun to remove', async (t) => {
    const { root, perform, trash } = await worldOf(t);
    for (let index = 0; index < 20; index += 1) fs.writeFileSync(join(root, 'doomed', `${index}`), '');
    const entry = await trash();
    assert.deepEqual(await perform({ kind: 'purge', entry, maxOperations: 5 }), { kind: 'purged', remaining: true });
    const listed = await perform({ kind: 'entries', after: '' });
    assert.ok(listed.kind === 'entries');
    assert.equal(listed.entries[0]?.removing, true);
    const back = await perform({ kind: 'restore', entry });
    assert.ok(back.kind === 'problem');
    assert.deepEqual([back.problem, back.detail], ['missing', 'is being removed, and part of it is gone already']);
    assert.equal(await purgeAll(perform, entry, 100), 1);
  });

  it('does not purge what Larder has not archived', async (t) => {
    const { root, perform } = await worldOf(t);
    fs.mkdirSync(join(root, 'archived-peer'));
    const result = await perform({ kind: 'purge', entry: 'archived-peer', maxOperations: 9 });
    assert.ok(result.kind === 'problem');
    assert.equal(result.problem, 'missing');
    assert.ok(fs.existsSync(join(root, 'archived-peer')));
  });

  it('copes with names that look like those it gives, and with someone who goes on writing', async (t) => {
    const { root, perform, trash } = await worldOf(t);
    fs.mkdirSync(join(root, 'doomed', 'a', 'b', 'c'), { recursive: true });
    const inode = fs.lstatSync(join(root, 'doomed', 'a', 'b')).ino;
    fs.mkdirSync(join(root, 'doomed', `${inode}`, 'in the way'), { recursive: true });
    fs.writeFileSync(join(root, 'doomed', `${inode}-1`), '');
    const entry = await trash();
    fs.mkdirSync(join(root, '.larder', 'trash', entry, 'a', 'late', 'later'), { recursive: true });
    await purgeAll(perform, entry, 3);
    assert.deepEqual(leftIn(root), []);
  });

  it('says what it may not remove', { skip: !isRoot && 'needs root' }, async (t) => {
    const { root, perform, trash } = await worldOf(t);
    const stuck = join(root, 'doomed', 'stuck');
    fs.writeFileSync(stuck, '');
    try {
      execFileSync('chattr', ['+i', stuck], { stdio: 'ignore' });
    } catch {
      return t.skip('this filesystem has no immutable flag');
    }
    const entry = await trash();
    const result = await perform({ kind: 'purge', entry, maxOperations: 9 });
    const [hidden = ''] = leftIn(root).filter((name) => name.startsWith('purge-'));
    execFileSync('chattr', ['-i', join(root, '.larder', 'trash', hidden, 'stuck')]);
    assert.ok(result.kind === 'problem');
    assert.deepEqual([result.problem, result.errno], ['denied', 'EPERM']);
    await purgeAll(perform, entry, 9);
  });
});
