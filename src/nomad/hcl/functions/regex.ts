import { runInNewContext } from 'node:vm';
import { stringValue } from '../value.ts';
import { type HclFunction, type Outcome, refuse, text, three } from './hcl-function.ts';

export const regexFunctions: Readonly<Record<string, HclFunction>> = {
  regex_replace: three([text, text, text], replaceAll),
};

function replaceAll(value: string, pattern: string, replacement: string): Outcome {
  const compiled = compile(pattern);
  if (compiled.kind === 'refused') return refuse(compiled.message, 1);
  const matches = matchesIn(value, compiled.expression);
  if (!matches) return refuse('the pattern takes too long here; write it without repetitions inside of repetitions', 1);
  let made = '';
  let end = 0;
  for (const match of matches) {
    made += value.slice(end, match.at) + expand(replacement, match);
    end = match.at + (match.groups[0] ?? '').length;
  }
  return stringValue(made + value.slice(end));
}

interface Match {
  readonly at: number;
  /** The whole, then the groups; null for one that took no part. */
  readonly groups: readonly (string | null)[];
  readonly named: Readonly<Record<string, string>>;
}

/** Go's expressions never take long, those of JavaScript may take for ever: they run where they can be stopped. */
const MOST_MILLISECONDS = 1000;
const MATCH_ALL = `JSON.stringify(
  Array.from(value.matchAll(new RegExp(source, flags)), (found) => ({ at: found.index, groups: [...found], named: { ...found.groups } })),
)`;

function matchesIn(value: string, { source, flags }: RegExp): readonly Match[] | undefined {
  try {
    return JSON.parse(String(runInNewContext(MATCH_ALL, { value, source, flags }, { timeout: MOST_MILLISECONDS })));
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return undefined;
    throw error;
  }
}

/** `$$`, `${name}` or `$name`, the latter as long as it goes: `$1x` is the group `1x`. */
const REFERENCE = /\$(?:\$|\{(\w+)\}|(\w+))/g;

function expand(replacement: string, { groups, named }: Match): string {
  return replacement.replace(REFERENCE, (_all, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return '$';
    if (/^\d+$/.test(name)) return groups[Number(name)] ?? '';
    return Object.hasOwn(named, name) ? (named[name] ?? '') : '';
  });
}

type Compiled =
  | { readonly kind: 'compiled'; readonly expression: RegExp }
  | { readonly kind: 'refused'; readonly message: string };

/** What Go's syntax writes differently; every other escape means the same in both. */
const DIFFERENT: readonly (readonly [RegExp, string])[] = [
  [/^\(\?P</, '(?<'],
  [/^\\A/, '(?<![\\s\\S])'],
  [/^\\z/, '(?![\\s\\S])'],
  [/^\\a/, '\\x07'],
  [/^\\(p|P)([A-Z])/, '\\$1{$2}'],
  [/^\\x\{([0-9A-Fa-f]+)\}/, '\\u{$1}'],
  [/^\\([-_"'#%&,:;<=>@`~! ])/, '$1'],
];
const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};
/** Go knows these, and nothing of the kind can be said here. */
const UNKNOWN = /\(\?[a-zA-Z]*U|\\C|\\p\{\^|\[\[:\^/;
/** Go refuses these, although they mean something here. */
const FOREIGN = /\(\?<?[=!]|\\[1-9]|\\k</;

function compile(pattern: string): Compiled {
  if (UNKNOWN.test(pattern))
    return {
      kind: 'refused',
      message: `the pattern ${JSON.stringify(pattern)} uses what cannot be converted; write it with plain classes and quantifiers`,
    };
  if (FOREIGN.test(pattern))
    return {
      kind: 'refused',
      message: `the pattern ${JSON.stringify(pattern)} looks around or back, which Nomad does not know`,
    };
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const rest = flags ? pattern.slice(flags[0].length) : pattern;
  try {
    return { kind: 'compiled', expression: new RegExp(translate(rest), `gu${flags?.[1] ?? ''}`) };
  } catch (error) {
    return {
      kind: 'refused',
      message: `the pattern ${JSON.stringify(pattern)} is not valid: ${error instanceof Error ? error.message : ''}`,
    };
  }
}

function translate(pattern: string): string {
  let made = '';
  let inClass = false;
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const step: Step = inClass ? classStep(rest) : outsideStep(rest);
    made += step.made;
    at += step.length;
    inClass = step.inClass ?? inClass;
  }
  return made;
}

interface Step {
  readonly made: string;
  readonly length: number;
  readonly inClass?: boolean;
}

function outsideStep(rest: string): Step {
  // A closing bracket in first place belongs to the class.
  const open = /^\[\^?\]?/.exec(rest)?.[0];
  if (open) return { made: open.replace(/\]$/, '\\]'), length: open.length, inClass: true };
  const literal = /^\\Q([\s\S]*?)(?:\\E|$)/.exec(rest);
  if (literal) return { made: (literal[1] ?? '').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), length: literal[0].length };
  // A brace that counts nothing is a brace.
  if (/^\{(?!\d+(?:,\d*)?\})/.test(rest) || /^\}/.test(rest)) return { made: `\\${rest[0]}`, length: 1 };
  if (/^\{/.test(rest)) return { made: rest.slice(0, rest.indexOf('}') + 1), length: rest.indexOf('}') + 1 };
  return different(rest);
}

function classStep(rest: string): Step {
  const named = /^\[:(\w+):\]/.exec(rest);
  const members = named ? CLASSES[named[1] ?? ''] : undefined;
  if (named && members !== undefined) return { made: members, length: named[0].length };
  if (rest.startsWith(']')) return { made: ']', length: 1, inClass: false };
  if (rest.startsWith('[')) return { made: '\\[', length: 1 };
  // A hyphen is an escape inside a class here too.
  return rest.startsWith('\\-') ? { made: '\\-', length: 2 } : different(rest);
}

function different(rest: string): Step {
  for (const [written, meant] of DIFFERENT) {
    const found = written.exec(rest);
    if (found) return { made: found[0].replace(written, meant), length: found[0].length };
  }
  const length = rest.startsWith('\\') ? 2 : 1;
  return { made: rest.slice(0, length), length };
}
