/** Files of records as they are read and checked; what was read once is read again only when it is another file. */
import { join } from 'node:path';
import { messageOf } from '../kube/error.ts';
import { codeOf, type Disk } from './disk.ts';
import type { Finding } from './finding.ts';
import { SIGNATURE_NAMESPACE } from './record.ts';
import { type ReadRecordFile, readRecordFile, recordFile } from './record-file.ts';
import { LedgerError } from './registry.ts';
import type { Remembered } from './remembered.ts';
import { verifySignature } from './ssh-signature.ts';
import type { CheckedFile } from './survey.ts';
import { foreign, isUnchanged, type Tree, tree } from './tree.ts';

export interface ReadFile extends CheckedFile {
  /** What the file system says of the file; another one is another file. */
  readonly stamp: string;
}

export interface Reading {
  /** Who appends adds what it wrote. */
  readonly files: Map<string, ReadFile>;
  /** Of the folder: links, strangers, what a write left behind. */
  readonly findings: readonly Finding[];
  /** Nothing was read that was not known, and nothing is gone. */
  readonly same: boolean;
}

interface Folder {
  readonly disk: Disk;
  readonly root: string;
  /** Of earlier processes; without it all is checked in full. */
  readonly remembered?: Remembered;
}

/**
 * `known` is kept where the name is the same; with `closely`, where the file is the same as far as the file system knows.
 * @throws LedgerError LARDER_LEDGER_FILES where something cannot be read: what is not known is neither whole nor broken.
 */
export async function readLedger(folder: Folder, known: Map<string, ReadFile>, closely: boolean): Promise<Reading> {
  try {
    return await read(folder, known, closely);
  } catch (cause) {
    if (codeOf(cause) === undefined || cause instanceof LedgerError) throw cause;
    const why = messageOf(cause);
    const message = `the ledger in ${folder.root} cannot be read: ${why}. See to the disk and its rights`;
    throw new LedgerError('LARDER_LEDGER_FILES', message, { cause });
  }
}

async function read(
  { disk, root, remembered }: Folder,
  known: Map<string, ReadFile>,
  closely: boolean,
): Promise<Reading> {
  if (!closely && known.size > 0 && isUnchanged({ disk, root }, known))
    return { files: known, findings: [], same: true };
  const found = tree(disk, root);
  const strangers = strangerFiles(disk, root, found);
  const files = new Map<string, ReadFile>();
  const checks: Promise<unknown>[] = [];
  let same = true;
  for (const path of found.records) {
    const before = known.get(path);
    const stamp = closely || before === undefined ? disk.stamp(join(root, path)) : before.stamp;
    if (before !== undefined && before.stamp === stamp) {
      files.set(path, before);
      continue;
    }
    same = false;
    const content = disk.read(join(root, path)) ?? new Uint8Array();
    const seen = remembered?.recall(path, content);
    if (seen !== undefined) {
      files.set(path, { ...seen, stamp });
      continue;
    }
    const read = readRecordFile(path, content);
    files.set(path, { file: read.file, stamp });
    const checked = signatureOf(read).then((signature) => {
      files.set(path, { file: read.file, stamp, ...signature });
      if (signature.signature?.kind === 'valid') remembered?.found(content);
    });
    checks.push(checked);
  }
  await Promise.all(checks);
  await remembered?.keep();
  return {
    files,
    findings: [...found.findings, ...strangers, ...asideFindings(found)],
    same: same && files.size === known.size,
  };
}

async function signatureOf({ file, unsigned }: ReadRecordFile): Promise<Pick<CheckedFile, 'signature'>> {
  if (file.kind === 'bad') return {};
  const { signature } = file.record;
  return { signature: await verifySignature({ message: unsigned, namespace: SIGNATURE_NAMESPACE, signature }) };
}

function strangerFiles(disk: Disk, root: string, { strangers }: Tree): readonly Finding[] {
  return strangers.map((path) => {
    const file = recordFile(path, disk.read(join(root, path)) ?? new Uint8Array());
    return file.kind === 'bad' && file.finding.kind === 'misplaced' ? file.finding : foreign(path);
  });
}

function asideFindings({ asides }: Tree): readonly Finding[] {
  return asides.map((path) => ({
    kind: 'aside',
    path,
    message: `${path} was left behind by a write that was cut off`,
  }));
}
