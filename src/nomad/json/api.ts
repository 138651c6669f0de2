import type { Source } from '../hcl/source.ts';
import { job as jobSchema } from '../jobspec/schema/job.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Attribute, Body } from '../source/node.ts';
import { apiContent, labelFrom } from './api-block.ts';
import type { ObjectNode } from './form.ts';
import { memberOf, scalarsOf, textOf } from './member.ts';

/**
 * A job in the words of Nomad's API as the blocks and attributes of a jobspec. What is null or empty says nothing and is
 * left out, and of a job that a server printed the defaults that it filled in, so that it is the job that was written.
 * A member that no schema knows becomes an attribute of its name, for the report.
 */
export function apiBody(
  job: ObjectNode,
  source: Source,
): { readonly body: Body; readonly diagnostics: readonly Diagnostic[] } {
  const label = labelFrom(memberOf(job, 'ID'), source) ?? labelFrom(memberOf(job, 'Name'), source);
  if (!label) {
    const start = { start: job.start, end: job.start + 1 };
    const refusal = source.diagnostic('LARDER_NOMAD_JOBSPEC', start, 'a job needs a name: "ID" is missing');
    return { body: { attributes: [], blocks: [] }, diagnostics: [refusal] };
  }
  const jobType = textOf(memberOf(job, 'Type')?.value) ?? 'service';
  const { attributes, blocks } = apiContent(jobSchema, job, {
    block: 'job',
    source,
    printed: isPrinted(job),
    jobType,
    job,
    label: 'ID',
  });
  const own = attributes.filter((attribute) => !repeats(attribute, label.text));
  const block = { type: 'job', labels: [label], at: source.at(job), attributes: own, blocks };
  return { body: { attributes: [], blocks: [block] }, diagnostics: warningsOf(job, source) };
}

/** Only a server knows when it got a job. */
function isPrinted(job: ObjectNode): boolean {
  const { CreateIndex: created, JobModifyIndex: modified } = scalarsOf(job);
  return Number(created ?? 0) > 0 || Number(modified ?? 0) > 0;
}

/** A job's name is its label unless it says something else. */
function repeats({ name, value }: Attribute, label: string): boolean {
  return name === 'name' && value.kind === 'scalar' && value.value === label;
}

function warningsOf(job: ObjectNode, source: Source): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const parent = memberOf(job, 'ParentID');
  const stop = memberOf(job, 'Stop');
  if (parent && textOf(parent.value) !== undefined) {
    const message = 'this is one run of a periodic or parameterized job; convert the job itself instead';
    found.push({ ...source.diagnostic('LARDER_NOMAD_JOBSPEC', parent, message), severity: 'warning' });
  }
  if (stop?.value.kind === 'scalar' && stop.value.value === true) {
    const message = 'the job is stopped on the server; what is converted would run';
    found.push({ ...source.diagnostic('LARDER_NOMAD_JOBSPEC', stop, message), severity: 'warning' });
  }
  return found;
}
