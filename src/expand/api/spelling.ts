/**
 * How the value of a setting may be spelled in a PVCPolicy or a PVCGroup. One row gives the reading, which is that of
 * annotations, and the rule in CEL by which an API server refuses what cannot be read, in the same words. Rules use
 * nothing newer than Kubernetes 1.27 has; a test compares the two sides on many texts.
 */
import { z } from 'zod';
import {
  type Field,
  type Increase,
  type Parsed,
  parseApproval,
  parseDuration,
  parseIncrease,
  parseName,
  parsePercentage,
  parseSize,
  parseSnapshotShare,
} from '../settings/settings.ts';
import { type ChangeWindow, parseWindow } from '../settings/window.ts';

interface Spelling<T> {
  readonly parse: (text: string) => Parsed<T>;
  /** In CEL: whether the text `self` is readable. */
  readonly text: string;
  /** In CEL: which plain numbers are; absent: none. */
  readonly number?: string;
  readonly mostCharacters: number;
}

const SIZE =
  "self.matches('^[+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$') && self.matches('^[+]?[0-9.]*[1-9]')";
const SHARE = "self.matches('^(0?[0-9]{1,3}([.][0-9]{1,4})?|1000([.]0{1,4})?)%$') && self.matches('[1-9]')";

const percentage: Spelling<number> = {
  parse: parsePercentage,
  text: "self.matches('^((0?[1-9]|[1-9][0-8]|[1-8]9)([.][0-9]{1,4})?|99([.]0{1,4})?)%?$')",
  number: 'self >= 1 && self <= 99',
  mostCharacters: 16,
};
/** A plain number would be bytes, and is meant as a percentage by whoever writes it: refused. */
const increase: Spelling<Increase> = {
  parse: parseIncrease,
  text: `self.endsWith('%') ? ${SHARE} : ${SIZE}`,
  mostCharacters: 32,
};
const size: Spelling<bigint> = { parse: parseSize, text: SIZE, number: 'self > 0', mostCharacters: 32 };
const duration: Spelling<number> = {
  parse: parseDuration,
  text: "self == '0' || self.matches('^([0-9]{1,12}([.][0-9]{1,9})?(ns|us|µs|ms|s|m|h|d))+$')",
  mostCharacters: 64,
};
const PART =
  '([A-Za-z]{3}([-,][A-Za-z]{3})* +)?[0-9]{1,2}:[0-5][0-9]-[0-9]{1,2}:[0-5][0-9]( +[A-Za-z][A-Za-z0-9_+/-]*)?';
/** Whether days, hours and zone exist is for the reader alone. */
const window: Spelling<ChangeWindow> = {
  parse: parseWindow,
  text: `self == 'always' || self.matches('^${PART}( *; *${PART})*$')`,
  mostCharacters: 256,
};
const approval: Spelling<bigint | 'never'> = {
  parse: parseApproval,
  text: `self == 'never' || ${SIZE}`,
  number: 'self > 0',
  mostCharacters: 32,
};
const snapshotShare: Spelling<number | 'never'> = {
  parse: parseSnapshotShare,
  text: `self == 'never' || self.matches('^(0?[0-9]{1,3}([.][0-9]{1,4})?|1000([.]0{1,4})?)%$')`,
  mostCharacters: 32,
};
const name: Spelling<string> = {
  parse: parseName,
  text: "self.matches('^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$')",
  mostCharacters: 253,
};
const word: Spelling<string> = {
  parse: (text) =>
    /^\S{1,63}$/.test(text) ? { ok: true, value: text } : { ok: false, reason: 'must be one word, for example "gp3"' },
  text: "self.matches('^[^ \\t\\r\\n]{1,63}$')",
  mostCharacters: 63,
};

export const spellings = {
  percentage,
  increase,
  size,
  duration,
  window,
  approval,
  snapshotShare,
  name,
  word,
} as const;

/** A member of that spelling, for the schema. */
export function spelled<T>(spelling: Spelling<T>, description: string) {
  const { mostCharacters, number, text } = spelling;
  const texts = z.string().max(mostCharacters);
  const rule = number === undefined ? text : `type(self) == int ? ${number} : ${text}`;
  const written = number === undefined ? texts : z.union([z.int(), texts]);
  return written.optional().meta({
    description,
    'x-kubernetes-validations': [{ rule, message: formOf(spelling) }],
  });
}

/** What was written is kept, also where it cannot be read; undefined: nothing was. `key` is its place in the object. */
export function readSpelled<T>(spelling: Spelling<T>, raw: unknown, key: string): Field<T> | undefined {
  if (raw === undefined || raw === null) return undefined;
  const text = typeof raw === 'string' ? raw : JSON.stringify(raw);
  const readable = typeof raw === 'string' || (spelling.number !== undefined && Number.isSafeInteger(raw));
  const parsed: Parsed<T> = readable ? spelling.parse(text) : { ok: false, reason: formOf(spelling) };
  return { ...parsed, text, key };
}

/** The accepted form in the words of the reader; no text that is empty can be read. */
function formOf<T>({ parse }: Spelling<T>): string {
  const nothing = parse('');
  if (nothing.ok) throw new TypeError('a spelling must not accept the empty text');
  return nothing.reason;
}
