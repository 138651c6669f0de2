/** The `sops` key of an encrypted file: who can open it, what is encrypted, and the sum over all values. */
import { z } from 'zod';
import type { AgeEntry } from './age-identity.ts';
import { type ReadScope, readScope, type Scope } from './scope.ts';

const text = z.string();
const keys = z.array(z.unknown()).nullish();

/** What other writers add is kept where the file is written again. */
const shape = z.looseObject({
  age: z.array(z.looseObject({ recipient: text, enc: text })).nullish(),
  lastmodified: text,
  mac: text,
  version: text.optional(),
  unencrypted_suffix: text.optional(),
  encrypted_suffix: text.optional(),
  unencrypted_regex: text.optional(),
  encrypted_regex: text.optional(),
  unencrypted_comment_regex: text.optional(),
  encrypted_comment_regex: text.optional(),
  mac_only_encrypted: z.union([z.boolean(), z.enum(['true', 'false'])]).optional(),
  key_groups: keys,
  shamir_threshold: z.union([z.int(), text]).optional(),
  pgp: keys,
  kms: keys,
  gcp_kms: keys,
  azure_kv: keys,
  hc_vault: keys,
  hckms: keys,
});

/** Keys of others than age, by the words of sops. */
const OTHERS = ['pgp', 'kms', 'gcp_kms', 'azure_kv', 'hc_vault', 'hckms'] as const;

export interface SopsMetadata {
  readonly entries: readonly AgeEntry[];
  /** Kinds of other keys that can open the file, too. */
  readonly others: readonly string[];
  readonly lastModified: string;
  readonly mac: string;
  readonly scope: Scope;
  readonly covers: Extract<ReadScope, { kind: 'scope' }>['covers'];
}

export type ReadMetadata =
  | { readonly kind: 'metadata'; readonly metadata: SopsMetadata }
  | { readonly kind: 'invalid'; readonly why: string };

export function readMetadata(value: unknown): ReadMetadata {
  const parsed = shape.safeParse(value);
  if (!parsed.success) return { kind: 'invalid', why: 'has a `sops` key in which something is missing' };
  const { data } = parsed;
  if (data.key_groups?.length) return { kind: 'invalid', why: 'splits its key among groups (key_groups)' };
  if (data.encrypted_comment_regex || data.unencrypted_comment_regex) {
    return { kind: 'invalid', why: 'chooses by comments what is encrypted (encrypted_comment_regex)' };
  }
  const scope: Scope = {
    unencryptedSuffix: data.unencrypted_suffix,
    encryptedSuffix: data.encrypted_suffix,
    unencryptedRegex: data.unencrypted_regex,
    encryptedRegex: data.encrypted_regex,
    macOnlyEncrypted: String(data.mac_only_encrypted) === 'true',
  };
  const read = readScope(scope);
  if (read.kind === 'invalid') return read;
  const metadata = {
    entries: data.age ?? [],
    others: OTHERS.filter((name) => data[name]?.length),
    // sops writes whole seconds, and binds the sum to the text of them.
    lastModified: data.lastmodified.replace(/\.\d+/, ''),
    mac: data.mac,
    scope,
    covers: read.covers,
  };
  return { kind: 'metadata', metadata };
}

/** The words of `sops` for a scope, as they stand in a file. */
export function scopeWords(scope: Scope): Readonly<Record<string, string>> {
  const words = {
    unencrypted_suffix: scope.unencryptedSuffix,
    encrypted_suffix: scope.encryptedSuffix,
    unencrypted_regex: scope.unencryptedRegex,
    encrypted_regex: scope.encryptedRegex,
  };
  return Object.fromEntries(Object.entries(words).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}
