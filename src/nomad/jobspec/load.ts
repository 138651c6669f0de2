import type { Diagnostic } from '../source/diagnostic.ts';
import type { Block, Body } from '../source/node.ts';
import type { Position } from '../source/position.ts';
import { checkConfigs } from './config.ts';
import { freeLines } from './items.ts';
import type { Job } from './job.ts';
import { emptyReading, type Reading, read } from './read.ts';
import { job as schema } from './schema/job.ts';

/** A job as one file holds it. */
export interface Loaded extends Reading {
  readonly file: string;
  readonly job: Job;
}

/** Top-level blocks that are not the job; what they did is already in it. */
const aside = new Set(['variable', 'variables', 'locals']);

/**
 * The job of an evaluated file. Nomad takes one job a file; a file without any is not a jobspec, and that is no mistake
 * where a directory is read.
 */
export function load(
  file: string,
  body: Body,
): Loaded | { readonly diagnostics: readonly Diagnostic[]; readonly job?: undefined } {
  const jobs = body.blocks.filter(({ type }) => type === 'job');
  const [found, second] = jobs;
  if (!found) return { diagnostics: [] };
  if (second) return { diagnostics: [refusal(second.at, 'a file holds one job; this is the second')] };
  const [label] = found.labels;
  if (!label) return { diagnostics: [refusal(found.at, 'a job needs a name: job "NAME" {')] };
  const reading = emptyReading();
  for (const { type, at } of body.blocks) {
    if (type !== 'job' && !aside.has(type)) {
      reading.diagnostics.push(
        refusal(at, `${type} may not stand beside a job; accepted: job, variable, variables, locals`),
      );
    }
  }
  const path = `job.${label.text}`;
  const source = { path, at: found.at, labels: found.labels, body: withGroups(found) };
  const job = { ...read(schema, source, reading), label };
  for (const { path: of, at, node } of freeLines(job)) {
    reading.items.push({ path: of, at });
    if (node?.kind === 'scalar' && node.value === null) reading.absent.push({ path: of, at });
  }
  refuseEmpty(job, reading);
  checkConfigs(job, reading);
  refuseCsiPlugins(job, reading);
  return { file, job, ...reading };
}

/** A job that is a node's storage driver has no twin: what it does belongs to the cluster, not to a workload. */
function refuseCsiPlugins({ label, group }: Job, { diagnostics }: Reading): void {
  for (const { csi_plugin: plugin } of group.flatMap(({ task }) => task)) {
    if (!plugin) continue;
    const id = plugin.id?.value ?? 'without an id';
    diagnostics.push({
      severity: 'error',
      code: 'LARDER_NOMAD_REFUSED',
      message: `job ${label.text} is the CSI plugin ${id} of Nomad; install that driver's own chart for Kubernetes, or use a StorageClass of Larder, and convert the jobs that mount its volumes`,
      at: plugin.at,
    });
  }
}

/** Nomad refuses such a job, too, but makes the task of a gateway itself. A group may be there under a misspelt name, which is a warning of its own. */
function refuseEmpty({ label, at, group }: Job, { diagnostics }: Reading): void {
  const isGateway = ({ service }: Job['group'][number]): boolean => service.some(({ connect }) => connect?.gateway);
  if (group.some((each) => each.task.length > 0 || isGateway(each))) return;
  const message = `job ${label.text} has no task, so that nothing can be made of it: give it a group with a task, and see that both blocks are spelt so`;
  diagnostics.push(refusal(at, message));
}

/** A task right below the job is a group of its own, with the name of the task (Nomad's jobspec2 does so). */
function withGroups({ attributes, blocks }: Block): Body {
  return {
    attributes,
    blocks: blocks.map((block) =>
      block.type === 'task'
        ? { type: 'group', labels: block.labels, at: block.at, attributes: [], blocks: [block] }
        : block,
    ),
  };
}

function refusal(at: Position, message: string): Diagnostic {
  return { severity: 'error', code: 'LARDER_NOMAD_JOBSPEC', message, at };
}
