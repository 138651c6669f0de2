import { lineWord } from '../nomad/report/shell-word.ts';

/** A command line that a shell reads back as these words. */
export function shellLine(words: readonly string[]): string {
  return words.map(lineWord).join(' ');
}
