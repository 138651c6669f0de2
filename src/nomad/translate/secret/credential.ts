import type { Node } from '../../source/node.ts';

/** Text in a job that looks like a credential. It is never written to a manifest or a report: it belongs into the store. */

/** Words that names of credentials end with, or are. */
const name =
  /(?:^|[_.\-\s])(?:password|passwd|pass|passphrase|pwd|secret|secrets|token|credential|credentials|apikey|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|master[_-]?key|auth[_-]?key|account[_-]?key|license[_-]?key|client[_-]?secret|secret[_-]?key[_-]?base|secret[_-]?access[_-]?key|session[_-]?key|app[_-]?key)$/i;
const compact =
  /(?:password|passwd|secret|token|apikey|accesskey|secretkey|privatekey|passphrase|credentials?|authorization)$/i;

/** Names that end so and hold no credential: where one is, how long it lives, whether one is wanted. */
const harmless = /(?:file|path|dir|url|uri|endpoint|name|ttl|id|expiry|expiration|lifetime|enabled|type|algorithm)$/i;

/** Values that are switches, sizes, times, places or references, not credentials. */
const plainValue =
  /^(?:|true|false|yes|no|on|off|none|null|nil|disabled|enabled|required|optional|\d{1,5}(?:ms|s|m|h|d)?|\/[\w./-]*|<[^>]*>|\*+|change_?me|bearer|basic|digest|\$\(\w+\)|\$\{[^}]*\}|\$\w+)$/i;

/** Whether a value under a name is a credential. */
export function isCredential(key: string, value: string): boolean {
  if (hasUserinfo(value) || isNamed(key, value)) return true;
  return !harmless.test(key) && !isPlain(value) && tokens.test(value);
}

/** By the name alone, which is quick. */
function isNamed(key: string, value: string): boolean {
  return (name.test(key) || compact.test(key)) && !harmless.test(key) && !isPlain(value);
}

function isPlain(value: string): boolean {
  return plainValue.test(value.trim()) || isReference(value);
}

