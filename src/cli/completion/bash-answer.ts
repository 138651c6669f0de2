import type { Suggestions } from './suggest.ts';
import { alreadyWritten, quoted, type TypedLine, typedLine } from './typed-line.ts';

/** What bash says beside the line. */
export interface BashState {
  /** `COMP_WORDBREAKS`. */
  readonly breaks: string;
  /** It only shows what there is (`COMP_TYPE` 63, the second press of the key), and inserts nothing. */
  readonly isListing: boolean;
}

/** Lines for `COMPREPLY`: ready to stand where bash puts them. */
export function bashAnswer(line: string, { values, before }: Suggestions, state: BashState): readonly string[] {
  const typed = typedLine(line);
  if (state.isListing && values.length > 1) return values.map(({ value, note }) => listed(value, note));
  const written = typedLine(alreadyWritten(typed.raw, state.breaks)).words.at(-1) ?? '';
  return values.map(({ value }) => inserted(before + value, typed, written));
}

function inserted(value: string, { raw, quote }: TypedLine, written: string): string {
  const isOpen = quote !== '' && raw.startsWith(quote);
  return quoted(value.slice(written.length), isOpen ? quote : '');
}

function listed(value: string, note: string): string {
  return note === '' ? value : `${value}  (${note})`;
}
