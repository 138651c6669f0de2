import type { Argument, Command, Option } from 'commander';

/** What the last word of a command line, as far as it is typed, can become. */
export type Position = { readonly command: Command } & (
  | { readonly kind: 'verb'; readonly typed: string }
  | { readonly kind: 'flag'; readonly typed: string; readonly given: readonly Option[] }
  | {
      readonly kind: 'value';
      readonly typed: string;
      /** What stands before the value in the same word: `--namespace=`, or nothing. */
      readonly before: string;
      readonly of: Option | Argument;
      readonly values: Values;
    }
  | { readonly kind: 'none'; readonly typed: string }
);

/** Values of flags so far, by their long name without dashes. */
export type Values = ReadonlyMap<string, string>;

/** A walk through the words before the last one. */
interface Walk {
  command: Command;
  /** Arguments that the verb has got. */
  taken: number;
  /** A flag whose value is the next word. */
  waiting: Option | undefined;
  /** After `--` nothing is a flag. */
  onlyWords: boolean;
  readonly given: Option[];
  readonly values: Map<string, string>;
}

/** `words` are those after the program; the last one is being typed, and may be empty. */
export function positionOf(program: Command, words: readonly string[]): Position {
  const walk: Walk = {
    command: program,
    taken: 0,
    waiting: undefined,
    onlyWords: false,
    given: [],
    values: new Map(),
  };
  for (const word of words.slice(0, -1)) step(walk, word);
  return ending(walk, words.at(-1) ?? '');
}

function step(walk: Walk, word: string): void {
  const { waiting } = walk;
  if (waiting !== undefined) {
    walk.values.set(nameOf(waiting), word);
    walk.waiting = undefined;
  } else if (word === '--') walk.onlyWords = true;
  else if (isFlag(walk, word)) flagStep(walk, word);
  else {
    const verb = walk.onlyWords ? undefined : verbsOf(walk.command).find((each) => isCalled(each, word));
    if (verb === undefined) walk.taken += 1;
    else walk.command = verb;
  }
}

function flagStep(walk: Walk, word: string): void {
  const { option, value } = flagIn(walk, word);
  if (option === undefined) return;
  walk.given.push(option);
  if (value !== undefined) walk.values.set(nameOf(option), value);
  else if (option.required) walk.waiting = option;
}

function ending(walk: Walk, typed: string): Position {
  const { command, waiting, values } = walk;
  if (waiting !== undefined) return { kind: 'value', command, typed, before: '', of: waiting, values };
  if (isFlag(walk, typed) || (typed === '-' && !walk.onlyWords)) {
    const { option, value, before } = flagIn(walk, typed);
    if (option === undefined || value === undefined || before === '')
      return { kind: 'flag', command, typed, given: walk.given };
    return { kind: 'value', command, typed: value, before, of: option, values };
  }
  if (verbsOf(command).length > 0)
    return walk.taken === 0 && !walk.onlyWords ? { kind: 'verb', command, typed } : { kind: 'none', command, typed };
  const { registeredArguments: wanted } = command;
  const last = wanted.at(-1);
  const argument = wanted[walk.taken] ?? (last?.variadic ? last : undefined);
  if (argument !== undefined) return { kind: 'value', command, typed, before: '', of: argument, values };
  return typed === '' ? { kind: 'flag', command, typed, given: walk.given } : { kind: 'none', command, typed };
}

function isFlag(walk: Walk, word: string): boolean {
  return !walk.onlyWords && word.startsWith('-') && word !== '-';
}

interface FlagFound {
  readonly option: Option | undefined;
  readonly value?: string;
  /** The part of the word that is not the value. */
  readonly before: string;
}

/** `--flag`, `--flag=value`, `-f`, `-fvalue`. */
function flagIn({ command }: Walk, word: string): FlagFound {
  const options = optionsOf(command);
  const [, long = '', joined] = /^(--[^=]+)(?:=([\s\S]*))?$/.exec(word) ?? [];
  if (long !== '') {
    const option = options.find((each) => each.long === long);
    return joined === undefined ? { option, before: '' } : { option, value: joined, before: `${long}=` };
  }
  const short = word.slice(0, 2);
  const option = options.find((each) => each.short === short);
  const takes = option !== undefined && (option.required || option.optional);
  return takes && word.length > 2 ? { option, value: word.slice(2), before: short } : { option, before: '' };
}

/** Flags of a verb, with those of the commands above it: kubectl takes `-n` before the verb too. */
export function optionsOf(command: Command): readonly Option[] {
  const own = command.createHelp().visibleOptions(command);
  if (command.parent !== null && command.commands.length === 0) return own;
  const below = command.commands.flatMap((each) => [...optionsOf(each)]);
  const addressing = below.filter(({ long }) => long !== undefined && ADDRESSING.includes(long));
  const byName = new Map([...addressing, ...own].map((option) => [option.long, option]));
  return [...byName.values()];
}

const ADDRESSING: readonly string[] = ['--namespace', '--context', '--kubeconfig'];

export function verbsOf(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

function isCalled(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}

/** As its value is found in `Values`. */
export function nameOf(of: Option | Argument): string {
  return 'long' in of ? (of.long ?? of.flags).replace(/^--/, '') : of.name();
}