/** Credentials that are known by their form. */
const tokens =
  /(?<![\w-])(?:gh[pousr]_[A-Za-z0-9]{20,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|hvs\.[\w-]{20,}|sk_(?:live|test)_\w{16,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)|(?<!\$)\$(?:apr1|2[abxy]|argon2id?|[156])\$[\w./$+=,-]{8,})/;

// each pattern begins where a word does, so that a long word is read once
const userinfo = /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:\/\/([^\s/:@"'`<>]*):([^\s/@"'`<>]+)@/i;

/** A password in an address, one that is really there. */
function hasUserinfo(value: string): boolean {
  const [, , password = ''] = userinfo.exec(value) ?? [];
  return password !== '' && !plainValue.test(password) && !isReference(password);
}

function isReference(value: string): boolean {
  return /^(?:\$(?:$|[({]|[A-Za-z_]\w*$)|\{\{.*\}\}$)/.test(value.trim());
}

export interface CredentialFound {
  /** In the text. */
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly value: string;
}

/**
 * `password: value`, `token = "value"`, `--password=value`, `"secret": "value"`, the same within a string, where quotes
 * have a backslash, and `x-token = ["value"]`. A value without quotes is read on only where it is a credential, so that
 * no text is read twice.
 */
const assignment =
  /(?<!\w|\w[.-])(\\?["'`]|)([A-Za-z_][\w.-]{0,200})\1[ \t]*(?:=>|[:=])[ \t]*(?:\[[ \t]*)?(?:\\"([^"\\\n]*)\\"|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|(?=[^\s"'`,;{}()[\]<>&|\\]))/g;
const unquoted = /[^\s"'`,;{}()[\]<>&|\\]+/y;
/** Enough to tell what a value is: the whole is read where it is a credential. */
const PROBED = 256;

/** What stands in a header of HTTP. */
const bearer = /\b(?:Bearer|Basic)[ \t]+([\w.~+/-]{8,}=*)/g;

/** `"--password", "value"` as a list has them, `--password value` as a shell has them, `<password>value</password>`. */
const flagged = /"--?([A-Za-z][\w-]*)"\s*,\s*"([^"\n]*)"/g;
const spaced = /(?<![\w-])--?([A-Za-z][\w-]{0,100})[ \t]+([^\s"'`$-][^\s"'`]*)/g;
const element = /<([A-Za-z][\w.-]{0,100})>([^<>\n]+)(?=<\/)/g;

/** `curl -u admin:word` */
const login = /(?<![\w-])(?:-u|--user)[ =]+["']?[\w.@-]{1,100}:([^\s"'`\\]+)/g;

/** With the length of what ends each, and what stands in all that match. */
const FLAGS = [
  [flagged, 1, '"-'],
  [spaced, 0, '-'],
  [element, 0, '</'],
] as const;

const addresses = new RegExp(userinfo, 'gi');
const everyToken = new RegExp(tokens, 'g');
/** Characters of `$1$` with the eight that must follow: no form of a token is shorter. */
const SHORTEST_TOKEN = 11;

/**
 * All credentials in the text of a file, a script or arguments. Most texts are a word; a pattern is not even tried where a
 * character is missing that all its matches have.
 */
export function credentialsIn(text: string): readonly CredentialFound[] {
  const found: CredentialFound[] = [];
  const add = (key: string, value: string, start: number): void => {
    found.push({ start, end: start + value.length, name: key, value });
  };
  for (const match of text.includes('://') ? text.matchAll(addresses) : []) {
    const [all, , password = ''] = match;
    if (!plainValue.test(password) && !isReference(password)) {
      add('password', password, match.index + all.length - 1 - password.length);
    }
  }
  for (const { key, value, start, isQuoted } of assignmentsIn(text)) {
    if (isNamed(key, value) && !hasUserinfo(value)) add(key, value, start);
    // a text within the text: a line of a template that stands in quotes
    else if (isQuoted) for (const each of credentialsIn(value)) add(each.name, each.value, start + each.start);
  }
  for (const match of /Bearer|Basic/.test(text) ? text.matchAll(bearer) : []) {
    const [all, value = ''] = match;
    add('authorization', value, match.index + all.length - value.length);
  }
  for (const match of text.includes('-u') ? text.matchAll(login) : []) {
    const [all, value = ''] = match;
    if (!isPlain(value)) add('password', value, match.index + all.length - value.length);
  }
  for (const [pattern, tail, sign] of FLAGS) {
    for (const match of text.includes(sign) ? text.matchAll(pattern) : []) {
      const [all, key = '', value = ''] = match;
      if (isCredential(key, value)) add(key, value, match.index + all.length - tail - value.length);
    }
  }
  if (text.length >= SHORTEST_TOKEN) for (const match of text.matchAll(everyToken)) add('token', match[0], match.index);
  return found.length > 0 ? apart(found) : found;
}

/** In their order; of those that overlap the one that begins first. */
function apart(found: readonly CredentialFound[]): readonly CredentialFound[] {
  const kept: CredentialFound[] = [];
  let done = 0;
  for (const each of found.toSorted((left, right) => left.start - right.start || right.end - left.end)) {
    if (each.start < done) continue;
    kept.push(each);
    done = each.end;
  }
  return kept;
}

interface Assigned {
  readonly key: string;
  readonly value: string;
  readonly start: number;
  readonly isQuoted: boolean;
}

function assignmentsIn(text: string): readonly Assigned[] {
  if (!text.includes('=') && !text.includes(':')) return [];
  return [...text.matchAll(assignment)].map((match): Assigned => {
    const [all, , key = '', escaped, double, single] = match;
    const quoted = escaped ?? double ?? single;
    const end = match.index + all.length;
    if (quoted !== undefined)
      return { key, value: quoted, start: end - quoted.length - (escaped === undefined ? 1 : 2), isQuoted: true };
    const probe = /^[^\s"'`,;{}()[\]<>&|\\]+/.exec(text.slice(end, end + PROBED))?.[0] ?? '';
    unquoted.lastIndex = end;
    const value = isNamed(key, probe) ? (unquoted.exec(text)?.[0] ?? probe) : probe;
    return { key, value, start: end, isQuoted: false };
  });
}

/** Values of a job that came from variables marked as sensitive. */
export function sensitiveIn(node: Node | undefined): readonly string[] {
  if (node === undefined) return [];
  if (node.kind === 'list') return node.items.flatMap(sensitiveIn);
  if (node.kind === 'map') return node.entries.flatMap(({ value }) => sensitiveIn(value));
  return node.sensitive === true && node.value !== null && node.value !== '' ? [String(node.value)] : [];
}
