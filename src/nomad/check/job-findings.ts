import type { ConversionInput } from '../output/conversion.ts';
import type { Finding } from './finding.ts';
import { findingsOf } from './findings.ts';
import { repeated } from './repeated.ts';
import { subjectOf } from './subject.ts';
import type { WrittenTree } from './tree.ts';
import { readReport, reportOf, type WrittenReport } from './written-report.ts';

const REPORT = 'migration-report.json';

/** C1 to C18 of a tree against the jobs that it was made of, but for schemas and programs. */
export function jobFindings(tree: WrittenTree, input: ConversionInput): readonly Finding[] {
  const { report, findings } = reportIn(tree);
  const { jobs, surroundings, sources } = input.project;
  const { intentions, volumes } = surroundings;
  const subject = subjectOf({ tree, jobs, report, policy: input.policy, intentions, volumes, input: sources });
  return [...findings, ...findingsOf(subject), ...repeated(input)];
}

/** Without a report nothing counts as told. */
export function reportIn({ files }: WrittenTree): {
  readonly report: WrittenReport;
  readonly findings: readonly Finding[];
} {
  const text = files.get(REPORT);
  const where = {
    check: 'C17',
    file: REPORT,
    object: 'report',
    todo: 'Convert again; the report belongs to the tree.',
  } as const;
  if (text === undefined)
    return { report: reportOf([]), findings: [{ ...where, severity: 'error', message: 'there is no report' }] };
  const read = readReport(text);
  if (read.kind === 'report') return { report: read.report, findings: [] };
  return { report: reportOf([]), findings: [{ ...where, severity: 'error', message: read.message }] };
}
