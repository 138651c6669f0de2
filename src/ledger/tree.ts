/** What stands in the folders of a ledger, without reading any of it. */
import { join } from 'node:path';
import { ALLOWED_SIGNERS } from './allowed-signers.ts';
import { isArtifactName } from './artifact.ts';
import type { Disk } from './disk.ts';
import type { Finding } from './finding.ts';
import { LEDGER_FOLDER, REVIEWS_FOLDER } from './record.ts';

import { isRecordPath } from './record-file.ts';

/** Keeps git from changing line ends, which would change hashes. */
export const attributesPaths: readonly string[] = [
  `${LEDGER_FOLDER}/.gitattributes`,
  `${REVIEWS_FOLDER}/.gitattributes`,
];
/** How the name of a file begins that is not finished yet. */
export const ASIDE = '.aside-';

export interface Tree {
  /** Files at paths that records have. */
  readonly records: readonly string[];
  /** Files that may be records all the same: one that was renamed is worth more than the word "foreign". */
  readonly strangers: readonly string[];
  readonly asides: readonly string[];
  /** Symbolic links where none may be. */
  readonly findings: readonly Finding[];
}

interface Folder {
  readonly disk: Disk;
  readonly root: string;
}

/** Paths from the root of the repository, sorted. */
export function tree(disk: Disk, root: string): Tree {
  const links = folderLinks(disk, root, LEDGER_FOLDER);
  if (links.length > 0) return { records: [], strangers: [], asides: [], findings: links };
  const files: string[] = [];
  const findings: Finding[] = [];
  for (const { path, kind } of walk(disk, root, LEDGER_FOLDER)) {
    if (kind === 'file') files.push(path);
    else findings.push(kind === 'link' ? linkAt(path) : foreign(path));
  }
  const own = new Set([ALLOWED_SIGNERS, ...attributesPaths]);
  const isAside = (path: string): boolean => path.startsWith(`${LEDGER_FOLDER}/${ASIDE}`);
  return {
    records: files.filter(isRecordPath),
    asides: files.filter(isAside),
    strangers: files.filter((path) => !isRecordPath(path) && !isAside(path) && !own.has(path)),
    findings,
  };
}

/** Whether the names in the folder of the ledger are those of these records and of what belongs to every ledger. */
export function isUnchanged({ disk, root }: Folder, known: Pick<ReadonlySet<string>, 'has' | 'size'>): boolean {
  const beside = new Set([ALLOWED_SIGNERS, ...attributesPaths]);
  let seen = 0;
  for (const year of disk.names(join(root, LEDGER_FOLDER)) ?? []) {
    if (beside.has(`${LEDGER_FOLDER}/${year}`)) continue;
    if (!/^\d{4}$/.test(year)) return false;
    for (const month of disk.names(join(root, LEDGER_FOLDER, year)) ?? []) {
      const folder = `${LEDGER_FOLDER}/${year}/${month}`;
      for (const name of disk.names(join(root, folder)) ?? []) {
        if (!known.has(`${folder}/${name}`)) return false;
        seen += 1;
      }
    }
  }
  return seen === known.size;
}

/** Files among the evidence with a name as Larder gives it. */
export function artifactPaths(disk: Disk, root: string): readonly string[] {
  if (folderLinks(disk, root, REVIEWS_FOLDER).length > 0) return [];
  return [...walk(disk, root, REVIEWS_FOLDER)]
    .filter(({ path, kind }) => kind === 'file' && isArtifactName(path.slice(path.lastIndexOf('/') + 1)))
    .map(({ path }) => path);
}

/** Links on the way from the root to a folder: what is written below them would land elsewhere. */
export function folderLinks(disk: Disk, root: string, folder: string): readonly Finding[] {
  const steps = folder.split('/');
  const paths = steps.map((_, index) => steps.slice(0, index + 1).join('/'));
  return paths.filter((path) => disk.kindOf(join(root, path)) === 'link').map(linkAt);
}

function linkAt(path: string): Finding {
  return { kind: 'link', path, message: `${path} is a symbolic link` };
}

export function foreign(path: string): Finding {
  return { kind: 'foreign', path, message: `${path} is no file of the ledger` };
}

interface Place {
  readonly path: string;
  readonly kind: 'file' | 'link' | 'other';
}

function* walk(disk: Disk, root: string, folder: string): Generator<Place> {
  for (const { name, kind } of disk.list(join(root, folder)) ?? []) {
    const path = `${folder}/${name}`;
    if (kind === 'folder') yield* walk(disk, root, path);
    else yield { path, kind };
  }
}
