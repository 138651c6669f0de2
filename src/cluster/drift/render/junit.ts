/** The report as JUnit XML, which CI systems show: a suite per kind, a case per finding. */

import type { DriftKind, Unknown } from '../finding.ts';
import { countsByKind, type DriftReport, type ReportedFinding } from '../report.ts';

export function junit(report: DriftReport): string {
  const rows = countsByKind(report);
  const suites = rows.map(({ kind }) => suite(report, kind));
  const attributes = `name=${quoted(`drift of ${report.cluster}`)} timestamp=${quoted(report.observedAt)} time="${seconds(report)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${attributes}>\n${suites.join('')}</testsuites>\n`;
}

function suite(report: DriftReport, kind: DriftKind): string {
  const findings = report.findings.filter((each) => each.kind === kind);
  const unknown = report.unknown.filter((each) => each.kind === kind);
  const failures = findings.filter(({ ignored }) => ignored === undefined).length;
  // What was looked at and is clean is a case that passed: a suite without cases looks like one that did not run.
  const clean =
    findings.length + unknown.length === 0 ? [`    <testcase classname=${quoted(kind)} name="no drift"/>\n`] : [];
  const cases = [...findings.map(found), ...unknown.map(notLooked), ...clean];
  const counts = `tests="${cases.length}" failures="${failures}" errors="${unknown.length}" skipped="${findings.length - failures}"`;
  return `  <testsuite name=${quoted(kind)} ${counts}>\n${cases.join('')}  </testsuite>\n`;
}

function found({ kind, object, message, ignored }: ReportedFinding): string {
  const inside = ignored
    ? `<skipped message=${quoted(`ignored until ${ignored.expiresAt.slice(0, 10)}: ${ignored.reason}`)}/>`
    : `<failure type="drift" message=${quoted(message)}/>`;
  return testCase(kind, `${object}: ${message}`, inside);
}

function notLooked({ kind, object, why }: Unknown): string {
  return testCase(kind, object, `<error type="unknown" message=${quoted(why)}/>`);
}

function testCase(kind: DriftKind, name: string, inside: string): string {
  return `    <testcase classname=${quoted(kind)} name=${quoted(name)}>${inside}</testcase>\n`;
}

function seconds({ durationMs }: DriftReport): string {
  return (durationMs / 1000).toFixed(3);
}

/** XML 1.0 has no way to write most control characters: they become the replacement character. */
function quoted(value: string): string {
  const escaped = value
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
    .replace(/[\0-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"'\n\r\t]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `"${escaped}"`;
}
