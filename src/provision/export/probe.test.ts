import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Space } from '../storage.ts';
import { prove } from './probe.ts';
import type { OpenRoot } from './root.ts';

const space: Space = { kind: 'space', totalBytes: 1n, freeBytes: 1n, totalInodes: 1n, freeInodes: 1n };

/** The open root of a folder that `change` was applied to since. */
function rootOf(change: (folder: string) => void): { readonly root: OpenRoot; readonly close: () => void } {
  const folder = fs.mkdtempSync(join(tmpdir(), 'larder-probe-'));
  const fd = fs.openSync(folder, fs.constants.O_DIRECTORY);
  const { dev, ino } = fs.statSync(folder, { bigint: true });
  change(folder);
  const root = { fd, device: dev, mount: '', inode: ino, fresh: { uid: 0, mask: 0 }, as: 0, space: async () => space };
  return {
    root,
    close() {
      fs.closeSync(fd);
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

test('a root that is gone from its filesystem is unavailable, and no export option is blamed', async (t) => {
  const { root, close } = rootOf((folder) => fs.rmdirSync(folder));
  t.after(close);
  assert.deepEqual(await prove(root, 'p', 0), {
    kind: 'problem',
    problem: 'unavailable',
    detail: 'failed (ENOENT): the exported directory was removed on the server',
    errno: 'ENOENT',
    landed: 'no',
  });
});

test('a root that can be used is proved, and nothing of the proof stays', async (t) => {
  const { root, close } = rootOf(() => undefined);
  t.after(close);
  assert.equal((await prove(root, 'p', 0)).kind, 'proof');
  assert.deepEqual(
    fs.readdirSync(`/proc/self/fd/${root.fd}/.larder`).filter((name) => name.startsWith('probe-')),
    [],
  );
});
