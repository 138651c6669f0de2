/**
 * A guide as somebody follows it: its commands from top to bottom, with what they should print. What a test cannot do is
 * marked in the source of the guide, on the lines above the block, where a reader of the page does not see it:
 *
 *     <!-- not run: REASON -->        the commands of the block are not run
 *     <!-- not compared: REASON -->   what the block shows is not compared with what was printed
 *     <!-- shown: BY WHAT -->         what the block shows is what the command above prints, as a block of text is anyway
 *     <!-- file: NAME -->             the block is a file of that name, which is there from the beginning
 *     <!-- exit: CODE -->             its last command ends with that code
 *     <!-- until: PATTERN -->         the command that goes on until Ctrl-C gets it when that was printed
 *     <!-- first: WHAT -->            what stays is ended before, by Ctrl-C
 *     <!-- stays: PATTERN -->         its last command goes on in another terminal, and has begun when that was printed
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

export interface Command {
  readonly kind: 'command';
  readonly line: number;
  /** As it stands there: one line with its here-document. */
  readonly text: string;
  readonly exit: number;
  readonly until?: string;
  readonly stays?: string;
  /** What goes on in other terminals is ended before. */
  readonly alone: boolean;
  /** What the guide shows below it. */
  readonly shows?: string;
}

export type Step =
  | Command
  | { readonly kind: 'file'; readonly line: number; readonly name: string; readonly text: string }
  /** A whole object of Kubernetes that no command uses: the server must accept it. */
  | { readonly kind: 'object'; readonly line: number; readonly text: string }
  | { readonly kind: 'passed over'; readonly line: number; readonly text: string; readonly reason: string };

export interface Guide {
  readonly name: string;
  readonly steps: readonly Step[];
}

interface Block {
  readonly language: string;
  readonly text: string;
  readonly line: number;
  readonly heading: number;
  readonly marks: ReadonlyMap<string, string>;
}

const marks = ['not run', 'not compared', 'shown', 'file', 'exit', 'until', 'first', 'stays'];

export function readGuide(path: string): Guide {
  const name = basename(path, '.md');
  const steps: Step[] = [];
  let heading = -1;
  for (const block of blocksOf(readFileSync(path, 'utf8'), name)) {
    const shown = (block.language === 'text' && !isTranscript(block)) || block.marks.has('shown');
    if (shown && !block.marks.has('not compared')) {
      const last = steps.pop();
      if (last?.kind !== 'command' || last.shows !== undefined || block.heading !== heading)
        throw new Error(`${name}:${block.line}: no command above prints this; say <!-- not compared: why --> above it`);
      steps.push({ ...last, shows: block.text });
    } else steps.push(...stepsOf(block));
    heading = block.heading;
  }
  return { name, steps };
}

function* blocksOf(text: string, name: string): Generator<Block> {
  const lines = text.split('\n');
  let heading = 0;
  let found = new Map<string, string>();
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const [, key, value] = /^<!-- ([a-z ]+): (.+) -->$/.exec(line) ?? [];
    const [, language] = /^```(\w*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) {
      if (!marks.includes(key)) throw new Error(`${name}:${index + 1}: nobody knows the mark "${key}"`);
      found.set(key, value);
    } else if (language !== undefined) {
      const end = lines.indexOf('```', index + 1);
      yield { language, text: lines.slice(index + 1, end).join('\n'), line: index + 1, heading, marks: found };
      index = end;
    } else if (line.startsWith('#')) heading = index + 1;
    if (key === undefined && line !== '') found = new Map();
  }
}

function stepsOf(block: Block): readonly Step[] {
  const { language, text, line } = block;
  const reason = block.marks.get('not run') ?? block.marks.get('not compared');
  const name = block.marks.get('file');
  if (name !== undefined) return [{ kind: 'file', line, name, text: `${text}\n` }];
  if (reason !== undefined) return [{ kind: 'passed over', line, text, reason }];
  if (isTranscript(block)) return transcriptOf(block);
  if (language === 'sh') return commandsOf(block);
  if (language === 'yaml' && /^apiVersion: /m.test(text)) return [{ kind: 'object', line, text }];
  return [];
}

function commandsOf({ text, line, marks }: Block): readonly Command[] {
  const commands = text.replaceAll(/\\\n\s*/g, '').match(/^.*<<'(\w+)'.*\n[\s\S]*?^\1$|^(?!\s*#).+$/gm);
  const until = marks.get('until');
  return (commands ?? []).map((command, index, { length }): Command => {
    const last = index === length - 1;
    const stays = last ? marks.get('stays') : undefined;
    return {
      kind: 'command',
      line: line + 1,
      text: command,
      exit: last ? Number(marks.get('exit') ?? 0) : 0,
      alone: index === 0 && marks.has('first'),
      ...(until !== undefined && command.includes('Ctrl-C') ? { until } : {}),
      ...(stays === undefined ? {} : { stays }),
    };
  });
}

const isTranscript = ({ language, text }: Pick<Block, 'language' | 'text'>): boolean =>
  language === 'text' && text.startsWith('$ ');

/** Lines that begin with a prompt, and below each what it prints. */
function transcriptOf({ text, line }: Block): readonly Command[] {
  return text.split(/^\$ /m).flatMap((each): Command[] => {
    const [command = '', ...output] = each.trimEnd().split('\n');
    if (command === '') return [];
    const shows = output.join('\n');
    return [{ kind: 'command', line, text: command, exit: 0, alone: false, ...(shows === '' ? {} : { shows }) }];
  });
}
