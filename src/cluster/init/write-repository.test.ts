import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemRandom } from '../../telemetry/clock.ts';
import { RepositoryError } from '../registry.ts';
import type { RepositoryFile } from './repository-file.ts';
import { writeRepository } from './write-repository.ts';

const files: readonly RepositoryFile[] = [
  { path: 'a.yaml', text: 'a\n', executable: false },
  { path: 'deep/er/run.sh', text: '#!/bin/sh\n', executable: true },
  { path: 'z', text: 'z\n', executable: false },
];
const all = files.map(({ path }) => path);

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-init-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const write = (place: string, merge = false, some = files) =>
  writeRepository(place, some, { merge, random: systemRandom });
const code = (expected: string) => (cause: unknown) => cause instanceof RepositoryError && cause.code === expected;

test('a folder that is not there, or empty, gets all of it', async (t) => {
  const place = join(folderFor(t), 'one', 'two');
  assert.deepEqual(await write(place), { added: all, kept: [] });
  assert.equal(statSync(join(place, 'deep/er/run.sh')).mode & 0o111, 0o111);
  assert.equal(statSync(join(place, 'a.yaml')).mode & 0o111, 0);
  assert.deepEqual(readdirSync(join(place, '..')), ['two'], 'nothing is left beside it');
  const empty = folderFor(t);
  assert.deepEqual(await write(empty), { added: all, kept: [] });
});

test('nothing is written into a folder that holds something, and a merge adds only what is missing', async (t) => {
  const place = folderFor(t);
  writeFileSync(join(place, 'a.yaml'), 'mine');
  await assert.rejects(write(place), code('LARDER_INIT_NOT_EMPTY'));
  assert.deepEqual(readdirSync(place), ['a.yaml']);
  assert.deepEqual(await write(place, true), { added: ['deep/er/run.sh', 'z'], kept: ['a.yaml'] });
  assert.equal(readFileSync(join(place, 'a.yaml'), 'utf8'), 'mine');
  assert.deepEqual(readdirSync(place).sort(), ['a.yaml', 'deep', 'z']);
  assert.deepEqual(await write(place, true), { added: [], kept: all });
});

test('a merge that cannot be finished takes back what it added', async (t) => {
  const place = folderFor(t);
  const outside = folderFor(t);
  symlinkSync(outside, join(place, 'y'));
  const some = [...files.slice(0, 2), { path: 'y/inside', text: '', executable: false }];
  await assert.rejects(write(place, true, some), code('LARDER_INIT_LINK'));
  assert.deepEqual([readdirSync(place), readdirSync(outside)], [['y'], []]);
});

test('a link in the place of the folder is not followed', async (t) => {
  const home = folderFor(t);
  mkdirSync(join(home, 'real'));
  symlinkSync(join(home, 'real'), join(home, 'link'));
  await assert.rejects(write(join(home, 'link')), code('LARDER_INIT_LINK'));
  assert.deepEqual(readdirSync(join(home, 'real')), []);
});

test('a place where no folder can be made is told', async () => {
  await assert.rejects(write('/proc/no/such/place'), code('LARDER_INIT_WRITE'));
});

test('what cannot be written leaves nothing', async (t) => {
  const home = folderFor(t);
  const place = join(home, 'new');
  const broken = [...files, { path: 'a.yaml/below-a-file', text: '', executable: false }];
  await assert.rejects(write(place, false, broken), code('LARDER_INIT_WRITE'));
  assert.ok(!existsSync(place));
  assert.deepEqual(readdirSync(home), []);
});
