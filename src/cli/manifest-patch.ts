/** What would be written into manifests, as a patch that `git apply` takes. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { formatPatch, structuredPatch } from 'diff';
import { Exit, exitCodes } from './exit.ts';

export interface ManifestChange {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

export interface ManifestPatch {
  readonly text: string;
  /** The folder to apply it in: the top of the repository, else the working folder. */
  readonly folder: string;
}

const CONTEXT = 3;

/** Throws Exit 2 where the files are not below one folder: no patch reaches out of where it is applied. */
export function manifestPatch(changes: readonly ManifestChange[], workingFolder: string): ManifestPatch {
  const real = changes.map((change) => ({ ...change, file: realpathSync(change.file) })); // git patches no link
  const folders = new Set(real.map(({ file }) => repositoryOf(file) ?? realpathSync(workingFolder)));
  const [folder = workingFolder] = folders;
  const outside = real.find(({ file }) => relative(folder, file).startsWith('..'));
  if (folders.size > 1 || outside) {
    const why = outside ? `${outside.file} is not below ${folder}` : `the files are in ${[...folders].join(' and ')}`;
    throw new Exit(
      exitCodes.usage,
      `no patch can be applied there: ${why}. Name the files of one repository, or use --write`,
    );
  }
  return { text: real.map((change) => filePatch(relative(folder, change.file), change)).join(''), folder };
}

function repositoryOf(file: string): string | undefined {
  let folder = dirname(file);
  // A worktree and a submodule have a file of that name.
  while (!existsSync(join(folder, '.git'))) {
    const above = dirname(folder);
    if (above === folder) return undefined;
    folder = above;
  }
  return folder;
}

function filePatch(path: string, { before, after }: ManifestChange): string {
  const [old, now] = [nameIn(`a/${path}`), nameIn(`b/${path}`)];
  const patch = structuredPatch(path, path, before, after, '', '', { context: CONTEXT });
  const hunks = formatPatch(patch, { includeIndex: false, includeUnderline: false, includeFileHeaders: false });
  // A name with a space ends at a tab, as git writes it.
  const end = /^[^"].* /.test(old) ? '\t' : '';
  return `diff --git ${old} ${now}\n--- ${old}${end}\n+++ ${now}${end}\n${hunks}`;
}

/** As git quotes it: names with control characters, quotes or backslashes stand in quotes. */
function nameIn(path: string): string {
  const special = /["\\]|\p{Cc}/u;
  if (!special.test(path)) return path;
  const octal = (character: string): string =>
    [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return `"${path.replaceAll(/["\\]/g, '\\$&').replaceAll(/\p{Cc}/gu, octal)}"`;
}
