/** What stands below a folder, so that a test can say that nothing of it has changed. */
import { createHash } from 'node:crypto';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Path → type, mode, owner, time of the last change and content, of the folder itself (`.`) and of all below it. */
export function treeOf(folder: string): Readonly<Record<string, string>> {
  const below = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(['.', ...below.sort()].map((path) => [path, entryOf(join(folder, path))]));
}

function entryOf(path: string): string {
  const state = lstatSync(path, { bigint: true });
  const shared = `${state.mode.toString(8)} ${state.uid}:${state.gid} ${state.mtimeNs}`;
  if (state.isSymbolicLink()) return `${shared} -> ${readlinkSync(path)}`;
  if (!state.isFile()) return shared;
  return `${shared} ${state.size} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
}

/** The same without the folder itself, whose mode a claim may correct. */
export function contentOf(folder: string): Readonly<Record<string, string>> {
  const { '.': _, ...below } = treeOf(folder);
  return below;
}

/** Something of each kind that a service leaves in its directory, from long ago. */
export function fillTree(directory: string): void {
  mkdirSync(join(directory, 'sub', 'deep'), { recursive: true, mode: 0o750 });
  writeFileSync(join(directory, 'sub', 'deep', 'precious'), 'do not lose', { mode: 0o600 });
  writeFileSync(join(directory, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync('sub/deep/precious', join(directory, 'link'));
  if (process.getuid?.() === 0) chownSync(join(directory, 'run.sh'), 1000, 1000);
  for (const path of ['sub/deep/precious', 'sub/deep', 'sub', 'run.sh', '.']) {
    utimesSync(join(directory, path), 1_000_000_000, 1_000_000_000);
  }
}
