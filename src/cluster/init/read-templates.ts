/** The files that Larder brings along for a repository, as they lie in a folder. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { RepositoryError } from '../registry.ts';
import { type ShippedName, shippedFolder } from '../shipped-folder.ts';
import type { RepositoryFile } from './repository-file.ts';

/** What a run of Ansible or Python leaves behind, and what editors do. */
const PASSED_OVER = /(^|\/)(__pycache__|\.ansible|\.cache|\.venv)(\/|$)|\.(pyc|retry|swp|orig)$|~$/;

/** @throws RepositoryError LARDER_INIT_TEMPLATE */
export function readTemplates(name: ShippedName): readonly RepositoryFile[] {
  const folder = shippedFolder(name);
  if (folder === undefined)
    throw new RepositoryError('LARDER_INIT_TEMPLATE', `this copy of Larder has no folder ${name}. Nothing was written`);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({
      file,
      path: file
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    }))
    .filter(({ path }) => !PASSED_OVER.test(path))
    .map(({ file, path }) => ({
      path,
      text: readFileSync(file, 'utf8'),
      executable: (statSync(file).mode & 0o100) !== 0,
    }));
}
