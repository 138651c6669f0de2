import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compiledFolder } from '../../deploy/docker/compiled-folder.ts';

function homeOf(t: TestContext): string {
  const home = mkdtempSync(join(tmpdir(), 'larder-home-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

test('a folder for caches in the home of the user, which nobody else may write to', (t) => {
  const home = homeOf(t);
  const folder = compiledFolder({ HOME: home });
  assert.equal(folder, join(home, '.cache/larder/compiled'));
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(compiledFolder({ HOME: home }), folder, 'again, when it is there');
  assert.equal(compiledFolder({ HOME: '/nowhere', XDG_CACHE_HOME: home }), join(home, 'larder/compiled'));
});

test('none without a home, or where it cannot be made', (t) => {
  const home = homeOf(t);
  for (const HOME of [undefined, '', 'relative', join(home, 'missing'), '/dev/null', '/proc'])
    assert.equal(compiledFolder({ HOME }), undefined, HOME);
});

test('none where others may write, or a link leads', (t) => {
  const home = homeOf(t);
  mkdirSync(join(home, '.cache'));
  chmodSync(join(home, '.cache'), 0o777);
  assert.equal(compiledFolder({ HOME: home }), undefined);
  chmodSync(join(home, '.cache'), 0o755);
  const elsewhere = homeOf(t);
  symlinkSync(elsewhere, join(home, '.cache/larder'));
  assert.equal(compiledFolder({ HOME: home }), undefined);
});

test('none in the home of somebody else', {
  skip: process.geteuid?.() !== 0 && 'only root can give a folder away',
}, (t) => {
  const home = homeOf(t);
  chownSync(home, 12_345, 12_345);
  assert.equal(compiledFolder({ HOME: home }), undefined);
});
