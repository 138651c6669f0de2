import { keyOf } from '../jobspec/items.ts';
import type { Group, Job, Task } from '../jobspec/job.ts';
import { jobName } from '../jobspec/job-name.ts';
import type { Loaded } from '../jobspec/load.ts';
import type { Policy } from '../policy.ts';
import type { Account } from './account.ts';
import { Accounts } from './accounts.ts';
import type { ContainerDraft, ModuleDraft, WorkloadDraft } from './draft.ts';
import { fold } from './fold.ts';
import { applyRules } from './rule.ts';
import { groupEnds, groupRules, moduleEnds, moduleRules, projectEnds, taskRules } from './rules.ts';
import type { GroupScope, ProjectScope, Question, Surroundings, TaskScope } from './scope.ts';
import { indexServices } from './service-index.ts';
import { referenceAccounts } from './variable/reference.ts';

export interface Translation {
  readonly modules: readonly ModuleDraft[];
  readonly accounts: readonly Account[];
  readonly questions: readonly Question[];
}

export interface TranslateInput {
  readonly jobs: readonly Loaded[];
  readonly policy: Policy;
  readonly answers: ReadonlyMap<string, string>;
  readonly surroundings: Surroundings;
}

/**
 * All jobs into drafts of modules, and an account of every line. The order is fixed: names first, so that jobs can
 * speak of each other; then job, group and task, each by its list of rules in the order of the source; then what needs
 * the whole group, the whole module, all modules.
 */
export function translate({ jobs, policy, answers, surroundings }: TranslateInput): Translation {
  const accounts = new Accounts();
  const modules = jobs.map(({ job, file }) => draftOf(job, file, policy));
  const project: ProjectScope = {
    policy,
    answers,
    questions: new Map(),
    modules,
    // none is known before what will be in no pod is gone
    services: indexServices([]),
    surroundings,
    accounts,
    edges: [],
  };
  for (const module of modules) applyRules(moduleRules, { project, module, job: module.job }, accounts);
  const indexed = { ...project, services: indexServices(modules) };
  for (const module of modules) translateModule(indexed, module);
  applyRules(projectEnds, indexed, accounts);
  for (const each of referenceAccounts(indexed)) accounts.add(each);
  for (const loaded of jobs) for (const each of leftOver(loaded, accounts)) accounts.add(each);
  return { modules, accounts: accounts.list, questions: [...project.questions.values()] };
}

function translateModule(project: ProjectScope, module: ModuleDraft): void {
  const { accounts } = project;
  const scope = { project, module, job: module.job };
  for (const workload of module.workloads) {
    const group: GroupScope = { ...scope, group: workload.group, workload };
    applyRules(groupRules, group, accounts);
    for (const container of [...workload.pod.containers]) {
      const task: TaskScope | undefined = container.task && { ...group, task: container.task, container };
      if (task) applyRules(taskRules, task, accounts);
    }
    applyRules(groupEnds, group, accounts);
  }
  applyRules(moduleEnds, scope, accounts);
}

function draftOf(job: Job, file: string, policy: Policy): ModuleDraft {
  const name = fold(jobName(job));
  const several = job.group.length > 1;
  const namespace = job.namespace.value === 'default' ? policy.namespace : fold(job.namespace.value);
  const workloads = job.group.map((group) => workloadOf(name, group, several));
  return { job, name, file, namespace, workloads, manifests: [] };
}

function workloadOf(name: string, group: Group, several: boolean): WorkloadDraft {
  const component = fold(group.label.text);
  return {
    group,
    component,
    name: several ? fold(`${name}-${component}`) : name,
    several,
    kind: 'Deployment',
    alone: [],
    spec: {},
    claims: [],
    pod: {
      labels: {},
      annotations: {},
      spec: {},
      securityContext: {},
      nodeSelector: {},
      nodeRequired: [],
      nodePreferred: [],
      apart: [],
      spread: [],
      tolerations: [],
      volumes: new Map(),
      pullSecrets: new Set(),
      containers: group.task.map(containerOf),
    },
  };
}

function containerOf(task: Task): ContainerDraft {
  return {
    task,
    name: fold(task.label.text),
    role: 'main',
    image: '',
    env: [],
    envFrom: [],
    ports: [],
    mounts: [],
    resources: { requests: {}, limits: {} },
    probes: {},
    securityContext: {},
    rest: {},
  };
}

/** What no rule took is told, not lost. */
function leftOver({ items, unknown, absent }: Loaded, accounts: Accounts): readonly Account[] {
  const strange = new Set(unknown.map(keyOf));
  const without = new Set(absent.map(keyOf));
  return items
    .filter((item) => !accounts.has(item))
    .map((item): Account => {
      if (without.has(keyOf(item)))
        return { item, row: 'null', class: 'dropped', text: 'null is as if it were not there' };
      const text = strange.has(keyOf(item)) ? 'no version of Nomad that Larder reads knows this' : 'has no rule';
      return { item, row: 'unknown', class: 'manual', text, todo: `Decide what ${item.path} was for.` };
    });
}
