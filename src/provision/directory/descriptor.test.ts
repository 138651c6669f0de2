import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { isRoot, modeOf, moveOf, problemOf, worldOf } from '../export/operations.fixture.ts';

describe('hostile entries', () => {
  it('refuses whatever is no directory, as the last and as a middle component, and leaves it there', async (t) => {
    const { ensure, perform, at, outside } = await worldOf(t);
    fs.symlinkSync(outside, at('link'));
    fs.symlinkSync('nowhere', at('dangling'));
    fs.symlinkSync('.', at('self'));
    fs.writeFileSync(at('file'), 'x');
    execFileSync('mkfifo', [at('fifo')]);
    const socket = createServer().listen(at('socket'));
    t.after(() => socket.close());
    await new Promise((resolve) => socket.once('listening', resolve));
    const cases: readonly (readonly [string, string])[] = [
      ['link', 'symbolic-link'],
      ['dangling', 'symbolic-link'],
      ['self', 'symbolic-link'],
      ['file', 'not-a-directory'],
      ['fifo', 'not-a-directory'],
      ['socket', 'not-a-directory'],
    ];
    for (const [name, problem] of cases) {
      const before = fs.lstatSync(at(name));
      for (const path of [[name], [name, 'below']]) {
        assert.equal(await problemOf(ensure(path)), problem, path.join('/'));
        assert.equal(await problemOf(perform({ kind: 'trash', ...moveOf(path) })), problem, path.join('/'));
        assert.equal(await problemOf(perform({ kind: 'archive', ...moveOf(path) })), problem, path.join('/'));
        assert.equal(await problemOf(perform({ kind: 'discard', path })), problem, path.join('/'));
        assert.equal(await problemOf(perform({ kind: 'inspect', path })), problem, path.join('/'));
        assert.equal(
          await problemOf(perform({ kind: 'usage', path, maxOperations: 9, freshMs: 0 })),
          problem,
          path.join('/'),
        );
        assert.equal(await problemOf(perform({ kind: 'list', path })), problem, path.join('/'));
      }
      assert.equal(fs.lstatSync(at(name)).ino, before.ino);
    }
    assert.deepEqual(fs.readdirSync(outside), []);
  });

  it('refuses a device node', { skip: !isRoot && 'needs root' }, async (t) => {
    const { ensure, at } = await worldOf(t);
    execFileSync('mknod', [at('null'), 'c', '1', '3']);
    assert.equal(await problemOf(ensure(['null'])), 'not-a-directory');
  });

  it('refuses a mount point, of another filesystem and of its own', async (t) => {
    const { ensure, perform, at } = await worldOf(t);
    for (const name of ['other', 'bound', 'source', 'tree']) fs.mkdirSync(at(name));
    fs.mkdirSync(at('tree', 'inner'));
    fs.writeFileSync(at('source', 'precious'), 'x');
    const mounts = [
      ['-t', 'tmpfs', 'tmpfs', at('other')],
      ['--bind', at('source'), at('bound')],
      ['--bind', at('source'), at('tree', 'inner')],
    ];
    try {
      for (const mount of mounts) execFileSync('mount', mount, { stdio: 'ignore' });
    } catch {
      return t.skip('mount(8) is not permitted here');
    }
    try {
      for (const path of [['other'], ['other', 'x']]) assert.equal(await problemOf(ensure(path)), 'other-filesystem');
      assert.equal(await problemOf(perform({ kind: 'trash', ...moveOf(['other']) })), 'other-filesystem');
      fs.chmodSync(at('source'), 0o700);
      for (const path of [['bound'], ['bound', 'x']]) assert.equal(await problemOf(ensure(path)), 'other-filesystem');
      assert.equal(modeOf(at('source')), 0o700);
      assert.equal(await problemOf(perform({ kind: 'trash', ...moveOf(['bound']) })), 'other-filesystem');
      assert.equal(await problemOf(perform({ kind: 'discard', path: ['bound'] })), 'other-filesystem');
      const moved = await perform({ kind: 'trash', ...moveOf(['tree']) });
      assert.ok(moved.kind === 'moved');
      const purge = perform({ kind: 'purge', entry: moved.entry, maxOperations: 1_000 });
      assert.equal(await problemOf(purge), 'other-filesystem');
      assert.equal(fs.readFileSync(at('source', 'precious'), 'utf8'), 'x');
    } finally {
      const mounted = fs.readFileSync('/proc/self/mounts', 'utf8').split('\n');
      for (const line of mounted.reverse()) {
        const point = line.split(' ')[1] ?? '';
        if (point.startsWith(at())) execFileSync('umount', [point]);
      }
    }
  });

  it('names the immutable flag by its errno and leaves the directory', { skip: !isRoot && 'needs root' }, async (t) => {
    const { ensure, at } = await worldOf(t);
    fs.mkdirSync(at('a'), { mode: 0o700 });
    try {
      execFileSync('chattr', ['+i', at('a')], { stdio: 'ignore' });
    } catch {
      return t.skip('this filesystem has no immutable flag');
    }
    try {
      const denied = await ensure(['a']);
      assert.ok(denied.kind === 'problem');
      assert.deepEqual([denied.problem, denied.errno], ['mode-differs', 'EPERM']);
      assert.equal(denied.detail, 'it has mode 0700 and owner 0:0, and uid 0 may not change it');
      const inside = await ensure(['a', 'b']);
      assert.ok(inside.kind === 'problem');
      assert.equal(
        inside.detail,
        'permission denied creating a/b as uid 0: the export needs no_root_squash (or set dirUid)',
      );
    } finally {
      execFileSync('chattr', ['-i', at('a')]);
    }
  });

  it('refuses every component that is not a single name, also without the parser before it', async (t) => {
    const { ensure, perform, root, outside } = await worldOf(t);
    const names = ['..', '.', '', 'a/b', 'a/../..', '/', '/etc', 'a\0b', '\ud800', '../outside/x', `${outside}/x`];
    for (const name of names) {
      for (const path of [[name], ['a', name], [name, 'a']]) {
        assert.equal(await problemOf(ensure(path)), 'unexpected', JSON.stringify(path));
        assert.equal(await problemOf(perform({ kind: 'discard', path })), 'unexpected');
      }
    }
    assert.deepEqual(fs.readdirSync(root).sort(), ['.larder', 'a']);
    assert.deepEqual(fs.readdirSync(outside), []);
  });

  it('works in a directory of mode 000', async (t) => {
    const { ensure, perform, at } = await worldOf(t);
    fs.mkdirSync(at('a'));
    fs.writeFileSync(at('a', 'x'), '');
    fs.chmodSync(at('a'), 0);
    if (isRoot) assert.equal((await ensure(['a'], { existing: 'keep' })).kind, 'existed');
    else assert.equal(await problemOf(ensure(['a'])), 'denied');
    if (!isRoot) fs.chmodSync(at('a'), 0o700);
    const moved = await perform({ kind: 'trash', ...moveOf(['a']) });
    assert.ok(moved.kind === 'moved');
    assert.deepEqual(await perform({ kind: 'purge', entry: moved.entry, maxOperations: 99 }), {
      kind: 'purged',
      remaining: false,
    });
  });
});
