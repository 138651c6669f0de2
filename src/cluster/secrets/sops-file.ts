/**
 * A file of sops: opened, with its sum checked, and closed again. Values that did not change keep the text that they had, so
 * that a diff shows what changed. Source of the format: getsops/sops v3.13.3, sops.go and stores/.
 */
import { createHash, type Hash } from 'node:crypto';
import { isScalar } from 'yaml';
import { type AgeEntry, type AgeIdentity, openDataKey } from './age-identity.ts';
import { canonical, type PlainValue, resolved, wordOf } from './plain-value.ts';
import { type Refused, refused } from './refused.ts';
import { DEFAULT_SUFFIX, type Scope } from './scope.ts';
import { commentStamp, removeStamp, settleComments } from './sops-comments.ts';
import { readMetadata, type SopsMetadata, scopeWords } from './sops-metadata.ts';
import { type Leaf, type Replacement, readTree, type SopsTree, walkTree } from './sops-tree.ts';
import { additionalData, type SopsText, seal, unseal } from './sops-value.ts';

/** The version of sops whose format this is. */
const VERSION = '3.13.3';
/** So that a sum over encrypted values only is another one. `sha256("sops")`, as sops.go has it. */
const ENCRYPTED_ONLY = createHash('sha256').update('sops').digest();

export interface OpenedValue {
  readonly path: readonly string[];
  readonly place: string;
  readonly text: string;
  readonly type: string;
  readonly isSecret: boolean;
}

export interface OpenedFile {
  readonly kind: 'opened';
  /** As it was before it was encrypted, with its comments; without the `sops` key. */
  readonly tree: SopsTree;
  readonly values: readonly OpenedValue[];
  readonly metadata: SopsMetadata;
  readonly dataKey: Uint8Array;
  /** What stood for a value at its place. */
  readonly sealed: ReadonlyMap<string, string>;
  /** The node of the `sops` key. */
  readonly stamp: unknown;
}

export type ReadSops =
  | { readonly kind: 'sops'; readonly tree: SopsTree; readonly metadata: SopsMetadata; readonly stamp: unknown }
  | { readonly kind: 'plain'; readonly tree: SopsTree }
  | Refused;

/** What is in a file without opening it. `file`: its name, for messages. */
export function readSops(file: string, text: string): ReadSops {
  const read = readTree(text, file.endsWith('.json') ? 'json' : 'yaml');
  if (read.kind === 'invalid') return refused('LARDER_SECRET_FORMAT', `${file} cannot be read: ${read.why}`);
  const { tree } = read;
  const stamp = tree.root.get('sops', true);
  if (stamp === undefined) return { kind: 'plain', tree };
  const isNode = typeof stamp === 'object' && stamp !== null && 'toJS' in stamp && typeof stamp.toJS === 'function';
  const metadata = readMetadata(isNode ? stamp.toJS(tree.document) : undefined);
  if (metadata.kind === 'invalid') {
    return refused('LARDER_SECRET_FORMAT', `${file} cannot be read: it ${metadata.why}. Use sops itself for it`);
  }
  removeStamp(tree);
  return { kind: 'sops', tree, metadata: metadata.metadata, stamp };
}

export async function openSops(
  file: string,
  text: string,
  identities: readonly AgeIdentity[],
): Promise<OpenedFile | Refused> {
  const read = readSops(file, text);
  if (read.kind === 'refused') return read;
  if (read.kind === 'plain') {
    const message = `${file} is not encrypted. If its values are secret, they are no longer: change them where they are used, then encrypt it with larder cluster secrets edit ${file}`;
    return refused('LARDER_SECRET_NOT_ENCRYPTED', message);
  }
  const { metadata } = read;
  if (metadata.entries.length === 0) {
    const message = `${file} is encrypted with ${metadata.others.join(', ') || 'nothing'} only, and Larder opens age: add an age recipient with sops (sops rotate --add-age)`;
    return refused('LARDER_SECRET_OTHER_KEYS', message);
  }
  const key = await openDataKey(file, metadata.entries, identities);
  return key.kind === 'refused' ? key : unlocked(file, read, key.dataKey);
}

