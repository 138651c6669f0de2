/** What evidence says, for people: the diff is data, the rest is talk. */
import type { Bundle } from '../../cluster/change/evidence.ts';
import { type ChangeFinding, findingChecks } from '../../cluster/change/finding.ts';
import { paint, type Terminal } from '../output.ts';

/** Of one kind of finding not more than these are told on a terminal; the evidence has all of them. */
const MOST = 5;

export function showFindings(terminal: Terminal, bundle: Bundle): void {
  showNotes(terminal, bundle);
  const checks = Map.groupBy(bundle.findings, ({ check }) => check);
  for (const [check, found] of checks) {
    some(
      terminal,
      found.map((each) => line(terminal, each)),
      check,
    );
    terminal.err(`  ${paint(terminal, 'dim', findingChecks[check].remedy)}\n`);
  }
}

/** What the API server has not checked, or could not compare. */
export function showNotes(terminal: Terminal, { notes }: Pick<Bundle, 'notes'>): void {
  const unknown = notes.filter((note) => note.includes(': unknown: '));
  for (const note of unknown) terminal.err(`${note}\n`);
  const rest = notes.filter((note) => !unknown.includes(note));
  some(
    terminal,
    rest.map((note) => `${note}\n`),
    'these',
  );
}

function some(terminal: Terminal, lines: readonly string[], what: string): void {
  for (const each of lines.slice(0, MOST)) terminal.err(each);
  if (lines.length > MOST) terminal.err(`  … and ${lines.length - MOST} more of ${what}\n`);
}

function line(terminal: Terminal, { check, object, message }: ChangeFinding): string {
  return `${paint(terminal, 'yellow', check)} ${object}: ${message}\n`;
}

/** Added and removed lines in colour. */
export function paintedDiff(terminal: Terminal, diff: string): string {
  if (!terminal.interactive) return diff;
  const lines = diff.split('\n').map((text) => {
    if (text.startsWith('+')) return paint(terminal, 'green', text);
    return text.startsWith('-') ? paint(terminal, 'red', text) : text;
  });
  return lines.join('\n');
}
