/** Files that a .gitignore keeps out of git are in no clone but this one: the ledger writes none of them. */
import { dirname } from 'node:path';
import type { Place } from './place.ts';
import { LEDGER_FOLDER, REVIEWS_FOLDER } from './record.ts';
import { LedgerError } from './registry.ts';
import { folderLinks } from './tree.ts';

/**
 * Asked before anything is written, and each time, for the price of a process: a .gitignore may come at any time. `nothing` says what was not done.
 * @throws LedgerError LARDER_LEDGER_HIDDEN, LARDER_LEDGER_GIT
 */
export async function refuseHidden(
  { disk, root, repository }: Pick<Place, 'disk' | 'root' | 'repository'>,
  paths: readonly string[],
  nothing: string,
): Promise<void> {
  // git does not look behind a symbolic link, and neither is written through one: that is told where it is written.
  const plain = paths.filter((path) => folderLinks(disk, root, dirname(path)).length === 0);
  const [hidden] = await repository.hidden(plain);
  if (hidden === undefined) return;
  const message = `${hidden.rule} keeps ${hidden.path} out of git, so that nobody else would get it: take the rule out, or bring ${LEDGER_FOLDER} and ${REVIEWS_FOLDER} back with one that begins with !. ${nothing}`;
  throw new LedgerError('LARDER_LEDGER_HIDDEN', message);
}
