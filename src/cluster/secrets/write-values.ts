/** The text of an encrypted file: one that is new, one whose values changed, one that gets another data key. */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isScalar } from 'yaml';
import { type AgeIdentity, wrapDataKey } from './age-identity.ts';
import { creationRule, SOPS_CONFIG } from './creation-rule.ts';
import { needsQuotes } from './plain-value.ts';
import { type Refused, refused } from './refused.ts';
import { readScope } from './scope.ts';
import { readSecretFile } from './secret-file.ts';
import { type Closed, closeSops, type OpenedFile, openSops, openWithKey } from './sops-file.ts';
import type { SopsMetadata } from './sops-metadata.ts';
import { type SopsTree, treeText } from './sops-tree.ts';
import { DATA_KEY_BYTES } from './sops-value.ts';

export type Sealed = { readonly kind: 'sealed'; readonly text: string } | Refused;

export interface NewFile {
  readonly repository: string;
  /** From the root of the repository. */
  readonly file: string;
  readonly tree: SopsTree;
  /** Of cluster.yaml, for a file to which .sops.yaml names none. */
  readonly recipients: readonly string[];
  readonly now: number;
}

/** As .sops.yaml says. */
export async function sealNew({ repository, file, tree, recipients, now }: NewFile): Promise<Sealed> {
  const config = readSecretFile(repository, SOPS_CONFIG);
  if (config.kind === 'refused') return config;
  const rule = creationRule(config.kind === 'text' ? config.text : undefined, file);
  if (rule.kind === 'refused') return rule;
  const covering = readScope(rule.scope);
  if (covering.kind === 'invalid') return refused('LARDER_SECRET_FORMAT', `${SOPS_CONFIG}: a rule ${covering.why}`);
  const named = rule.recipients.length > 0 ? rule.recipients : recipients;
  return sealAnew(file, tree, { recipients: named, scope: rule.scope, covers: covering.covers, now });
}

interface Anew extends Pick<SopsMetadata, 'scope' | 'covers'> {
  readonly recipients: readonly string[];
  readonly now: number;
}

/** Under a data key that nothing was encrypted with before. */
async function sealAnew(file: string, tree: SopsTree, { recipients, ...rest }: Anew): Promise<Sealed> {
  if (recipients.length === 0) {
    const message = `nobody could read ${file}: name age recipients in secrets.recipients of cluster.yaml, or run larder cluster secrets init`;
    return refused('LARDER_SECRET_RECIPIENTS', message);
  }
  const dataKey = randomBytes(DATA_KEY_BYTES);
  const wrapped = await wrapDataKey(dataKey, [...new Set(recipients)]);
  if (wrapped.kind === 'refused') return wrapped;
  const closed = closeSops(file, { tree, dataKey, entries: wrapped.entries, ...rest });
  return checked(file, closed, dataKey);
}

/** Values that did not change keep their text. `tree`: what the values are now. */
export function sealAgain(file: string, opened: OpenedFile, tree: SopsTree, now: number): Sealed {
  const { dataKey, metadata, sealed, stamp } = opened;
  const { entries, scope, covers } = metadata;
  const closed = closeSops(file, { tree, dataKey, entries, scope, covers, sealed, stamp, now });
  return checked(file, closed, dataKey);
}

/** What is to be written is opened first: a file that does not give back what was put into it is never written. */
function checked(file: string, closed: Closed, dataKey: Uint8Array): Sealed {
  if (closed.kind === 'refused') return closed;
  const text = treeText(closed.tree);
  const opened = openWithKey(file, text, dataKey);
  if (opened.kind === 'opened' && isDeepStrictEqual(opened.values, closed.values)) return { kind: 'sealed', text };
  const why = opened.kind === 'refused' ? `: ${opened.message}` : '';
  return refused(
    'LARDER_SECRET_FORMAT',
    `${file} would not give back what was put into it, so it was not written${why}`,
  );
}

/** Sets a text at a key, or at a way through nested keys with dots between them. */
export function setValue({ document, root }: SopsTree, key: string, text: string): void {
  const path = root.has(key) ? [key] : key.split('.');
  const node = document.createNode(text);
  if (isScalar(node) && needsQuotes(text)) node.type = 'QUOTE_DOUBLE';
  document.setIn(path, node);
}

/** Takes a key at the top away. */
export function removeValue({ root }: SopsTree, key: string): void {
  root.delete(key);
}

export interface Rotation {
  readonly file: string;
  readonly text: string;
  readonly identities: readonly AgeIdentity[];
  readonly recipients: readonly string[];
  readonly now: number;
}

export type Rotated =
  | {
      readonly kind: 'rotated';
      readonly text: string;
      readonly added: readonly string[];
      readonly removed: readonly string[];
    }
  | Refused;

/**
 * The same values under a new data key, for these recipients alone. It is opened once more before anybody writes it, so that a
 * file that nobody here could read never takes the place of one that they can.
 */
export async function rotated({ file, text, identities, recipients, now }: Rotation): Promise<Rotated> {
  const opened = await openSops(file, text, identities);
  if (opened.kind === 'refused') return opened;
  const { entries, others, scope, covers } = opened.metadata;
  if (others.length > 0) {
    const message = `${file} can be read with ${others.join(', ')} as well, to which Larder cannot encrypt: rotate it with sops (sops rotate -i ${file})`;
    return refused('LARDER_SECRET_OTHER_KEYS', message);
  }
  const sealed = await sealAnew(file, opened.tree, { recipients, scope, covers, now });
  if (sealed.kind === 'refused') return sealed;
  const again = await openSops(file, sealed.text, identities);
  if (again.kind === 'refused') return again;
  const before = entries.map(({ recipient }) => recipient);
  return {
    kind: 'rotated',
    text: sealed.text,
    added: recipients.filter((each) => !before.includes(each)),
    removed: before.filter((each) => !recipients.includes(each)),
  };
}
