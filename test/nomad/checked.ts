/** Every check on what was converted, as `larder nomad check` makes them. */

import type { Finding } from '../../src/nomad/check/finding.ts';
import { findingsOf } from '../../src/nomad/check/findings.ts';
import { schemaFindings } from '../../src/nomad/check/schema.ts';
import { subjectOf } from '../../src/nomad/check/subject.ts';
import { readTree } from '../../src/nomad/check/tree.ts';
import { readReport } from '../../src/nomad/check/written-report.ts';
import { type Policy, policySchema } from '../../src/nomad/policy.ts';
import { unknownFields } from '../../src/operator/nomad/unknown-fields.ts';
import type { Converted } from './converted.ts';

type Written = Pick<Converted, 'project' | 'files'>;

/** Errors alone; warnings are for a person to look at. */
export async function errorsOf(written: Written, policy?: Policy): Promise<readonly Finding[]> {
  return (await allOf(written, policy)).filter(({ severity }) => severity === 'error');
}

export async function allOf(
  { project, files }: Written,
  policy: Policy = policySchema.parse({}),
): Promise<readonly Finding[]> {
  const tree = readTree(files);
  const read = readReport(files.get('migration-report.json') ?? '');
  if (read.kind === 'unreadable') throw new Error(read.message);
  const { jobs, surroundings, sources } = project;
  const { intentions, volumes } = surroundings;
  const subject = subjectOf({ tree, jobs, report: read.report, policy, intentions, volumes, input: sources });
  return [...findingsOf(subject), ...(await schemaFindings(tree)), ...unknownFields(tree)];
}
