/** The forms in which a drift report is printed. */
import { type DriftKind, driftKindNames, driftKinds } from '../../cluster/drift/finding.ts';
import { junit } from '../../cluster/drift/render/junit.ts';
import { markdown } from '../../cluster/drift/render/markdown.ts';
import { countsByKind, type DriftReport, type ReportedFinding, summaryOf } from '../../cluster/drift/report.ts';
import { humanDuration, paint, type Terminal, wrap } from '../output.ts';
import { printOne } from '../print.ts';

export const driftFormats = ['table', 'json', 'yaml', 'markdown', 'junit'] as const;
export type DriftFormat = (typeof driftFormats)[number];

export function showDrift(terminal: Terminal, format: DriftFormat, report: DriftReport): void {
  switch (format) {
    case 'markdown':
      terminal.out(markdown(report));
      break;
    case 'junit':
      terminal.out(junit(report));
      break;
    case 'table':
    case 'json':
    case 'yaml':
      printOne(terminal, format, report, () => textOf(terminal, report));
      break;
    default:
      format satisfies never;
  }
  const took = humanDuration(report.durationMs);
  terminal.err(`${report.cluster}: ${summaryOf(report)}, looked at in ${took}\n`);
}

const WIDTH = 80;
const INDENT = '  ';

function textOf(terminal: Terminal, report: DriftReport): string {
  const { unknown, notes, leftOut } = report;
  const kinds = driftKindNames.flatMap((kind) => kindText(terminal, kind, report));
  const blind = unknown.map(({ kind, object, why }) => `${kind} ${object}\n${indented(why)}`);
  return [
    ...kinds,
    ...(blind.length === 0 ? [] : [paint(terminal, 'bold', 'could not be looked at'), ...blind]),
    ...(notes.length === 0 ? [] : [paint(terminal, 'bold', 'notes'), ...notes.map((note) => indented(note))]),
    ...(leftOut.length === 0 ? [] : [wrap(`not looked at, as asked: ${leftOut.join(', ')}`, WIDTH)]),
    `clean: ${cleanKinds(report).join(', ') || 'nothing'}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function kindText(terminal: Terminal, kind: DriftKind, { findings }: DriftReport): readonly string[] {
  const own = findings.filter((finding) => finding.kind === kind);
  if (own.length === 0) return [];
  const counted = own.filter(({ ignored }) => ignored === undefined);
  const remedy = counted.length === 0 ? [] : [paint(terminal, 'dim', indented(`→ ${driftKinds[kind].remedy}`))];
  return [paint(terminal, 'bold', kind), ...own.map((finding) => findingText(terminal, finding)), ...remedy];
}

function findingText(terminal: Terminal, { object, message, ignored }: ReportedFinding): string {
  const name = paint(terminal, ignored === undefined ? 'red' : 'dim', object);
  const left =
    ignored === undefined ? '' : `\n${indented(`ignored until ${ignored.expiresAt.slice(0, 10)}: ${ignored.reason}`)}`;
  return `${INDENT}${name}\n${indented(message, 2)}${left}`;
}

function indented(text: string, depth = 1): string {
  const before = INDENT.repeat(depth);
  return wrap(text, WIDTH - before.length)
    .split('\n')
    .map((line) => `${before}${line}`)
    .join('\n');
}

function cleanKinds(report: DriftReport): readonly DriftKind[] {
  return countsByKind(report).flatMap(({ kind, counted, ignored, unknown }) =>
    counted + ignored + unknown === 0 ? [kind] : [],
  );
}
