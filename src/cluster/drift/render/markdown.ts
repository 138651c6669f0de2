/** The report as a page for a review or a pull request. */
import { driftKinds } from '../finding.ts';
import { countsByKind, type DriftReport, type ReportedFinding, summaryOf } from '../report.ts';

export function markdown(report: DriftReport): string {
  const { cluster, observedAt, verdict, findings, unknown, notes, leftOut, reportId } = report;
  const parts = [
    `# Drift of ${text(cluster)}`,
    `Looked at on ${observedAt}: **${verdict}**, ${summaryOf(report)}. Report \`${reportId}\`.`,
    ...(leftOut.length === 0 ? [] : [`Not looked at, as asked: ${leftOut.join(', ')}.`]),
    table(
      ['Kind', 'Findings', 'Ignored', 'Not looked at'],
      countsByKind(report).map(({ kind, counted, ignored, unknown }) => [
        kind,
        `${counted}`,
        `${ignored}`,
        `${unknown}`,
      ]),
    ),
    ...(findings.length === 0 ? [] : ['## Findings', table(['Kind', 'Object', 'What', 'Ignored'], findings.map(row))]),
    ...(findings.length === 0 ? [] : ['## What to do', remedies(findings)]),
    ...(unknown.length === 0
      ? []
      : [
          '## Could not be looked at',
          table(
            ['Kind', 'Object', 'Why'],
            unknown.map(({ kind, object, why }) => [kind, text(object), text(why)]),
          ),
        ]),
    ...(notes.length === 0 ? [] : ['## Notes', notes.map((note) => `- ${text(note)}`).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function row({ kind, object, message, ignored }: ReportedFinding): readonly string[] {
  const until = ignored === undefined ? '' : `until ${ignored.expiresAt.slice(0, 10)}: ${text(ignored.reason)}`;
  return [kind, text(object), text(message), until];
}

function remedies(findings: readonly ReportedFinding[]): string {
  return [...new Set(findings.map(({ kind }) => kind))]
    .map((kind) => `- ${kind}: ${driftKinds[kind].remedy}`)
    .join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Names and messages come from objects that anybody may have made: nothing of them is markup. */
function text(value: string): string {
  return value.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|!&~]/g, (character) => `&#${character.charCodeAt(0)};`);
}
