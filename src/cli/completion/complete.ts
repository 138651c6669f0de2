import type { Command } from 'commander';
import { systemClock } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { CommandContext } from '../program.ts';
import { bashAnswer } from './bash-answer.ts';
import { liveValues } from './live.ts';
import { type Suggestions, suggest } from './suggest.ts';
import { typedLine } from './typed-line.ts';

/** What a shell asked: words that it has read itself, or (bash) the line as it is typed. */
export type Question =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'line'; readonly line: string; readonly breaks: string; readonly isListing: boolean };

/** bash presses the key for the second time. */
const LISTING = '63';

/** `complete -- WORD…`, as kubectl asks its plugins too; `complete LINE COMP_WORDBREAKS COMP_TYPE` for bash. */
export function questionOf([first, ...rest]: readonly string[]): Question {
  if (first === '--') return { kind: 'words', words: rest };
  const [breaks, type] = rest;
  if (first !== undefined && breaks !== undefined && type !== undefined)
    return { kind: 'line', line: first, breaks, isListing: type === LISTING };
  throw new Exit(exitCodes.usage, '`larder complete` is what shells call: `larder completion --help` sets them up');
}

/** The words after the program, the last of which is being typed. */
export function wordsOf(question: Question): readonly string[] {
  return question.kind === 'words' ? question.words : typedLine(question.line).words.slice(1);
}

/** As kubectl reads it: a value in each line, what it is behind a tab; the last line says whether the shell adds paths. */
export async function complete(program: Command, question: Question, context: CommandContext): Promise<void> {
  const found = await suggest(program, wordsOf(question), liveValues(context, systemClock));
  const lines =
    question.kind === 'line'
      ? bashAnswer(question.line, found, question)
      : found.values.map(({ value, note }) => (note === '' ? value : `${value}\t${note}`));
  context.terminal.out([...lines, `:${directive(found)}`, ''].join('\n'));
}

function directive({ paths }: Suggestions): number {
  switch (paths) {
    case 'none':
      return 4;
    case 'files':
      return 0;
    case 'folders':
      return 16;
    default:
      return paths satisfies never;
  }
}
