import type { Argument, Command, Option } from 'commander';
import type { Live } from './live.ts';
import { nameOf, optionsOf, type Position, positionOf, verbsOf } from './position.ts';

export interface Suggestion {
  readonly value: string;
  /** A few words for people; may be empty. */
  readonly note: string;
}

/** What a shell offers for the word that is being typed. */
export interface Suggestions {
  readonly values: readonly Suggestion[];
  /** What stands before the value in the same word, as `--namespace=`. */
  readonly before: string;
  /** What the shell finds by itself, beside the values. */
  readonly paths: 'none' | 'files' | 'folders';
}

/** Derived from the tree of commands: what is not in it is not offered, and what is in it is. */
export async function suggest(program: Command, words: readonly string[], live: Live): Promise<Suggestions> {
  const isForHelp = words.length === 2 && words[0] === 'help'; // whose argument is a verb
  const position = positionOf(program, isForHelp ? words.slice(1) : words);
  const { typed } = position;
  const found = await candidates(position, live);
  const values = found.values.filter(({ value }) => value.startsWith(typed));
  return { paths: 'none', before: '', ...found, values };
}

type Candidates = Pick<Suggestions, 'values'> & Partial<Suggestions>;

async function candidates(position: Position, live: Live): Promise<Candidates> {
  switch (position.kind) {
    case 'verb':
      return { values: verbsOf(position.command).map((verb) => ({ value: verb.name(), note: verb.description() })) };
    case 'flag':
      return { values: flags(position) };
    case 'value':
      return { before: position.before, ...(await valuesOf(position, live)) };
    case 'none':
      return { values: [] };
    default:
      return position satisfies never;
  }
}

function flags({ command, given }: Extract<Position, { kind: 'flag' }>): readonly Suggestion[] {
  const used = new Set(given.filter(({ variadic }) => !variadic).map(nameOf));
  return optionsOf(command)
    .filter((option) => option.long !== undefined && !used.has(nameOf(option)))
    .map((option) => ({ value: option.long ?? '', note: option.description }));
}

async function valuesOf(position: Extract<Position, { kind: 'value' }>, live: Live): Promise<Candidates> {
  const { of } = position;
  if (of.argChoices !== undefined) return { values: of.argChoices.map((value) => ({ value, note: '' })) };
  if (placeholderOf(of) === 'switch') return { values: ['true', 'false'].map((value) => ({ value, note: '' })) };
  const source = live.sourceFor(position);
  if (source !== undefined) return { values: await source() };
  return { values: [], paths: pathsOf(of) };
}

/** What the help calls a value says whether it is a path: `--file <file>`, `init <dir>`. */
function pathsOf(of: Option | Argument): Suggestions['paths'] {
  const name = placeholderOf(of);
  if (['folder', 'dir', 'out', 'ledger'].includes(name)) return 'folders';
  return ['file', 'path', 'inventory', 'file:line', 'chart'].includes(name) ? 'files' : 'none';
}

/** The word between the brackets. */
function placeholderOf(of: Option | Argument): string {
  if (!('flags' in of)) return of.name();
  return (/[<[]([^>\]]+)[>\]]/.exec(of.flags)?.[1] ?? '').replace(/\.\.\.$/, '');
}
