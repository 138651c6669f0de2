/** Which line of a job became which lines of its manifests, and the way back. Pure. */
import type { Report, ReportAccount, ReportModule } from '../../src/nomad/report/report.ts';

export type LineClass = ReportAccount['class'];
/** In the order in which they are shown. */
export const lineClasses: readonly LineClass[] = ['direct', 'approximate', 'manual', 'dropped'];
/** What calls for a person first. */
const worstFirst: readonly LineClass[] = ['manual', 'approximate', 'dropped', 'direct'];

export interface CodeLine {
  readonly number: number;
  readonly text: string;
  /** What is said of it; empty: it is of no meaning by itself. */
  readonly accounts: readonly ReportAccount[];
}

export function accountsOf({ accounts }: Report, { file }: Pick<ReportModule, 'file'>): readonly ReportAccount[] {
  return accounts.filter((account) => account.file === file);
}

export function worstOf(accounts: readonly ReportAccount[]): LineClass | undefined {
  return worstFirst.find((each) => accounts.some((account) => account.class === each));
}

/** A text of several lines belongs to the line that it begins on, unless something else begins inside of it. */
export function jobLines(text: string, accounts: readonly ReportAccount[]): readonly CodeLine[] {
  const byLine = Map.groupBy(accounts, ({ line }) => line);
  const starts = [...byLine.keys()];
  const spans = new Map<number, readonly ReportAccount[]>();
  for (const [line, here] of byLine) {
    const whole = here.filter(({ end }) => end > line && !starts.some((other) => other > line && other <= end));
    const last = Math.max(line, ...whole.map(({ end }) => end));
    for (let inner = line + 1; inner <= last; inner += 1)
      spans.set(
        inner,
        whole.filter(({ end }) => end >= inner),
      );
  }
  return linesOf(text).map((line, index) => {
    const number = index + 1;
    return { number, text: line, accounts: byLine.get(number) ?? spans.get(number) ?? [] };
  });
}

/** Lines of a block of text belong to the line with its key. */
export function outputLines(file: string, text: string, accounts: readonly ReportAccount[]): readonly CodeLine[] {
  const byLine = new Map<number, ReportAccount[]>();
  for (const account of accounts) {
    for (const line of new Set(account.outputs.flatMap((output) => (output.file === file ? output.line : [])))) {
      byLine.set(line, [...(byLine.get(line) ?? []), account]);
    }
  }
  let block: { readonly indent: number; readonly accounts: readonly ReportAccount[] } | undefined;
  return linesOf(text).map((line, index): CodeLine => {
    const number = index + 1;
    const indent = line.search(/\S/);
    if (block && (indent < 0 || indent > block.indent)) return { number, text: line, accounts: block.accounts };
    const own = byLine.get(number) ?? [];
    block = /[:-] [|>][+-]?$/.test(line) ? { indent, accounts: own } : undefined;
    return { number, text: line, accounts: own };
  });
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** Numbers of the lines whose accounts are among these. */
export function linesWith(lines: readonly CodeLine[], wanted: readonly ReportAccount[]): ReadonlySet<number> {
  const found = new Set(wanted);
  return new Set(lines.filter(({ accounts }) => accounts.some((each) => found.has(each))).map(({ number }) => number));
}

/** The next line of these classes, from the top again at the end; undefined where there is none. */
export function nextLine(
  lines: readonly CodeLine[],
  from: number,
  { step, classes }: { readonly step: 1 | -1; readonly classes: ReadonlySet<LineClass> },
): number | undefined {
  const fits = lines
    .filter(({ accounts }) => accounts.some((each) => classes.has(each.class)))
    .map((each) => each.number);
  if (step > 0) return fits.find((number) => number > from) ?? fits[0];
  return fits.findLast((number) => number < from) ?? fits.at(-1);
}
