/** A record: one event in its envelope, as the file that holds it. */
import { z } from 'zod';
import { canonicalText, isList, type Json } from './canonical.ts';
import { type EventType, isEventType, type LedgerEvent, ledgerEvent, sha256 } from './event.ts';
import { issueWords } from './issue-words.ts';

/** Where the records are, from the root of the operators' repository. */
export const LEDGER_FOLDER = 'docs/governance/ledger';
/** Where artifacts are, in one folder per change, run or day. */
export const REVIEWS_FOLDER = 'docs/governance/reviews';
/** The version of the envelope and of the data of its event. */
export const SCHEMA_VERSION = 1;
/** What a signature is for (`ssh-keygen -Y verify -n`): one made for something else is none. */
export const SIGNATURE_NAMESPACE = 'larder-ledger';

export const artifact = z.strictObject({
  /** From the root of the repository, below REVIEWS_FOLDER. */
  path: z
    .string()
    .regex(
      /^docs\/governance\/reviews\/[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/,
      `is no path of a file in a folder of ${REVIEWS_FOLDER}`,
    ),
  /** Of the file as it is stored, so that `sha256sum` says the same. */
  sha256,
  bytes: z.int().min(0),
});
export type Artifact = z.infer<typeof artifact>;

const envelope = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  /** 1 for the first; one more than the largest of its parents. Two branches of history have equal numbers. */
  seq: z.int().min(1),
  /** Hash of the record before; null for the first. */
  prev: sha256.nullable(),
  id: z.uuid(),
  type: z.string().refine(isEventType, 'is no type of event that this version knows'),
  /** When it was recorded, UTC. When the thing happened is in the data. */
  at: z.iso.datetime({ precision: 3 }),
  /** Who signed. */
  operator: z.string().min(1),
  /** Of JSON, whatever it is: the schema of the event looks at what is in it. */
  data: z.record(z.string(), z.unknown()),
  artifacts: z.array(artifact),
  /** What was checked out when it was recorded; null where nothing was committed yet. */
  gitCommit: z
    .string()
    .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
    .nullable(),
  /** SHA-256 of `unsignedText`. */
  hash: sha256,
  /** Armored ssh signature of `unsignedText`. */
  signature: z.string().startsWith('-----BEGIN SSH SIGNATURE-----\n'),
});

interface Sealed {
  readonly hash: string;
  readonly signature: string;
}
/** What is hashed and signed. */
export type Unsigned = Omit<z.infer<typeof envelope>, keyof Sealed | 'type' | 'data'> & LedgerEvent;
export type LedgerRecord = Unsigned & Sealed;
/** The records of some types, each with its data. */
export type RecordOf<T extends EventType> = Extract<Unsigned, { readonly type: T }>;

export type ParsedRecord =
  /** `unsigned`: as `unsignedText` makes it of the record. */
  | { readonly kind: 'record'; readonly record: LedgerRecord; readonly unsigned: string }
  | { readonly kind: 'malformed'; readonly why: string };

/**
 * The text that is hashed and signed: RFC 8785 of the record without `hash` and `signature`. Anyone makes it with
 * `jq -jcS 'del(.hash,.signature)'`, which is the same text for what records hold.
 */
export function unsignedText(record: Unsigned | LedgerRecord): string {
  const { hash: _hash, signature: _signature, ...rest } = { hash: '', signature: '', ...record };
  return canonicalText(JSON.parse(JSON.stringify(rest)));
}

/** The whole file: members in the order of the envelope, two spaces, a newline at the end. One record has one text. */
export function recordText(record: LedgerRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** From the root of the repository: `docs/governance/ledger/2026/03/000042-change-applied-<id>.json`. */
export function recordPath(record: Pick<Unsigned, 'seq' | 'at' | 'id'> & { readonly type: string }): string {
  const [year = '', month = ''] = record.at.split('-');
  return `${LEDGER_FOLDER}/${year}/${month}/${String(record.seq).padStart(6, '0')}-${record.type}-${record.id}.json`;
}

/** Reads a file. Whether it is the very text of that record, stands at its path and is signed is for `verify`. */
export function parseRecord(text: string): ParsedRecord {
  const json = parsed(text);
  if (json === undefined) return { kind: 'malformed', why: 'is not JSON' };
  const envelopeResult = envelope.safeParse(json);
  if (!envelopeResult.success) return { kind: 'malformed', why: problems(envelopeResult.error) };
  const { type, data } = envelopeResult.data;
  if (!isEventType(type)) return { kind: 'malformed', why: `type: ${type} is unknown` };
  const event = parseEvent(type, data);
  if (event.kind === 'malformed') return event;
  return { kind: 'record', record: { ...envelopeResult.data, ...event.event }, unsigned: unsignedOf(json) };
}

/** The same from what was read: a file of thousands is not taken apart and put together again for it. */
function unsignedOf(json: Json): string {
  if (typeof json !== 'object' || json === null || isList(json)) throw new RangeError('a record is an object');
  const { hash: _hash, signature: _signature, ...rest } = json;
  return canonicalText(rest);
}

export type ParsedEvent =
  | { readonly kind: 'event'; readonly event: LedgerEvent }
  | { readonly kind: 'malformed'; readonly why: string };

/** Data of a type, checked by its schema; unknown members are kept where the schema keeps them, else refused. */
export function parseEvent(type: EventType, data: unknown): ParsedEvent {
  const result = ledgerEvent.safeParse({ type, data });
  return result.success ? { kind: 'event', event: result.data } : { kind: 'malformed', why: problems(result.error) };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON text stands for undefined, so the caller can tell
  }
}

/** Every problem with its place, as `data.nodes[0].role: …`. */
function problems(error: z.ZodError): string {
  return error.issues.map((issue) => `${place(issue.path)}: ${issueWords(issue)}`).join('; ');
}

function place(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text === '' ? 'the record' : text.replace(/^\./, '');
}
