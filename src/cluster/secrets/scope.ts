/** Which values of a file are encrypted. sops keeps the rule in the file, so that every later writer follows it. */

/** At most one of them; without any it is `unencryptedSuffix: _unencrypted`. */
export interface Scope {
  readonly unencryptedSuffix?: string | undefined;
  readonly encryptedSuffix?: string | undefined;
  readonly unencryptedRegex?: string | undefined;
  readonly encryptedRegex?: string | undefined;
  /** The sum is over what is encrypted only. */
  readonly macOnlyEncrypted?: boolean | undefined;
}

export const DEFAULT_SUFFIX = '_unencrypted';

export type ReadScope =
  | { readonly kind: 'scope'; covers(path: readonly string[]): boolean }
  | { readonly kind: 'invalid'; readonly why: string };

/** `path`: the keys from the root. A rule that fits any of them counts. */
export function readScope(scope: Scope): ReadScope {
  const { unencryptedSuffix, encryptedSuffix, unencryptedRegex, encryptedRegex } = scope;
  const given = [unencryptedSuffix, encryptedSuffix, unencryptedRegex, encryptedRegex].filter(Boolean);
  if (given.length > 1) return { kind: 'invalid', why: 'names more than one rule for what is encrypted' };
  if (encryptedSuffix) return { kind: 'scope', covers: (path) => path.some((key) => key.endsWith(encryptedSuffix)) };
  const pattern = encryptedRegex || unencryptedRegex;
  if (!pattern) {
    const suffix = unencryptedSuffix || DEFAULT_SUFFIX;
    return { kind: 'scope', covers: (path) => !path.some((key) => key.endsWith(suffix)) };
  }
  const expression = goExpression(pattern);
  if (expression === undefined) {
    return { kind: 'invalid', why: `has the expression ${pattern}, which is read here in no safe way: use plain ones` };
  }
  const wanted = Boolean(encryptedRegex);
  return { kind: 'scope', covers: (path) => path.some((key) => expression.test(key)) === wanted };
}

/**
 * An expression of Go (RE2) where it means the same here; undefined for one that is not, as with classes by name, `\A` or
 * `(?P<…>)`.
 */
export function goExpression(pattern: string): RegExp | undefined {
  const [, ignoresCase, rest = ''] = /^(\(\?i\))?(.*)$/s.exec(pattern) ?? [];
  if (/\[\[:|\\[AzZQEpPCabB<>]|\(\?(?!:)/.test(rest)) return undefined;
  try {
    return new RegExp(rest, ignoresCase === undefined ? 'u' : 'iu');
  } catch {
    return undefined; // Go reads it otherwise, or not at all
  }
}
