import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AT, entriesOf, modeOf, moveOf, problemOf, worldOf } from '../export/operations.fixture.ts';

describe('trash and archive', () => {
  it('moves the directory with all it holds, remembers it and brings it back', async (t) => {
    const { perform, at } = await worldOf(t);
    fs.mkdirSync(at('a', 'b'), { recursive: true });
    fs.writeFileSync(at('a', 'b', 'x'), 'kept');
    const identity = String(fs.lstatSync(at('a', 'b')).ino);
    const request = moveOf(['a', 'b'], { identity, manifest: '{"kind":"PersistentVolume"}', expiresAt: AT + 5 });
    const moved = await perform({ kind: 'trash', ...request });
    assert.deepEqual(moved, { kind: 'moved', entry: 'uid-1-20250102T030405.006Z' });
    assert.equal(fs.existsSync(at('a', 'b')), false);
    assert.deepEqual(fs.readdirSync(at()).sort(), ['.larder', 'a']);
    const { at: trashedAt, ...rest } = request;
    assert.deepEqual(await entriesOf(perform), {
      kind: 'entries',
      entries: [{ ...rest, trashedAt, identity, entry: 'uid-1-20250102T030405.006Z', kind: 'trash' }],
      next: '',
    });
    const restored = await perform({ kind: 'restore', entry: 'uid-1-20250102T030405.006Z' });
    assert.deepEqual(restored, { kind: 'restored', path: ['a', 'b'] });
    assert.equal(fs.readFileSync(at('a', 'b', 'x'), 'utf8'), 'kept');
    assert.deepEqual(fs.readdirSync(at('.larder', 'trash')), []);
  });

  it('keeps its own directory to itself', async (t) => {
    const { at } = await worldOf(t, 0);
    assert.equal(modeOf(at('.larder')), 0o700);
  });

  it('archives beside the directory and never onto an archive that is there, not even an empty one', async (t) => {
    const { perform, at } = await worldOf(t);
    fs.mkdirSync(at('archived-a'));
    fs.mkdirSync(at('archived-a-20250102T030405Z'));
    const before = [fs.lstatSync(at('archived-a')).ino, fs.lstatSync(at('archived-a-20250102T030405Z')).ino];
    fs.mkdirSync(at('a'));
    const moved = await perform({ kind: 'archive', ...moveOf(['a']) });
    assert.deepEqual(moved, { kind: 'moved', entry: 'archived-a-20250102T030405Z-2' });
    assert.deepEqual([fs.lstatSync(at('archived-a')).ino, fs.lstatSync(at('archived-a-20250102T030405Z')).ino], before);
    const listed = await entriesOf(perform);
    assert.ok(listed.kind === 'entries');
    assert.deepEqual(
      listed.entries.map(({ entry, kind, path }) => ({ entry, kind, path })),
      [{ entry: 'archived-a-20250102T030405Z-2', kind: 'archive', path: ['a'] }],
    );
    assert.equal((await perform({ kind: 'restore', entry: 'archived-a-20250102T030405Z-2' })).kind, 'restored');
    assert.ok(fs.existsSync(at('a')));
  });

  it('archives a name of 255 bytes under a shorter one', async (t) => {
    const { perform, at } = await worldOf(t);
    const name = '🫙'.repeat(63);
    fs.mkdirSync(at(name));
    const moved = await perform({ kind: 'archive', ...moveOf([name]) });
    assert.ok(moved.kind === 'moved');
    assert.ok(fs.existsSync(at(moved.entry)));
    assert.ok(Buffer.byteLength(moved.entry) <= 255);
  });

  it('does not move another directory than the one that was meant', async (t) => {
    const { perform, at } = await worldOf(t);
    fs.mkdirSync(at('a'));
    for (const kind of ['trash', 'archive'] as const) {
      assert.equal(await problemOf(perform({ kind, ...moveOf(['a'], { identity: '1' }) })), 'missing');
    }
    assert.deepEqual(fs.readdirSync(at()).sort(), ['.larder', 'a']);
    assert.deepEqual(fs.readdirSync(at('.larder', 'trash')), []);
  });

  it('restores to a free name only, and where it is told', async (t) => {
    const { perform, at } = await worldOf(t);
    fs.mkdirSync(at('a'));
    fs.writeFileSync(at('a', 'old'), '');
    const moved = await perform({ kind: 'trash', ...moveOf(['a']) });
    assert.ok(moved.kind === 'moved');
    const { entry } = moved;
    fs.mkdirSync(at('a'));
    fs.writeFileSync(at('a', 'new'), '');
    assert.equal(await problemOf(perform({ kind: 'restore', entry })), 'exists');
    fs.writeFileSync(at('file'), '');
    fs.symlinkSync('a', at('link'));
    fs.mkdirSync(at('empty')); // may be the directory of a volume that nothing was written to yet
    for (const path of [['file'], ['link'], ['empty']]) {
      assert.equal(await problemOf(perform({ kind: 'restore', entry, path })), 'exists');
    }
    assert.deepEqual(fs.readdirSync(at('a')), ['new']);
    assert.deepEqual(await perform({ kind: 'restore', entry, path: ['x', 'y'] }), {
      kind: 'restored',
      path: ['x', 'y'],
    });
    assert.deepEqual(fs.readdirSync(at('x', 'y')), ['old']);
    assert.equal(await problemOf(perform({ kind: 'restore', entry })), 'missing');
  });

  it('takes the name before it moves, and goes on with what an interrupted attempt has left of that', async (t) => {
    const { perform, at } = await worldOf(t);
    fs.mkdirSync(at('a'));
    fs.writeFileSync(at('a', 'old'), '');
    const moved = await perform({ kind: 'trash', ...moveOf(['a']) });
    assert.ok(moved.kind === 'moved');
    const { entry } = moved;
    fs.mkdirSync(at('a'));
    fs.writeFileSync(at('a', 'mine'), '');
    fs.chmodSync(at('a'), 0o400);
    assert.equal(await problemOf(perform({ kind: 'restore', entry })), 'exists');
    assert.deepEqual(fs.readdirSync(at('a')), ['mine']);
    fs.chmodSync(at('a'), 0o700);
    fs.rmSync(at('a', 'mine'));
    fs.chmodSync(at('a'), 0o400);
    assert.deepEqual(await perform({ kind: 'restore', entry }), { kind: 'restored', path: ['a'] });
    assert.deepEqual(fs.readdirSync(at('a')), ['old']);
  });

  it('gives the same volume two entries when it goes twice', async (t) => {
    const { perform, at } = await worldOf(t);
    for (const entry of ['uid-1-20250102T030405.006Z', 'uid-1-20250102T030405.006Z-1']) {
      fs.mkdirSync(at('a'));
      assert.deepEqual(await perform({ kind: 'trash', ...moveOf(['a']) }), { kind: 'moved', entry });
    }
  });

  it('lists nothing for a note without its directory, and for a name that was only reserved', async (t) => {
    const { perform, at } = await worldOf(t);
    fs.mkdirSync(at('a'));
    const moved = await perform({ kind: 'trash', ...moveOf(['a']) });
    assert.ok(moved.kind === 'moved');
    const directory = at('.larder', 'trash', moved.entry);
    const note = JSON.parse(fs.readFileSync(`${directory}.json`, 'utf8'));
    note.placeholder = note.entry.identity; // as after a crash between the note and the rename
    fs.writeFileSync(`${directory}.json`, JSON.stringify(note));
    assert.deepEqual(await entriesOf(perform), { kind: 'entries', entries: [], next: '' });
    assert.equal(await problemOf(perform({ kind: 'restore', entry: moved.entry })), 'missing');
    fs.rmdirSync(directory);
    assert.deepEqual(await entriesOf(perform), { kind: 'entries', entries: [], next: '' });
  });

  it('tells by the identity when a late rename moved another directory, and does not purge that one', async (t) => {
    const { perform, at } = await worldOf(t);
    fs.mkdirSync(at('a'));
    fs.mkdirSync(at('live'));
    fs.writeFileSync(at('live', 'x'), 'kept');
    const moved = await perform({ kind: 'trash', ...moveOf(['a']) });
    assert.ok(moved.kind === 'moved');
    const directory = at('.larder', 'trash', moved.entry);
    const identity = String(fs.lstatSync(at('live')).ino);
    fs.renameSync(at('live'), directory);
    const listed = await entriesOf(perform);
    assert.ok(listed.kind === 'entries');
    assert.equal(listed.entries[0]?.identity, identity);
    assert.equal(await problemOf(perform({ kind: 'purge', entry: moved.entry, maxOperations: 99 })), 'missing');
    assert.equal(fs.readFileSync(join(directory, 'x'), 'utf8'), 'kept');
  });

  it('pages through many entries', async (t) => {
    const { perform, at } = await worldOf(t);
    for (let index = 0; index < 205; index += 1) {
      fs.mkdirSync(at('a'));
      await perform({ kind: 'trash', ...moveOf(['a'], { at: AT + index }) });
    }
    const first = await entriesOf(perform);
    assert.ok(first.kind === 'entries');
    const second = await perform({ kind: 'entries', after: first.next });
    assert.ok(second.kind === 'entries');
    const names = new Set([...first.entries, ...second.entries].map(({ entry }) => entry));
    assert.deepEqual([first.entries.length, second.entries.length, names.size, second.next], [200, 5, 205, '']);
  });

  it('refuses entries that it never gives, so that a forged name leads nowhere', async (t) => {
    const { perform, at, outside } = await worldOf(t);
    fs.mkdirSync(at('live'));
    for (const entry of [
      '..',
      '.',
      '',
      'live',
      '../../live',
      '../live',
      'uid/../..',
      `${outside}`,
      'archived-x/../../live',
      'archived-',
    ]) {
      assert.equal(await problemOf(perform({ kind: 'purge', entry, maxOperations: 9 })), 'missing', entry);
      assert.equal(await problemOf(perform({ kind: 'restore', entry, path: ['to'] })), 'missing', entry);
    }
    for (const volumeUid of ['..', 'a/b', '', '../../x', 'archived-x']) {
      assert.equal(await problemOf(perform({ kind: 'trash', ...moveOf(['live'], { volumeUid }) })), 'unexpected');
    }
    assert.deepEqual(fs.readdirSync(at()).sort(), ['.larder', 'live']);
  });
});
