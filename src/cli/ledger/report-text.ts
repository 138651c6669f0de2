import type { Criterion, CriterionVerdict } from '../../ledger/report/criterion.ts';
import {
  countWords,
  onOneLine,
  recordWords,
  shortened,
  spanWords,
  titleWords,
  valueWords,
  verdictWords,
} from '../../ledger/report/wording.ts';
import type { Report } from '../../ledger/report.ts';
import { paint, type Terminal, wrap } from '../output.ts';

const MARGIN = 11;
/** Of each criterion; the other forms of the report have all of them. */
const NOTES_AT_MOST = 6;

const colours = { met: 'green', missed: 'red', 'not-known': 'yellow' } as const satisfies Record<
  CriterionVerdict['kind'],
  string
>;

/** The report for a terminal: no line is longer than it is wide, long words aside. */
export function reportText(terminal: Terminal, report: Report): string {
  const width = Math.max(40, terminal.columns) - MARGIN;
  const head = [paint(terminal, 'bold', titleWords(report)), wrap(spanWords(report), terminal.columns)];
  const criteria = report.criteria.map((criterion) => paragraph(terminal, criterion, width));
  return `${[head.join('\n'), ...criteria, countWords(report)].join('\n\n')}\n`;
}

function paragraph(terminal: Terminal, criterion: Criterion, width: number): string {
  const { kind } = criterion.verdict;
  const word = paint(terminal, colours[kind], verdictWords[kind]) + ' '.repeat(MARGIN - verdictWords[kind].length);
  const notes = shortened(criterion.notes, NOTES_AT_MOST).map((note) =>
    indented(wrap(onOneLine(note), width - 2), '- '),
  );
  const lines = [valueWords(criterion), recordWords(criterion)].map((line) => indented(wrap(line, width), ''));
  return [`${word}${criterion.title}`, lines[0], ...notes, paint(terminal, 'dim', lines[1] ?? '')].join('\n');
}

function indented(text: string, mark: string): string {
  const [first = '', ...rest] = text.split('\n');
  const blank = ' '.repeat(MARGIN);
  return [`${blank}${mark}${first}`, ...rest.map((line) => `${blank}${' '.repeat(mark.length)}${line}`)].join('\n');
}
