/** Writes a repository whole or not at all, and never over something. */
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf } from '../../kube/error.ts';
import { syncFiles } from '../../ledger/sync-files.ts';
import { syncFolder } from '../../ledger/sync-folder.ts';
import type { Random } from '../../telemetry/clock.ts';
import { RepositoryError } from '../registry.ts';
import type { RepositoryFile } from './repository-file.ts';

export interface Written {
  readonly added: readonly string[];
  /** They were there, and stay as they are. */
  readonly kept: readonly string[];
}

export interface WriteOptions {
  /** Into a folder that holds something: what is missing is added. */
  readonly merge: boolean;
  readonly random: Random;
}

/** Before anything else is asked or decided. @throws RepositoryError LARDER_INIT_NOT_EMPTY, LARDER_INIT_LINK */
export function checkPlace(folder: string, merge: boolean): void {
  const there = stateOf(folder);
  if (there === undefined) return;
  if (!there.isDirectory())
    throw new RepositoryError(
      'LARDER_INIT_LINK',
      `${folder} is a link or no folder: name a folder. Nothing was written`,
    );
  const names = readdirSync(folder);
  if (names.length === 0 || merge) return;
  const some = names.slice(0, 3).join(', ');
  const message = `${folder} is not empty (${some}${names.length > 3 ? ', …' : ''}), and nothing is overwritten: name another folder, or add what is missing with --merge. Nothing was written`;
  throw new RepositoryError('LARDER_INIT_NOT_EMPTY', message);
}

/** @throws RepositoryError as `checkPlace`, and LARDER_INIT_WRITE */
export async function writeRepository(
  folder: string,
  files: readonly RepositoryFile[],
  options: WriteOptions,
): Promise<Written> {
  const place = resolve(folder);
  checkPlace(place, options.merge);
  const there = stateOf(place) !== undefined;
  const stage = there && (options.merge || isHere(place)) ? join(place, stageName(options)) : besides(place, options);
  try {
    makeFolder(stage);
    for (const file of files) writeFile(join(stage, file.path), file);
    await syncFiles(files.map(({ path }) => join(stage, path)));
    if (dirname(stage) === place) return addMissing({ place, stage }, files);
    syncFolder(stage);
    renameSync(stage, place);
    syncFolder(dirname(place));
    return { added: files.map(({ path }) => path), kept: [] };
  } catch (cause) {
    if (cause instanceof RepositoryError) throw cause;
    throw new RepositoryError('LARDER_INIT_WRITE', `${folder} cannot be written: ${messageOf(cause)}`, { cause });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

const stageName = ({ random }: WriteOptions): string => `.larder-init-${random.uuid().slice(0, 8)}`;

/** One after the other: Node's own `recursive` does not come back where a folder cannot be made at all, as below /proc. */
function makeFolder(path: string): void {
  if (stateOf(dirname(path)) === undefined) makeFolder(dirname(path));
  mkdirSync(path);
}

function besides(place: string, options: WriteOptions): string {
  return join(dirname(place), `.${basename(place)}${stageName(options)}`);
}

/** A shell that stands in a folder would stand in one that is gone. */
function isHere(place: string): boolean {
  return realpathSync(place) === realpathSync('.');
}

function stateOf(path: string): ReturnType<typeof lstatSync> | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

interface Merge {
  readonly place: string;
  readonly stage: string;
}

/** A link is made only where nothing is, so that even a file that comes meanwhile is not replaced. */
function addMissing({ place, stage }: Merge, files: readonly RepositoryFile[]): Written {
  const made: string[] = [];
  const added: string[] = [];
  try {
    for (const { path } of files) {
      const target = join(place, path);
      makeFolders(place, dirname(path), made);
      if (stateOf(target) !== undefined) continue;
      linkSync(join(stage, path), target);
      added.push(path);
    }
    for (const folder of new Set(added.map((path) => dirname(join(place, path))))) syncFolder(folder);
    return { added, kept: files.map(({ path }) => path).filter((path) => !added.includes(path)) };
  } catch (cause) {
    for (const path of added) rmSync(join(place, path), { force: true });
    for (const folder of made.reverse()) rmdirSync(folder);
    throw cause;
  }
}

function makeFolders(place: string, path: string, made: string[]): void {
  let folder = place;
  for (const name of path === '.' ? [] : path.split('/')) {
    folder = join(folder, name);
    const there = stateOf(folder);
    if (there === undefined) {
      mkdirSync(folder);
      made.push(folder);
    } else if (!there.isDirectory()) {
      const message = `${folder} is a link or no folder: files would land somewhere else. Nothing was added`;
      throw new RepositoryError('LARDER_INIT_LINK', message);
    }
  }
}

function writeFile(path: string, { text, executable }: RepositoryFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: 'wx', mode: executable ? 0o755 : 0o644 });
}
