/** A file of a record, looked at alone: is it, byte for byte, the text of the record that its hash and its name belong to? */
import { createHash } from 'node:crypto';
import type { Finding } from './finding.ts';
import { LEDGER_FOLDER, type LedgerRecord, parseRecord, recordPath, recordText, unsignedText } from './record.ts';

export type RecordFile =
  | { readonly kind: 'record'; readonly path: string; readonly record: LedgerRecord }
  | { readonly kind: 'bad'; readonly path: string; readonly finding: Finding };

const NAME = new RegExp(`^${LEDGER_FOLDER}/\\d{4}/\\d{2}/(\\d{6,15})-[a-z-]+-[0-9a-f-]{36}\\.json$`);

/** Whether the path is one that a record can have. */
export function isRecordPath(path: string): boolean {
  return NAME.test(path);
}

/** The number that the name says; undefined where it says none. */
function seqOfPath(path: string): number | undefined {
  const digits = NAME.exec(path)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Without the signature, which takes asynchronous work, and without the records around it. */
export function recordFile(path: string, content: Uint8Array): RecordFile {
  return readRecordFile(path, content).file;
}

export interface ReadRecordFile {
  readonly file: RecordFile;
  /** What was signed; empty where there is no record. */
  readonly unsigned: string;
}

/** With the text whose signature is to be checked, which is not to be kept. */
export function readRecordFile(path: string, content: Uint8Array): ReadRecordFile {
  const text = textOf(content);
  if (text === undefined) return { file: bad(path, 'malformed', 'is not text in UTF-8'), unsigned: '' };
  const parsed = parseRecord(text);
  if (parsed.kind === 'malformed') return { file: bad(path, 'malformed', `is no record: ${parsed.why}`), unsigned: '' };
  const { record, unsigned } = parsed;
  return { file: judged(path, text, { record, unsigned }), unsigned };
}

function judged(
  path: string,
  text: string,
  { record, unsigned }: { readonly record: LedgerRecord; readonly unsigned: string },
): RecordFile {
  if (sha256Of(unsigned) !== record.hash) {
    return bad(path, 'altered', 'was changed: what it says does not have the hash that it names');
  }
  // Text has one form in UTF-8, so that the same text is the same bytes.
  if (recordText(record) !== text) {
    return bad(path, 'altered', 'was changed: it says what the record says, in another text');
  }
  const own = recordPath(record);
  if (own !== path) return bad(path, 'misplaced', `holds the record that belongs to ${own}`);
  return { kind: 'record', path, record };
}

function bad(path: string, kind: 'malformed' | 'altered' | 'misplaced', what: string): RecordFile {
  const seq = seqOfPath(path);
  return {
    kind: 'bad',
    path,
    finding: { kind, path, message: `${path} ${what}`, ...(seq === undefined ? {} : { seq }) },
  };
}

export function hashOf(record: Parameters<typeof unsignedText>[0]): string {
  return sha256Of(unsignedText(record));
}

export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

// Strict: a byte that is no UTF-8 must not become a replacement character, and a byte order mark must not vanish.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(content: Uint8Array): string | undefined {
  try {
    return decoder.decode(content);
  } catch {
    return undefined; // the caller says that it is no text
  }
}