/** One whose data key is known: what was just written. */
export function openWithKey(file: string, text: string, dataKey: Uint8Array): OpenedFile | Refused {
  const read = readSops(file, text);
  if (read.kind === 'sops') return unlocked(file, read, dataKey);
  return read.kind === 'refused' ? read : refused('LARDER_SECRET_NOT_ENCRYPTED', `${file} is not encrypted`);
}

/** Turns the tree into plain values, and checks the sum before anything is given away. */
function unlocked(
  file: string,
  { tree, metadata, stamp }: Extract<ReadSops, { kind: 'sops' }>,
  dataKey: Uint8Array,
): OpenedFile | Refused {
  const sum = newSum(metadata.scope);
  const values: OpenedValue[] = [];
  const sealed = new Map<string, string>();
  const problems: string[] = [];
  walkTree(tree, {
    value(leaf) {
      const isSecret = metadata.covers(leaf.path);
      const opened = isSecret ? openLeaf(leaf, dataKey) : plainLeaf(leaf);
      if (opened.kind === 'null') return undefined;
      if (opened.kind === 'problem') {
        problems.push(`${leaf.place} ${opened.why}`);
        return undefined;
      }
      if (opened.kind === 'comment') return { comment: opened.text };
      const { value } = opened;
      if (isSecret || !metadata.scope.macOnlyEncrypted) sum.update(value.text);
      if (isSecret) sealed.set(mark(leaf.place, value), leaf.word);
      values.push({ path: leaf.path, place: leaf.place, isSecret, ...value });
      return isSecret ? replacementOf(value) : undefined;
    },
    comment(line, path) {
      const comment = metadata.covers(path) ? openComment(line, path, dataKey) : line;
      if (comment !== line) sealed.set(mark(`#${additionalData(path)}`, { type: 'comment', text: comment }), line);
      return comment;
    },
  });
  if (problems.length > 0) {
    const message = `${file} was changed by hand: ${problems.join('; ')}. Take it from git as it was (git checkout -- ${file}), then larder cluster secrets edit ${file}`;
    return refused('LARDER_SECRET_EDITED', message);
  }
  const wanted = unseal(metadata.mac, dataKey, metadata.lastModified);
  if (wanted.kind !== 'unsealed' || wanted.value.text !== sum.digest('hex').toUpperCase()) {
    const message = `${file} was changed by hand: its values do not add up to its checksum, so one was removed, put back or changed. Compare it with git; nothing of it is used`;
    return refused('LARDER_SECRET_MAC', message);
  }
  return { kind: 'opened', tree, values, metadata, dataKey, sealed, stamp };
}

type LeafValue =
  | { readonly kind: 'value'; readonly value: PlainValue }
  | { readonly kind: 'null' }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'problem'; readonly why: string };

function openLeaf({ path, word, isPlain }: Leaf, dataKey: Uint8Array): LeafValue {
  if (isPlain && resolved(word).kind === 'null') return { kind: 'null' };
  const opened = unseal(word, dataKey, additionalData(path));
  if (opened.kind === 'plain') return { kind: 'problem', why: 'stands there in plain text' };
  if (opened.kind === 'foreign') return { kind: 'problem', why: 'was changed, or brought from elsewhere' };
  if (opened.value.type === 'comment') return { kind: 'comment', text: opened.value.text };
  return { kind: 'value', value: canonical(opened.value.type, opened.value.text) };
}

function plainLeaf({ word, isPlain }: Leaf): LeafValue {
  if (!isPlain) return { kind: 'value', value: { type: 'str', text: word } };
  const meaning = resolved(word);
  if (meaning.kind === 'unsupported') return { kind: 'problem', why: meaning.why };
  return meaning;
}

function replacementOf(value: PlainValue): Replacement {
  return value.type === 'str' ? { text: value.text } : { word: wordOf(value) };
}

/**
 * Whose comment it is depends on the reader of YAML: of the keys around it, or of those one level up. One that opens nowhere
 * was not encrypted, as sops takes it.
 */
function openComment(line: string, path: readonly string[], dataKey: Uint8Array): string {
  if (!line.startsWith('ENC[')) return line;
  for (let length = path.length; length >= 0; length -= 1) {
    const opened = unseal(line, dataKey, additionalData(path.slice(0, length)));
    if (opened.kind === 'unsealed') return opened.value.text;
  }
  return line;
}

