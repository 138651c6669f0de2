/** A record and what belongs to it, onto the disk: evidence first, then the record, then what is derived from both. */
import { join } from 'node:path';
import { messageOf } from '../kube/error.ts';
import { ALLOWED_SIGNERS, allowedSigners } from './allowed-signers.ts';
import { type LedgerRecord, recordPath, recordText } from './record.ts';
import { sha256Of } from './record-file.ts';
import { LedgerError } from './registry.ts';
import type { State } from './state.ts';
import { addFile, replaceFile, type Store, unwritable } from './store.ts';

export interface Content {
  readonly path: string;
  readonly content: Uint8Array;
}

export interface Written {
  /** From the root of the repository. */
  readonly paths: readonly string[];
  /** What was not done and does no harm: the record is there all the same. */
  readonly notes: readonly string[];
}

export interface Writing {
  readonly record: LedgerRecord;
  readonly artifacts: readonly Content[];
  /** With the record. */
  readonly state: State;
}

/**
 * Only who holds the lock may. Cut off anywhere, there is a ledger that is whole: without the record, or with it.
 * @throws LedgerError LARDER_LEDGER_FILES, which says whether the record is there.
 */
export async function writeRecord(store: Store, { record, artifacts, state }: Writing): Promise<Written> {
  const path = recordPath(record);
  try {
    for (const artifact of artifacts) await addArtifact(store, artifact);
    const outcome = await addFile(store, path, Buffer.from(recordText(record)));
    if (outcome === 'there')
      throw new LedgerError('LARDER_LEDGER_FILES', `${path} is there already. Nothing was recorded`);
  } catch (cause) {
    const isThere = store.disk.kindOf(join(store.root, path)) !== undefined;
    const said = isThere ? `${path} is written, but the disk did not confirm it` : `${path} was not recorded`;
    throw unwritable(said, cause);
  }
  const derived = await writeSigners(store, state);
  return { paths: [...artifacts.map((artifact) => artifact.path), path, ...derived.paths], notes: derived.notes };
}

/** Named after its content: what is there already is the same, or was changed by hand. */
async function addArtifact(store: Store, { path, content }: Content): Promise<void> {
  if ((await addFile(store, path, content)) === 'done') return;
  const there = store.disk.read(join(store.root, path));
  if (there !== undefined && sha256Of(there) === sha256Of(content)) return;
  const message = `${path} is there with another content than its name says: move it away. Nothing was recorded`;
  throw new LedgerError('LARDER_LEDGER_FILES', message);
}

/** The record is there whatever happens here, and `verify` knows allowed_signers that is one step behind. */
async function writeSigners(store: Store, state: State): Promise<Written> {
  const content = Buffer.from(allowedSigners(state));
  try {
    const before = store.disk.read(join(store.root, ALLOWED_SIGNERS));
    if (before !== undefined && content.equals(before)) return { paths: [], notes: [] };
    await replaceFile(store, ALLOWED_SIGNERS, content);
    return { paths: [ALLOWED_SIGNERS], notes: [] };
  } catch (cause) {
    const why = messageOf(cause);
    return { paths: [], notes: [`${ALLOWED_SIGNERS} was not written (${why}): the next record writes it`] };
  }
}
