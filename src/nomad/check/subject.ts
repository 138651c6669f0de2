import type { Free } from '../jobspec/field.ts';
import type { Group, Job, Service, Task } from '../jobspec/job.ts';
import { jobName } from '../jobspec/job-name.ts';
import type { Loaded } from '../jobspec/load.ts';
import type { Policy } from '../policy.ts';
import { type Plain, plain } from '../source/node.ts';
import { fold } from '../translate/fold.ts';
import type { Intention, TerraformVolume } from '../translate/scope.ts';
import type { CheckId, Finding } from './finding.ts';
import type { WrittenModule, WrittenTree } from './tree.ts';
import { type Container, type Workload, workloadsOf } from './workload.ts';
import type { WrittenReport } from './written-report.ts';

/** What the checks compare: the jobs, read again from the input, and what was written. They know no rule of the translation. */
export interface Subject {
  readonly tree: WrittenTree;
  readonly workloads: readonly Workload[];
  readonly jobs: readonly JobSubject[];
  readonly report: WrittenReport;
  readonly policy: Policy;
  readonly intentions: readonly Intention[];
  /** What Terraform says of volumes beside the jobs, by their names there. */
  readonly volumes: ReadonlyMap<string, TerraformVolume>;
  /** Texts of the input, by path. */
  readonly input: ReadonlyMap<string, string>;
}

export interface Check {
  readonly id: CheckId;
  readonly title: string;
  readonly run: (subject: Subject) => readonly Finding[];
}

export interface JobSubject {
  readonly loaded: Loaded;
  readonly job: Job;
  /** Folded. */
  readonly name: string;
  /** Absent: nothing was written. */
  readonly module?: WrittenModule;
  readonly groups: readonly GroupSubject[];
}

export interface GroupSubject {
  readonly of: JobSubject;
  readonly group: Group;
  /** Several for a group with several schedules. */
  readonly workloads: readonly Workload[];
  readonly tasks: readonly TaskSubject[];
}

export interface TaskSubject {
  readonly of: GroupSubject;
  readonly task: Task;
  readonly containers: readonly Placed[];
}

export interface Placed {
  readonly workload: Workload;
  readonly container: Container;
}

export interface SubjectInput extends Pick<Subject, 'tree' | 'report' | 'policy' | 'intentions' | 'volumes' | 'input'> {
  readonly jobs: readonly Loaded[];
}

/** Finds for each job, group and task what was written for it. */
export function subjectOf({ jobs, tree, ...rest }: SubjectInput): Subject {
  const byModule = new Map(tree.modules.map((module) => [module.name, workloadsOf(module)]));
  const workloads = [...byModule.values()].flat();
  return { ...rest, tree, workloads, jobs: jobs.map((loaded) => jobSubject(loaded, tree, byModule)) };
}

function jobSubject(
  loaded: Loaded,
  tree: WrittenTree,
  workloads: ReadonlyMap<string, readonly Workload[]>,
): JobSubject {
  const { job } = loaded;
  const name = fold(jobName(job));
  const module = tree.modules.find((each) => each.name === name);
  const groups: GroupSubject[] = [];
  const subject: JobSubject = { loaded, job, name, groups, ...(module ? { module } : {}) };
  for (const group of job.group) groups.push(groupSubject(subject, group, workloads.get(name) ?? []));
  return subject;
}

function groupSubject(of: JobSubject, group: Group, all: readonly Workload[]): GroupSubject {
  const component = fold(group.label.text);
  const several = of.job.group.length > 1;
  const workloads = several
    ? all.filter(
        ({ labels, manifest }) =>
          labels['component'] === component || manifest.name === fold(`${of.name}-${component}`),
      )
    : all;
  const tasks: TaskSubject[] = [];
  const subject: GroupSubject = { of, group, workloads, tasks };
  for (const task of group.task) tasks.push({ of: subject, task, containers: placed(task, workloads) });
  return subject;
}

function placed(task: Task, workloads: readonly Workload[]): readonly Placed[] {
  const name = fold(task.label.text);
  return workloads.flatMap((workload) =>
    workload.containers
      .filter((container) => container.name === name)
      .slice(0, 1)
      .map((container) => ({ workload, container })),
  );
}

export function tasksOf({ jobs }: Subject): readonly TaskSubject[] {
  return jobs.flatMap(({ groups }) => groups.flatMap(({ tasks }) => tasks));
}

export function groupsOf({ jobs }: Subject): readonly GroupSubject[] {
  return jobs.flatMap(({ groups }) => groups);
}

export interface ServiceSubject {
  readonly of: GroupSubject;
  readonly service: Service;
  /** Absent where the group has it. */
  readonly task?: TaskSubject;
}

export function servicesOf(subject: Subject): readonly ServiceSubject[] {
  return groupsOf(subject).flatMap((of) => [
    ...of.group.service.map((service) => ({ of, service })),
    ...of.tasks.flatMap((task) => task.task.service.map((service) => ({ of, service, task }))),
  ]);
}

/** Text in which neither Nomad nor a mesh's names are to be replaced. */
export function isLiteral(text: string): boolean {
  return !text.includes('${') && !/\.consul\b/.test(text);
}

/** What a plugin's block says, blocks within it as lists. */
export function settingsOf(free: Free | undefined): Readonly<Record<string, Plain>> {
  return free ? plainBody(free.body) : {};
}

function plainBody({ attributes, blocks }: Free['body']): Readonly<Record<string, Plain>> {
  const settings: Record<string, Plain> = {};
  for (const { name, value } of attributes) settings[name] = plain(value);
  for (const block of blocks) {
    const before = settings[block.type];
    settings[block.type] = [...(Array.isArray(before) ? before : []), plainBody(block)];
  }
  return settings;
}

/** The attribute or block of a plugin's settings, as the report calls it. */
export function settingItem(free: Free, name: string): { readonly path: string; readonly at: Free['at'] } {
  const at = [...free.body.attributes, ...free.body.blocks].find((each) =>
    'type' in each ? each.type === name : each.name === name,
  )?.at;
  return { path: `${free.path}.${name}`, at: at ?? free.at };
}
