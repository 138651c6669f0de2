import Table from 'cli-table3';
import { yamlText } from '../kube/yaml-text.ts';
import { type OutputFormat, plain, type Terminal, toJson } from './output.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** The end at which its text is cut where a terminal is too narrow for the table; absent: it is whole always. */
  readonly cut?: 'start' | 'end';
}

/** Prints rows in the asked format: a borderless table as kubectl draws it, or the rows themselves as JSON or YAML. */
export function print<Row>(
  terminal: Terminal,
  format: OutputFormat,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): void {
  if (format === 'json') terminal.out(toJson(rows));
  else if (format === 'yaml') terminal.out(yamlText(plain(rows)));
  else if (rows.length > 0) terminal.out(drawTable(rows, columns, terminal));
}

/** One object: `table` is the text made by `text`, the other formats print the value. */
export function printOne(terminal: Terminal, format: OutputFormat, value: unknown, text: () => string): void {
  if (format === 'json') terminal.out(toJson(value));
  else if (format === 'yaml') terminal.out(yamlText(plain(value)));
  else terminal.out(text());
}

const none = '';
const borderless = {
  top: none,
  'top-mid': none,
  'top-left': none,
  'top-right': none,
  bottom: none,
  'bottom-mid': none,
  'bottom-left': none,
  'bottom-right': none,
  left: none,
  'left-mid': none,
  mid: none,
  'mid-mid': none,
  right: none,
  'right-mid': none,
  middle: '   ',
};

const GAP = borderless.middle.length;
/** A column is cut to no fewer characters. */
const LEAST = 12;

/** As wide as a terminal, the last column cut first; whole where somebody reads it who is none, such as a file or a program. */
function fitted<Row>(
  cells: string[][],
  columns: readonly Column<Row>[],
  { interactive, columns: room }: Terminal,
): void {
  if (!interactive) return;
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  let excess = widths.reduce((sum, width) => sum + width, GAP * (columns.length - 1)) - room;
  for (const [index, { cut }] of [...columns.entries()].reverse()) {
    const width = widths[index] ?? 0;
    const least = Math.max(LEAST, columns[index]?.title.length ?? 0);
    if (!cut || excess <= 0 || width <= least) continue;
    const left = Math.max(least, width - excess);
    excess -= width - left;
    for (const row of cells) row[index] = shortened(row[index] ?? '', left, cut);
  }
}

function shortened(text: string, width: number, cut: 'start' | 'end'): string {
  if (text.length <= width) return text;
  return cut === 'start' ? `…${text.slice(text.length - width + 1)}` : `${text.slice(0, width - 1)}…`;
}

function drawTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], terminal: Terminal): string {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  fitted(cells, columns, terminal);
  const table = new Table({
    head: columns.map((column) => column.title),
    chars: borderless,
    colAligns: columns.map((column) => column.align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...cells);
  const lines = table.toString().split('\n');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
