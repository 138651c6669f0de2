/**
 * What this user's Larder has found whole before: of each file of a record, the SHA-256 of its bytes. A signature that
 * fitted those bytes fits them still, so that reading thousands of records again costs a hash each and no arithmetic.
 * It lies in the user's cache, never in the repository, which others write and hand on. `verify`, and whoever writes,
 * asks nothing of it.
 */
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type LedgerRecord, recordPath } from './record.ts';
import { type ReadRecordFile, sha256Of } from './record-file.ts';
import { claimedKey, type SignatureCheck } from './ssh-signature.ts';

export interface Remembered {
  /** What the file was found to be, with its signature; undefined where it was not seen, or stands elsewhere now. */
  recall(path: string, content: Uint8Array): Recalled | undefined;
  /** The bytes of a file that is whole, as it was checked just now. */
  found(content: Uint8Array): void;
  /** Keeps what was found and recalled, and nothing else. What cannot be kept is read in full the next time. */
  keep(): Promise<void>;
}

export interface Recalled {
  readonly file: ReadRecordFile['file'];
  readonly signature: SignatureCheck;
}

/** To be raised when what `readRecordFile` accepts changes: `test/ledger/remembered.test.ts` says when. */
const RULES = 1;
const HEADER = `larder ledger, files found whole, rules ${RULES}`;
/** A shorter history is read in full in no time. */
const WORTH_KEEPING = 64;
const MAY_WRITE_TOO = 0o022;

/** In the user's cache (`XDG_CACHE_HOME`, else `~/.cache`), one file for each repository. */
export function rememberedFile(env: NodeJS.ProcessEnv, root: string): string {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] ?? homedir(), '.cache');
  return join(cache, 'larder/ledger', sha256Of(root).slice(0, 32));
}

/** `file`: where it is kept; `id`: of the process, for a name that no other one writes to. */
export function remembered(file: string, id: string): Remembered {
  const known = knownIn(file);
  const whole = new Set<string>();
  return {
    recall(path, content) {
      const hash = sha256Of(content);
      const seen = known.has(hash) ? recalled(path, content) : undefined;
      if (seen !== undefined) whole.add(hash);
      return seen;
    },
    found: (content) => void whole.add(sha256Of(content)),
    async keep() {
      if (whole.size < WORTH_KEEPING || whole.isSubsetOf(known)) return;
      const aside = `${file}.${id}`;
      try {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        if (!isOwn(dirname(file))) return;
        await writeFile(aside, `${HEADER}\n${[...whole].join('\n')}\n`, { mode: 0o600, flag: 'wx' });
        await rename(aside, file);
      } catch {
        await rm(aside, { force: true }).catch(() => undefined); // it only makes the next reading quicker
      }
    },
  };
}

/** It was the text of a valid record, so that all there is to do is to read it. */
function recalled(path: string, content: Uint8Array): Recalled | undefined {
  const record: LedgerRecord = JSON.parse(Buffer.from(content).toString('utf8'));
  const publicKey = claimedKey(record.signature);
  if (publicKey === undefined || recordPath(record) !== path) return undefined;
  return { file: { kind: 'record', path, record }, signature: { kind: 'valid', publicKey } };
}

function knownIn(file: string): ReadonlySet<string> {
  const [header, ...hashes] = textIn(file)?.trimEnd().split('\n') ?? [];
  return header === HEADER ? new Set(hashes) : new Set();
}

/** What others may have written proves nothing. */
function textIn(file: string): string | undefined {
  let descriptor: number | undefined;
  try {
    if (!isOwn(dirname(file))) return undefined;
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    return stats.isFile() && isOwned(stats) ? readFileSync(descriptor, 'utf8') : undefined;
  } catch {
    return undefined; // none yet, or none that can be read: all is checked in full
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function isOwn(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && isOwned(stats);
}

function isOwned({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  return uid === process.geteuid?.() && (mode & MAY_WRITE_TOO) === 0;
}
