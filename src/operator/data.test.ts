import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openDataFolder } from './data.ts';

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-data-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a data folder is made with its parents, and its state is for its owner only', (t) => {
  const root = join(temporary(t), 'deep', 'data');
  const data = openDataFolder(root, 1);
  assert.equal(statSync(data.export).isDirectory(), true);
  assert.equal(statSync(data.state).mode & 0o777, 0o700);
  data.release();
});

test('a second opener is refused and told which process holds the folder; after release it is let in', (t) => {
  const root = temporary(t);
  const first = openDataFolder(root, 4711);
  assert.throws(() => openDataFolder(root, 4712), {
    code: 'LARDER_DATA_LOCKED',
    message: `the data folder ${root} is in use by process 4711: stop it, or choose another folder with --data`,
  });
  first.release();
  first.release();
  openDataFolder(root, 4712).release();
});

test('a folder with files of somebody else is refused and left as it was', (t) => {
  const root = temporary(t);
  writeFileSync(join(root, 'thesis.tex'), 'precious');
  assert.throws(() => openDataFolder(root, 1), {
    code: 'LARDER_DATA_FOREIGN',
    message: `${root} is not a data folder of Larder: it holds "thesis.tex": choose an empty folder with --data`,
  });
  assert.equal(existsSync(join(root, 'lock.db')), false);
});

test('files that a user put beside an existing state do not keep Larder out', (t) => {
  const root = temporary(t);
  openDataFolder(root, 1).release();
  writeFileSync(join(root, 'notes.txt'), 'mine');
  openDataFolder(root, 1).release();
});

test('a path below a file is one clear failure that names the folder', (t) => {
  const file = join(temporary(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => openDataFolder(join(file, 'data'), 1), {
    code: 'LARDER_DATA_UNWRITABLE',
    message: `cannot write the data folder ${join(file, 'data')} (ENOTDIR): choose a folder that you own with --data`,
  });
});

test('a filesystem in which nothing can be made is one clear failure, at once', () => {
  assert.throws(() => openDataFolder('/proc/nope/deeper', 1), {
    code: 'LARDER_DATA_UNWRITABLE',
    message: 'cannot write the data folder /proc/nope/deeper (ENOENT): choose a folder that you own with --data',
  });
});
