/** Encrypted files of the operators' repository: read where they may be read, replaced whole or not at all. */
import { randomBytes } from 'node:crypto';
import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { messageOf } from '../../kube/error.ts';
import { codeOf, systemDisk } from '../../ledger/disk.ts';
import { type Refused, refused } from './refused.ts';

/** No secret is so large; a device or a pipe never ends. */
const LARGEST_BYTES = 4 * 2 ** 20;

export type ReadText = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'absent' } | Refused;

/** `file`: from the root of the repository, or a path that lies in it. */
export function readSecretFile(repository: string, file: string): ReadText {
  const path = resolve(repository, file);
  try {
    const within = insideOf(repository, path);
    if (within.kind === 'refused') return within;
    const stats = lstatSync(path);
    if (!stats.isFile()) return refused('LARDER_SECRET_FILE', `${file} is no file, or a link: name the file itself`);
    if (stats.size > LARGEST_BYTES)
      return refused('LARDER_SECRET_FILE', `${file} is too large to be a file of secrets`);
    return { kind: 'text', text: readFileSync(path, 'utf8') };
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return { kind: 'absent' };
    return refused('LARDER_SECRET_FILE', `${file} cannot be read: ${messageOf(cause)}`);
  }
}

/** The name of a file as rules and messages know it: from the root of the repository, with `/`. */
export function nameIn(repository: string, file: string): string {
  return relative(resolve(repository), resolve(repository, file)).split(sep).join('/');
}

/** A link in between leads elsewhere, so the folder is looked at as it is; of one that is to be made, what is there of it. */
function insideOf(repository: string, path: string): { readonly kind: 'inside' } | Refused {
  const root = realpathSync(repository);
  let there = dirname(path);
  while (lstatSync(there, { throwIfNoEntry: false }) === undefined && there !== dirname(there)) there = dirname(there);
  const folder = realpathSync(there);
  if (folder === root || folder.startsWith(`${root}${sep}`)) return { kind: 'inside' };
  return refused('LARDER_SECRET_FILE', `${path} lies outside the repository ${repository}`);
}

/** Writes beside, to the disk, and puts it in the place of the old one: a cut power leaves the old or the new one. */
export async function writeSecretFile(
  repository: string,
  file: string,
  text: string,
): Promise<{ readonly kind: 'written' } | Refused> {
  const path = resolve(repository, file);
  const aside = join(dirname(path), `.${randomBytes(6).toString('hex')}.part`);
  try {
    if (nameIn(repository, file).startsWith('..')) {
      return refused('LARDER_SECRET_FILE', `${file} lies outside the repository ${repository}`);
    }
    const before = insideOf(repository, path);
    if (before.kind === 'refused') return before;
    await mkdir(dirname(path), { recursive: true });
    const within = insideOf(repository, path); // somebody may have put a link there meanwhile
    if (within.kind === 'refused') return within;
    await systemDisk.writeNew(aside, Buffer.from(text));
    await systemDisk.replace(aside, path);
    await systemDisk.syncFolder(dirname(path));
    return { kind: 'written' };
  } catch (cause) {
    await systemDisk.remove(aside);
    return refused('LARDER_SECRET_FILE', `${file} cannot be written: ${messageOf(cause)}. It is as it was`);
  }
}
