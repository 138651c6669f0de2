import type { Finding } from '../../nomad/check/finding.ts';
import { jobFindings } from '../../nomad/check/job-findings.ts';
import { schemaFindings } from '../../nomad/check/schema.ts';
import { readTree } from '../../nomad/check/tree.ts';
import type { ConversionInput } from '../../nomad/output/conversion.ts';
import { unknownFields } from './unknown-fields.ts';

/** What `larder nomad check` says of a tree that was just made, but for what needs a program. */
export async function checkTree(
  texts: ReadonlyMap<string, string>,
  input: ConversionInput,
): Promise<readonly Finding[]> {
  const tree = readTree(texts);
  return [...jobFindings(tree, input), ...(await schemaFindings(tree)), ...unknownFields(tree), layout];
}

const layout: Finding = {
  check: 'C18',
  severity: 'skipped',
  file: 'kubernetes.tf',
  object: 'terraform',
  message: 'the layout of the Terraform files is not looked at here',
  todo: 'Run terraform fmt -check on what you downloaded.',
};
