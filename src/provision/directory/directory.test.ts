import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { describe, it } from 'node:test';
import { asked, isRoot, modeOf, problemOf, worldOf } from '../export/operations.fixture.ts';

describe('ensure', () => {
  it('gives exactly the mode that was asked, whatever the umask', async (t) => {
    const { ensure, at } = await worldOf(t, 0o077);
    for (const mode of [0o777, 0o700, 0o2775, 0o750, 0o000]) {
      const name = `mode-${mode}`;
      assert.equal((await ensure([name], { mode })).kind, 'created');
      assert.equal(modeOf(at(name)), mode);
    }
  });

  it('makes parents that only root may write', async (t) => {
    const { ensure, at } = await worldOf(t, 0o077);
    assert.equal((await ensure(['a', 'b', 'c'])).kind, 'created');
    assert.deepEqual([modeOf(at('a')), modeOf(at('a', 'b')), modeOf(at('a', 'b', 'c'))], [0o755, 0o755, 0o777]);
  });

  it('takes an existing directory and leaves what is below it as it was', async (t) => {
    const { ensure, at } = await worldOf(t);
    fs.mkdirSync(at('db', 'below'), { recursive: true, mode: 0o711 });
    fs.writeFileSync(at('db', 'file'), 'kept', { mode: 0o640 });
    const before = [fs.lstatSync(at('db', 'below')), fs.lstatSync(at('db', 'file'))];
    const result = await ensure(['db']);
    assert.deepEqual(result, {
      kind: 'existed',
      identity: String(fs.lstatSync(at('db')).ino),
      empty: false,
      permissions: 'corrected',
      mode: 0o777,
      uid: asked.uid,
      gid: asked.gid,
    });
    const after = [fs.lstatSync(at('db', 'below')), fs.lstatSync(at('db', 'file'))];
    assert.deepEqual(
      after.map((facts) => [facts.mode, facts.mtimeMs, facts.ctimeMs]),
      before.map((facts) => [facts.mode, facts.mtimeMs, facts.ctimeMs]),
    );
    assert.equal(fs.readFileSync(at('db', 'file'), 'utf8'), 'kept');
  });

  it('is idempotent', async (t) => {
    const { ensure } = await worldOf(t);
    const first = await ensure(['a']);
    const second = await ensure(['a']);
    assert.equal(first.kind, 'created');
    assert.ok(second.kind === 'existed' && first.kind === 'created');
    assert.deepEqual([second.identity, second.permissions, second.empty], [first.identity, 'as-asked', true]);
  });

  it('keeps, fails on or corrects the mode of an existing directory as it is told', async (t) => {
    const { ensure, at } = await worldOf(t);
    fs.mkdirSync(at('a'));
    fs.chmodSync(at('a'), 0o700);
    const failed = await ensure(['a'], { existing: 'fail' });
    assert.ok(failed.kind === 'problem');
    assert.equal(failed.problem, 'mode-differs');
    assert.match(failed.detail, /it has mode 0700 and owner \d+:\d+, not 0777 and \d+:\d+/);
    const kept = await ensure(['a'], { existing: 'keep' });
    assert.ok(kept.kind === 'existed');
    assert.deepEqual([kept.permissions, kept.mode, modeOf(at('a'))], ['kept', 0o700, 0o700]);
    const corrected = await ensure(['a'], { existing: 'correct' });
    assert.ok(corrected.kind === 'existed');
    assert.deepEqual([corrected.permissions, modeOf(at('a'))], ['corrected', 0o777]);
  });

  it('leaves a directory that an application has made its own', { skip: !isRoot && 'needs root' }, async (t) => {
    const { ensure, at } = await worldOf(t);
    fs.mkdirSync(at('pg'));
    fs.chmodSync(at('pg'), 0o700);
    fs.chownSync(at('pg'), 999, 999);
    const kept = await ensure(['pg']);
    assert.ok(kept.kind === 'existed');
    assert.deepEqual([kept.permissions, kept.mode, kept.uid, kept.gid], ['kept', 0o700, 999, 999]);
    const made = await ensure(['theirs'], { uid: 1234, gid: 4321, mode: 0o2770 });
    const facts = fs.lstatSync(at('theirs'));
    assert.deepEqual([made.kind, facts.uid, facts.gid, modeOf(at('theirs'))], ['created', 1234, 4321, 0o2770]);
  });

  it('refuses a directory that holds something unless adoption is allowed, and touches nothing then', async (t) => {
    const { ensure, at } = await worldOf(t);
    fs.mkdirSync(at('a'));
    fs.chmodSync(at('a'), 0o700);
    fs.writeFileSync(at('a', 'x'), '');
    assert.equal(await problemOf(ensure(['a'], { adoption: 'empty-only' })), 'not-empty');
    assert.equal(modeOf(at('a')), 0o700);
    fs.rmSync(at('a', 'x'));
    assert.equal((await ensure(['a'], { adoption: 'empty-only' })).kind, 'existed');
  });

  it('lets one of many at once create the directory, and the others find it as asked', async (t) => {
    const { ensure } = await worldOf(t, 0o077);
    const results = await Promise.all(Array.from({ length: 50 }, () => ensure(['a', 'b'], { existing: 'fail' })));
    const kinds = results.map((result) => result.kind);
    assert.equal(kinds.filter((kind) => kind === 'created').length, 1);
    assert.equal(kinds.filter((kind) => kind === 'existed').length, 49);
  });

  it('makes nothing where less is free than was asked, but takes what exists', async (t) => {
    const { ensure, at } = await worldOf(t);
    const full = await ensure(['a', 'b'], { minFreeBytes: 1n << 80n });
    assert.ok(full.kind === 'problem');
    assert.equal(full.problem, 'no-space');
    assert.match(full.detail, /^\d+ bytes \/ \d+ inodes free$/);
    assert.equal(fs.existsSync(at('a')), false);
    assert.equal(await problemOf(ensure(['a'], { minFreeInodes: 1n << 62n })), 'no-space');
    fs.mkdirSync(at('old'));
    assert.equal((await ensure(['old'], { minFreeBytes: 1n << 80n })).kind, 'existed');
  });

  it('accepts names of 255 bytes and of any script as they are, and refuses 256', async (t) => {
    const { ensure, at } = await worldOf(t);
    const names = [
      'x'.repeat(255),
      '🫙'.repeat(60),
      'é',
      'e\u0301',
      'a\\b',
      'line\nfeed',
      '\u2028',
      '${.PVC.name}',
      '%2e%2e',
    ];
    for (const name of names) {
      assert.equal((await ensure([name])).kind, 'created', JSON.stringify(name));
      assert.ok(fs.lstatSync(at(name)).isDirectory());
    }
    assert.equal(await problemOf(ensure(['x'.repeat(256)])), 'unexpected');
  });
});

