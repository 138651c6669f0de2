import type { Field, Item, Written } from '../../jobspec/field.ts';
import { carry, drop } from '../carry.ts';
import type { WorkloadDraft } from '../draft.ts';
import { fold } from '../fold.ts';
import type { Rule, Use } from '../rule.ts';
import type { ModuleScope } from '../scope.ts';
import type { S } from '../sourced.ts';
import { scheduleOf } from './schedule.ts';

/** Room for the suffix that Kubernetes puts behind the names of what a CronJob starts. */
const LONGEST = 52;

/** Suspended, it only has to be valid. */
const NEVER = '0 0 1 1 *';

const suspended = (why: string) => ({
  class: 'manual' as const,
  text: `the CronJob is written suspended: ${why}`,
  todo: 'Give the CronJob a schedule of five fields, and take suspend: true away.',
});

/** Nomad takes neither block with a job that never ends: what is no CronJob has no times, and a person must say what was meant. */
function isUnscheduled({ job, module }: ModuleScope, use: Use, field: Item | undefined): boolean {
  if (module.workloads.every(({ kind }) => kind === 'CronJob')) return false;
  const text = `not written: a job of type ${job.type.value} has no times of its own`;
  if (field) use.leave(field, { class: 'manual', text, todo: `Decide when ${module.name} runs.` });
  return true;
}

function written(field: Field<unknown> | undefined): Item | undefined {
  return field?.written ? field : undefined;
}

function setSchedule(workload: WorkloadDraft, field: Item & { readonly value: string }, text: string, use: Use): void {
  const schedule = scheduleOf(text);
  if (schedule.kind === 'none') {
    workload.spec['schedule'] = use.take(field, NEVER, suspended(schedule.why));
    workload.spec['suspend'] = true;
    return;
  }
  const { fields, difference } = schedule;
  const note = difference === undefined ? {} : { class: 'approximate' as const, text: difference };
  workload.spec['schedule'] = use.take(field, fields, note);
}

const cron: Rule<ModuleScope> = {
  id: 'periodic.cron',
  nomad: 'periodic.cron',
  kubernetes: 'CronJob.spec.schedule',
  class: 'direct',
  why: 'Of six fields the last is the year, of seven the first is seconds; Kubernetes knows neither, nor L, W and #.',
  apply: (scope, use) => {
    const { job, module } = scope;
    const field = job.periodic?.cron;
    if (!field || isUnscheduled(scope, use, field)) return;
    for (const workload of module.workloads) setSchedule(workload, field, field.value, use);
  },
};

/** At the end: the other CronJobs are copies of the first, which must be complete. */
const crons: Rule<ModuleScope> = {
  id: 'periodic.crons',
  nomad: 'periodic.crons',
  kubernetes: 'one CronJob for each schedule',
  class: 'direct',
  why: 'A CronJob has one schedule. Whether runs may overlap is then decided for each CronJob alone.',
  apply: (scope, use) => {
    const { job, module } = scope;
    const field = job.periodic?.crons;
    if (!field || isUnscheduled(scope, use, field)) return;
    for (const workload of [...module.workloads]) {
      const copies = field.value.map((_, index) => (index === 0 ? workload : copyOf(workload, index + 1)));
      for (const [index, copy] of copies.entries()) setSchedule(copy, line(field), field.value[index] ?? '', use);
      module.workloads.splice(module.workloads.indexOf(workload) + 1, 0, ...copies.slice(1));
    }
  },
};

function line(field: Written<readonly string[]>): Item & { readonly value: string } {
  return { path: field.path, at: field.at, value: '' };
}

function copyOf(workload: WorkloadDraft, count: number): WorkloadDraft {
  return { ...workload, name: copyName(workload.name, count), spec: { ...workload.spec } };
}

/** Of the CronJob for a further schedule. */
export function copyName(name: string, count: number): string {
  return fold(`${name.slice(0, LONGEST - String(count).length - 1)}-${count}`, LONGEST);
}

const timeZone: Rule<ModuleScope> = {
  id: 'periodic.time_zone',
  nomad: 'periodic.time_zone',
  kubernetes: 'CronJob.spec.timeZone',
  class: 'direct',
  why: 'Always written: without it Nomad means UTC, and Kubernetes the zone of its controller.',
  apply: (scope, use) => {
    const { job, module } = scope;
    if (!job.periodic || isUnscheduled(scope, use, written(job.periodic.time_zone))) return;
    const { time_zone: field } = job.periodic;
    const local = field.value === 'Local' || field.value === '';
    const zone = local || field.value === 'UTC' ? 'Etc/UTC' : field.value;
    const note = local && {
      class: 'manual' as const,
      text: `${field.value} was the zone of the Nomad servers; Etc/UTC is written`,
      todo: 'Write the zone of the Nomad servers into timeZone.',
    };
    for (const { spec } of module.workloads) spec['timeZone'] = carry(use, field, zone, note || {});
  },
};

const prohibitOverlap: Rule<ModuleScope> = {
  id: 'periodic.prohibit_overlap',
  nomad: 'periodic.prohibit_overlap',
  kubernetes: 'CronJob.spec.concurrencyPolicy: Forbid, without it Allow',
  class: 'direct',
  why: 'With several schedules it holds for each CronJob alone.',
  apply: (scope, use) => {
    const { job, module } = scope;
    if (!job.periodic || isUnscheduled(scope, use, written(job.periodic.prohibit_overlap))) return;
    const { prohibit_overlap: field, crons: several } = job.periodic;
    const alone = field.value && (several?.value.length ?? 0) > 1;
    const note = alone
      ? {
          class: 'approximate' as const,
          text: 'Forbid, for each CronJob alone: runs of different schedules may overlap',
        }
      : {};
    for (const { spec } of module.workloads) {
      spec['concurrencyPolicy'] = carry(use, field, field.value ? 'Forbid' : 'Allow', note);
    }
  },
};

const enabled: Rule<ModuleScope> = {
  id: 'periodic.enabled',
  nomad: 'periodic.enabled',
  kubernetes: 'CronJob.spec.suspend',
  class: 'direct',
  why: '',
  apply: (scope, use) => {
    const { job, module } = scope;
    const field = job.periodic?.enabled;
    if (!field?.written || isUnscheduled(scope, use, field)) return;
    for (const { spec } of module.workloads) {
      const value: S<boolean> = use.take(field, spec['suspend'] === true || !field.value);
      spec['suspend'] = value;
    }
  },
};

const parameterized: Rule<ModuleScope> = {
  id: 'job.parameterized',
  nomad: 'parameterized',
  kubernetes: 'a suspended CronJob as the template of runs: kubectl create job NAME --from=cronjob/…',
  class: 'manual',
  why: 'Kubernetes has no dispatch: payload and meta of a run come from who starts it.',
  apply: ({ job, module }, use) => {
    const block = job.parameterized;
    if (!block) return;
    const todo = `Decide who starts ${module.name}, and how its payload and meta reach it.`;
    for (const { kind, spec } of module.workloads) {
      if (kind !== 'CronJob') continue;
      spec['suspend'] = true;
      spec['schedule'] ??= NEVER;
      spec['timeZone'] ??= 'Etc/UTC';
      spec['concurrencyPolicy'] ??= 'Allow';
    }
    if (block.counted) use.leave(block, { todo });
    drop(use, block.payload, { todo });
    drop(use, block.meta_required, { todo });
    drop(use, block.meta_optional, { todo });
  },
};

export const periodicRules: readonly Rule<ModuleScope>[] = [cron, timeZone, prohibitOverlap, enabled, parameterized];
export const periodicEnds: readonly Rule<ModuleScope>[] = [crons];
