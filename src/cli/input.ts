import { closeSync, openSync, readSync } from 'node:fs';
import type { Document } from 'yaml';
import { Exit, exitCodes } from './exit.ts';

const CHUNK_BYTES = 1 << 20;
/** Manifests of a large cluster are some ten megabytes; a device or a pipe never ends. */
const LARGEST_BYTES = 64 << 20;
const STANDARD_INPUT = 0;

/** The text of a file that somebody names; `-` is standard input. Throws Exit 2 when it cannot be read, or is too large. */
export function inputText(path: string): string {
  try {
    const file = path === '-' ? STANDARD_INPUT : openSync(path, 'r');
    try {
      return textOf(file, path);
    } finally {
      if (file !== STANDARD_INPUT) closeSync(file);
    }
  } catch (cause) {
    if (cause instanceof Exit) throw cause;
    throw unreadable(path, cause);
  }
}

const plainly: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['EACCES', 'you may not read it'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of its path is no folder'],
]);

/** Says what is wrong with a path that somebody named, in words where there are any for it. */
export function unreadable(path: string, cause: unknown): Exit {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const why = plainly.get(code) ?? (cause instanceof Error ? cause.message : String(cause));
  return new Exit(exitCodes.usage, `${path} cannot be read: ${why}`, { cause });
}

function textOf(file: number, path: string): string {
  const parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    const part = Buffer.alloc(CHUNK_BYTES);
    const count = readSync(file, part);
    if (count === 0) return Buffer.concat(parts).toString('utf8');
    length += count;
    if (length > LARGEST_BYTES) {
      throw new Exit(exitCodes.usage, `${path} is larger than ${LARGEST_BYTES >> 20} MiB: name a smaller file`);
    }
    parts.push(part.subarray(0, count));
  }
}

/** What a document says. Throws Exit 2 for one whose aliases would multiply into more than anybody wrote. */
export function contentOf(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new Exit(exitCodes.usage, `${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
