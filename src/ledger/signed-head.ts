/**
 * The newest record by number and hash, signed: kept away from the records, it shows that records at the end are gone,
 * which the chain by itself cannot.
 */
import { z } from 'zod';
import { sha256 } from './event.ts';
import type { LedgerRecord } from './record.ts';
import type { Signer } from './signer.ts';

export const HEAD_NAMESPACE = 'larder-ledger-head';

const signedHead = z.strictObject({
  seq: z.int().min(1),
  hash: sha256,
  at: z.iso.datetime({ precision: 3 }),
  /** Who signed this; not always who signed the record. */
  operator: z.string().regex(/^\S+$/),
  signature: z.string(),
});
export type SignedHead = z.infer<typeof signedHead>;

/** What is signed. */
export function headText({ seq, hash, at }: Pick<SignedHead, 'seq' | 'hash' | 'at'>): string {
  return `larder-ledger-head\n${seq}\n${hash}\n${at}\n`;
}

export async function signHead(
  { seq, hash, at }: Pick<LedgerRecord, 'seq' | 'hash' | 'at'>,
  by: { readonly operator: string; readonly signer: Signer },
  signal?: AbortSignal,
): Promise<SignedHead> {
  const signature = await by.signer.sign(headText({ seq, hash, at }), HEAD_NAMESPACE, signal);
  return { seq, hash, at, operator: by.operator, signature };
}

/** A file or a field of a ConfigMap. */
export function headJson(head: SignedHead): string {
  return `${JSON.stringify(head, undefined, 2)}\n`;
}

/** Undefined for text that is no head. Whether it is signed, and by whom, is for `verify`. */
export function readHead(text: string): SignedHead | undefined {
  try {
    return signedHead.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // not JSON, so no head
  }
}

const BEGIN = '-----BEGIN SSH SIGNATURE-----\n';
const END = '-----END SSH SIGNATURE-----\n';

/** `42 <hash> <at> <operator> <signature without armor>`: for a place that takes words on a line. */
export function headWords({ seq, hash, at, operator, signature }: SignedHead): readonly string[] {
  const lines = signature.slice(BEGIN.length, -END.length).trimEnd().split('\n');
  return [String(seq), hash, at, operator, ...lines];
}

/** Undefined for words that are no head. */
export function readHeadWords(words: readonly string[]): SignedHead | undefined {
  const [seq = '', hash, at, operator, ...lines] = words;
  if (!/^[1-9]\d{0,14}$/.test(seq)) return undefined;
  const signature = `${BEGIN}${lines.map((line) => `${line}\n`).join('')}${END}`;
  return signedHead.safeParse({ seq: Number(seq), hash, at, operator, signature }).data;
}