describe('discard', () => {
  it('removes an empty directory and nothing else', async (t) => {
    const { perform, at } = await worldOf(t);
    fs.mkdirSync(at('empty'));
    fs.mkdirSync(at('full'));
    fs.writeFileSync(at('full', 'x'), '');
    assert.deepEqual(await perform({ kind: 'discard', path: ['empty'] }), { kind: 'discarded' });
    assert.equal(await problemOf(perform({ kind: 'discard', path: ['full'] })), 'not-empty');
    assert.equal(await problemOf(perform({ kind: 'discard', path: ['gone'] })), 'missing');
    assert.deepEqual(fs.readdirSync(at('full')), ['x']);
    assert.deepEqual(fs.readdirSync(at('.larder', 'trash')), []);
  });
});

describe('list, inspect and space', () => {
  it('tell what is there without the directory of Larder', async (t) => {
    const { perform, at } = await worldOf(t);
    fs.mkdirSync(at('a'));
    fs.symlinkSync('a', at('link'));
    fs.mkdirSync(Buffer.concat([Buffer.from(at('x')), Buffer.from([0xff])]));
    const listed = await perform({ kind: 'list', path: [] });
    assert.ok(listed.kind === 'list');
    assert.deepEqual(
      new Set(listed.names.map(({ name, type }) => `${name} ${type}`)),
      new Set(['a directory', 'link other', 'x\ufffd other']),
    );
    const state = await perform({ kind: 'inspect', path: ['a'] });
    assert.ok(state.kind === 'directory');
    assert.deepEqual([state.empty, state.mode], [true, modeOf(at('a'))]);
    const space = await perform({ kind: 'space' });
    assert.ok(space.kind === 'space');
    assert.ok(space.totalBytes > space.freeBytes && space.freeBytes > 0n);
  });
});
