/** Before the first record: is there room for a ledger, and would git take what it writes? */
import { join } from 'node:path';
import { ALLOWED_SIGNERS } from './allowed-signers.ts';
import type { CheckedOut } from './checked-out.ts';
import { refuseHidden } from './hidden.ts';
import { allHeads } from './look.ts';
import type { Place } from './place.ts';
import { LEDGER_FOLDER, REVIEWS_FOLDER } from './record.ts';
import { LedgerError } from './registry.ts';
import { addFile, unwritable } from './store.ts';
import { attributesPaths, folderLinks } from './tree.ts';

/**
 * Line ends in records and evidence stay what was hashed, whatever git is set to elsewhere. Two branches that both change who
 * may sign are no conflict for git: the record that joins them writes the file anew.
 */
const ATTRIBUTES = '* -text\nallowed_signers merge=union\n';

/** Names as the ledger will give them: a .gitignore goes by names and endings. */
const samples: readonly string[] = [
  `${LEDGER_FOLDER}/2026/03/000042-change-applied-00000000-0000-4000-8000-000000000000.json`,
  ALLOWED_SIGNERS,
  ...attributesPaths,
  ...['diff', 'log', 'txt', 'json', 'yaml', 'md', 'html', 'gz', 'diff.gz', 'log.gz'].map(
    (ending) => `${REVIEWS_FOLDER}/2026-03-01-change/0123456789ab-output.${ending}`,
  ),
];

/** @throws LedgerError LARDER_LEDGER_EXISTS, LARDER_LEDGER_HIDDEN, LARDER_LEDGER_FILES */
export async function prepareStart(place: Place, { branch }: CheckedOut, records: number): Promise<void> {
  const { root, disk } = place;
  if (records > 0) throw exists(`${root} has a ledger already, with ${records} files of records`);
  const [head] = (await allHeads(place, branch)).seen;
  if (head !== undefined)
    throw exists(`${head.where} remembers a ledger in ${root} whose records are not there: bring them back`);
  refuseLinks(place);
  await refuseHidden(place, samples, 'Nothing was started');
  try {
    for (const path of attributesPaths) {
      if (disk.kindOf(join(root, path)) === undefined) await addFile(place, path, Buffer.from(ATTRIBUTES));
    }
  } catch (cause) {
    throw unwritable('the ledger was not started', cause);
  }
}

/** Also of a ledger that somebody moved away and left a link to: it is neither read there nor begun a second time. */
export function refuseLinks({ disk, root }: Pick<Place, 'disk' | 'root'>): void {
  const [link] = [LEDGER_FOLDER, REVIEWS_FOLDER].flatMap((folder) => folderLinks(disk, root, folder));
  if (link === undefined) return;
  const why =
    'git keeps the link and not what is behind it, which can change unseen, so nothing is read or written there';
  const next = `put the folder itself in its place, as \`rm ${link.path} && mv FOLDER ${link.path}\``;
  throw new LedgerError('LARDER_LEDGER_FILES', `${root}: ${link.message}: ${why}. To go on, ${next}`);
}

function exists(what: string): LedgerError {
  return new LedgerError('LARDER_LEDGER_EXISTS', `${what}. Nothing was started`);
}