export interface Closing {
  /** Plain; it is changed into the encrypted one. */
  readonly tree: SopsTree;
  readonly dataKey: Uint8Array;
  readonly entries: readonly AgeEntry[];
  readonly scope: Scope;
  readonly covers: SopsMetadata['covers'];
  /** Of the file that it was, under the same data key. */
  readonly sealed?: ReadonlyMap<string, string>;
  /** The `sops` key that it had, when its recipients stay: what others wrote into it is kept. */
  readonly stamp?: unknown;
  /** Epoch ms. */
  readonly now: number;
}

export type Closed =
  | { readonly kind: 'closed'; readonly tree: SopsTree; readonly values: readonly OpenedValue[] }
  | Refused;

/** The tree becomes the encrypted one, with its `sops` key at the end. */
export function closeSops(file: string, closing: Closing): Closed {
  const { tree, dataKey, scope, covers, sealed, now } = closing;
  const last = settleComments(tree);
  const sum = newSum(scope);
  const problems: string[] = [];
  const values: OpenedValue[] = [];
  walkTree(tree, {
    value(leaf) {
      const isSecret = covers(leaf.path);
      const plain = plainLeaf(leaf);
      if (plain.kind === 'problem') problems.push(`${leaf.place}: ${plain.why}`);
      if (plain.kind !== 'value') return undefined;
      const { value } = plain;
      values.push({ path: leaf.path, place: leaf.place, isSecret, ...value });
      if (isSecret || !scope.macOnlyEncrypted) sum.update(value.text);
      if (!isSecret) return undefined;
      return { text: sealed?.get(mark(leaf.place, value)) ?? seal(value, dataKey, additionalData(leaf.path)) };
    },
    comment: closeComment,
  });
  if (problems.length > 0) return refused('LARDER_SECRET_FORMAT', `${file}: ${problems.join('; ')}`);
  const lastModified = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const mac = seal({ type: 'str', text: sum.digest('hex').toUpperCase() }, dataKey, lastModified);
  stampTree(closing, lastModified, mac);
  commentStamp(
    tree,
    last
      ?.split('\n')
      .map((line) => (line === '' ? line : closeComment(line, [])))
      .join('\n'),
  );
  return { kind: 'closed', tree, values };

  function closeComment(line: string, path: readonly string[]): string {
    const comment = { type: 'comment', text: line };
    const data = additionalData(path);
    return covers(path) ? (sealed?.get(mark(`#${data}`, comment)) ?? seal(comment, dataKey, data)) : line;
  }
}

function stampTree({ tree, entries, scope, stamp }: Closing, lastModified: string, mac: string): void {
  const { document, root } = tree;
  const node = stamp ?? document.createNode(freshStamp(entries, scope));
  // In quotes: it would be a time to others, and it is a text.
  const moment = document.createNode(lastModified);
  if (isScalar(moment)) moment.type = 'QUOTE_DOUBLE';
  root.set('sops', node);
  document.setIn(['sops', 'lastmodified'], moment);
  document.setIn(['sops', 'mac'], mac);
}

function freshStamp(entries: readonly AgeEntry[], scope: Scope): object {
  const words = scopeWords(scope);
  const stamp = {
    age: entries.map(({ recipient, enc }) => ({ enc: enc.endsWith('\n') ? enc : `${enc}\n`, recipient })),
    lastmodified: '',
    mac: '',
    ...(Object.keys(words).length === 0 ? scopeWords({ unencryptedSuffix: DEFAULT_SUFFIX }) : words),
    ...(scope.macOnlyEncrypted ? { mac_only_encrypted: 'true' } : {}),
    version: VERSION,
  };
  // In the order in which sops writes them.
  return Object.fromEntries(Object.entries(stamp).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function newSum({ macOnlyEncrypted }: Scope): Hash {
  const sum = createHash('sha512');
  return macOnlyEncrypted ? sum.update(ENCRYPTED_ONLY) : sum;
}

/** The same text at the same place has the same cipher text; elsewhere or otherwise it gets another. */
function mark(place: string, { type, text }: SopsText): string {
  return `${place}\0${type}\0${text}`;
}
