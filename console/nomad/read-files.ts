/** Files from a drop or a choice, read in the browser. */
import { isPassedOver } from '../../src/nomad/source/input-name.ts';
import type { GivenFile } from '../../src/operator/nomad/conversion-api.ts';
import { type Chosen, choose, type Listed } from './choose.ts';
import type { Dropped } from './jobs.ts';

interface Found extends Listed {
  readonly file: File;
}

/** So many files of a folder are looked at; nobody has that many beside jobs. */
const LOOKED_AT = 5_000;

/** What was dropped must be asked for before the event is over, which is when this returns. */
export function readDropped({ items, files }: DataTransfer): Promise<ReadOutcome> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return entries.length === 0 ? readChosen(files) : readEntries(entries); // text of another program is no entry
}

async function readEntries(entries: readonly FileSystemEntry[]): Promise<ReadOutcome> {
  const found: Found[] = [];
  for (const entry of entries) await walk(entry, found);
  return read(found);
}

export function readChosen(files: FileList): Promise<ReadOutcome> {
  const found = [...files].map((file): Found => {
    const { webkitRelativePath: below, name, size } = file;
    return { path: below === '' ? name : below, bytes: size, file };
  });
  return read(found);
}

export type ReadOutcome =
  | { readonly kind: 'read'; readonly jobs: Dropped }
  | { readonly kind: 'refused'; readonly why: string };

async function read(found: readonly Found[]): Promise<ReadOutcome> {
  if (found.length > LOOKED_AT)
    return { kind: 'refused', why: `More than ${LOOKED_AT} files are in there. Choose the folder with the jobs.` };
  const chosen: Chosen<Found> = choose(found);
  if (chosen.refused !== undefined) return { kind: 'refused', why: chosen.refused };
  if (chosen.taken.length === 0)
    return { kind: 'refused', why: 'No file is in there that could be a job or stand beside one.' };
  const files = await Promise.all(chosen.taken.map(({ path, of }) => given(path, of.file)));
  const { folder, left } = chosen;
  return { kind: 'read', jobs: { folder, files, left } };
}

async function walk(entry: FileSystemEntry, found: Found[]): Promise<void> {
  if (found.length > LOOKED_AT) return;
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\//, ''), bytes: file.size, file });
  } else if (isFolder(entry) && !isPassedOver(entry.name)) {
    const reader = entry.createReader();
    for (;;) {
      // It gives a hundred at a time, and none at the end.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return;
      for (const each of some) await walk(each, found);
    }
  }
}

/** Their classes are no names that a page may ask for. */
function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

async function given(path: string, file: File): Promise<GivenFile> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return { path, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { path, base64: base64Of(bytes) }; // no UTF-8: a job may still read it with filebase64()
  }
}

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
