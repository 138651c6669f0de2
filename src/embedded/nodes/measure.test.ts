import assert from 'node:assert/strict';
import { linkSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { measure } from './measure.ts';

const { signal } = new AbortController();

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'larder-measure-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** On disk, not in content: what `du` counts. */
const onDisk = (...paths: string[]): bigint =>
  paths.reduce((sum, path) => sum + lstatSync(path, { bigint: true }).blocks * 512n, 0n);

test('blocks and inodes of the whole tree are counted, its root included', async (t) => {
  const root = folder(t);
  mkdirSync(join(root, 'a/b'), { recursive: true });
  writeFileSync(join(root, 'a/b/file'), Buffer.alloc(100_000, 1));
  writeFileSync(join(root, 'empty'), '');
  const found = await measure(root, signal);
  assert.equal(found.kind, 'measured');
  if (found.kind !== 'measured') return;
  assert.equal(
    found.usedBytes,
    onDisk(root, join(root, 'a'), join(root, 'a/b'), join(root, 'a/b/file'), join(root, 'empty')),
  );
  assert.equal(found.inodesUsed, 5n);
  assert.ok(found.usedBytes >= 100_000n);
  assert.ok(found.inodesFree <= found.inodes);
});

test('a file with two names counts once', async (t) => {
  const root = folder(t);
  writeFileSync(join(root, 'one'), Buffer.alloc(50_000, 1));
  linkSync(join(root, 'one'), join(root, 'two'));
  const found = await measure(root, signal);
  assert.ok(found.kind === 'measured');
  assert.equal(found.inodesUsed, 2n);
  assert.equal(found.usedBytes, onDisk(root, join(root, 'one')));
});

test('links are counted themselves and never followed', async (t) => {
  const outside = folder(t);
  writeFileSync(join(outside, 'big'), Buffer.alloc(1_000_000, 1));
  const root = folder(t);
  symlinkSync(outside, join(root, 'folder'));
  symlinkSync(join(outside, 'big'), join(root, 'file'));
  symlinkSync('.', join(root, 'loop'));
  const found = await measure(root, signal);
  assert.ok(found.kind === 'measured');
  assert.equal(found.inodesUsed, 4n);
  assert.ok(found.usedBytes < 100_000n);
});

test('a directory that becomes a link to elsewhere during the walk is not entered', async (t) => {
  const outside = folder(t);
  mkdirSync(join(outside, 'deep'));
  writeFileSync(join(outside, 'deep/big'), Buffer.alloc(1_000_000, 1));
  const root = folder(t);
  mkdirSync(join(root, 'victim/deep'), { recursive: true });
  const walk = measure(root, signal);
  renameSync(join(root, 'victim'), join(root, 'was'));
  symlinkSync(outside, join(root, 'victim'));
  const found = await walk;
  assert.ok(found.kind === 'measured');
  assert.ok(found.usedBytes < 1_000_000n);
});

test('what is not a directory is missing, a link to one included', async (t) => {
  const root = folder(t);
  writeFileSync(join(root, 'file'), '');
  symlinkSync(root, join(root, 'link'));
  for (const name of ['absent', 'file', 'link', 'file/below']) {
    assert.deepEqual(await measure(join(root, name), signal), { kind: 'missing' }, name);
  }
});

test('the walk ends at its bound and then gives no number', async (t) => {
  const root = folder(t);
  for (let index = 0; index < 10; index += 1) writeFileSync(join(root, `${index}`), '');
  assert.equal((await measure(root, signal, 11)).kind, 'measured');
  assert.equal((await measure(root, signal, 10)).kind, 'too-large');
});

test('an aborted walk ends with the reason of its signal', async (t) => {
  const root = folder(t);
  writeFileSync(join(root, 'file'), '');
  await assert.rejects(measure(root, AbortSignal.abort(new Error('enough'))), /enough/);
});
