import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from './make-folder.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'larder-make-folder-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('a folder is made with what is missing above it, and again without a word', (t) => {
  const deep = join(folder(t), 'a/b/c');
  makeFolder(deep);
  makeFolder(deep);
  assert.ok(statSync(deep).isDirectory());
});

test('where the kernel lets nobody make a folder, it ends', () => {
  assert.throws(() => makeFolder('/proc/larder/x'), /ENOENT|EACCES/);
});

test('a file in the way is told', (t) => {
  const file = join(folder(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => makeFolder(join(file, 'below')), /ENOTDIR/);
});
