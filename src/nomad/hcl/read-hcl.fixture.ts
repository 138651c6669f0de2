import type { JobFiles } from './functions/hcl-function.ts';
import { type HclInput, type HclOutput, readHcl } from './read-hcl.ts';
import { openGrammar } from './tree.ts';

const grammar = await openGrammar();
const files: JobFiles = { read: () => ({ kind: 'missing' }), below: () => ({ kind: 'files', paths: [] }) };

/** A text as a job's file, without files beside it. */
export function readText(text: string, input: Partial<HclInput> = {}): HclOutput {
  return readHcl({ grammar, file: 'job.hcl', text, files, ...input });
}
