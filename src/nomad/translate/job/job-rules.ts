import type { Written } from '../../jobspec/field.ts';
import { itemsOf } from '../../jobspec/items.ts';
import { jobName } from '../../jobspec/job-name.ts';
import { drop } from '../carry.ts';
import type { ModuleDraft } from '../draft.ts';
import type { Rule, Use } from '../rule.ts';
import type { ModuleScope } from '../scope.ts';
import { kindRules } from './kind.ts';
import { metaRules } from './meta.ts';
import { periodicRules } from './periodic.ts';

const name: Rule<ModuleScope> = {
  id: 'job.name',
  nomad: 'job "name", id, name',
  kubernetes: 'folder of the module, label app, name of the workload',
  class: 'direct',
  why: 'Folded to a DNS-1123 label: lower case, everything else a dash, at most 63 characters.',
  apply: ({ job, module }, use) => {
    const written = jobName(job);
    const note = written === module.name ? {} : { text: `called ${module.name}: names are DNS-1123 labels` };
    const items = [job, ...(job.id ? [job.id] : []), ...(job.name ? [job.name] : [])];
    const label = use.take(items, module.name, note);
    for (const { pod } of module.workloads) pod.labels['app'] = label;
  },
};

const namespace: Rule<ModuleScope> = {
  id: 'job.namespace',
  nomad: 'namespace',
  kubernetes: 'metadata.namespace of everything, and the Namespace itself',
  class: 'direct',
  why: '`default` becomes the namespace of the policy.',
  apply: ({ job, module }, use) => {
    if (!job.namespace.written) return;
    module.namespace = use.take(job.namespace, String(module.namespace));
  },
};

/** Room below and above: what Nomad calls 50 is what Kubernetes calls 0. */
const STEP = 1000;

const priority: Rule<ModuleScope> = {
  id: 'job.priority',
  nomad: 'priority',
  kubernetes: 'PriorityClass of the module',
  class: 'approximate',
  why: '50 is the default of both. Kubernetes evicts lower priorities; Nomad does so only where preemption is on.',
  apply: ({ job, module }, use) => {
    const { priority: field } = job;
    if (!field.written) return;
    if (field.value === 50) {
      use.leave(field, { class: 'dropped', text: '50 is the default' });
      return;
    }
    const called = `${module.name.slice(0, 54)}-priority`;
    const value = use.take(field, (field.value - 50) * STEP);
    const object = {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: called },
      value,
      globalDefault: false,
      description: `Priority ${field.value} of Nomad`,
    };
    module.manifests.push({ kind: 'priorityclass', name: called, object });
    for (const { pod } of module.workloads) pod.spec['priorityClassName'] = called;
  },
};

/** Where a job may run: a label of nodes that somebody chose, or nothing. */
function onLabelled(
  scope: ModuleScope,
  where: { field: Written<unknown>; key: string; values: readonly string[] },
  use: Use,
): void {
  const { field, key, values } = where;
  const label = scope.project.policy.nodeLabels[key];
  if (label === undefined) {
    const todo = `Say with nodeLabels["${key}"] of the policy which label of nodes stands for it, or leave it.`;
    use.leave(field, { class: 'manual', text: `no label of nodes stands for ${key} ${values.join(', ')}`, todo });
    return;
  }
  const chosen = use.take(field, [...values], { text: `required label ${label}` });
  for (const { pod } of scope.module.workloads) {
    pod.nodeRequired.push({ key: label, operator: 'In', values: chosen });
  }
}

const region: Rule<ModuleScope> = {
  id: 'job.region',
  nomad: 'region',
  kubernetes: 'a required label of nodes, where the policy names one for node.region',
  class: 'approximate',
  why: 'A region is what a cluster is; `global` is the default of a single one.',
  apply: (scope, use) => {
    const { region: field } = scope.job;
    if (!field.written) return;
    if (field.value === 'global') use.leave(field, { class: 'dropped', text: 'global is the only region there is' });
    else onLabelled(scope, { field, key: 'node.region', values: [field.value] }, use);
  },
};

const datacenters: Rule<ModuleScope> = {
  id: 'job.datacenters',
  nomad: 'datacenters',
  kubernetes: 'a required label of nodes, where the policy names one for node.datacenter',
  class: 'approximate',
  why: '`*` and `dc1` alone mean everywhere, and so does what all jobs that are converted together have.',
  apply: (scope, use) => {
    const field = scope.job.datacenters;
    if (!field) return;
    const { value } = field;
    const everywhere = value.length === 0 || value.includes('*') || (value.length === 1 && value[0] === 'dc1');
    const labelled = scope.project.policy.nodeLabels['node.datacenter'] !== undefined;
    if (everywhere) use.leave(field, { class: 'dropped', text: 'the default: everywhere' });
    else if (!labelled && isEverybodys(value, scope.project.modules))
      use.leave(field, { class: 'dropped', text: 'all jobs run there: this is the cluster' });
    else onLabelled(scope, { field, key: 'node.datacenter', values: value }, use);
  },
};

function isEverybodys(datacenters: readonly string[], modules: readonly ModuleDraft[]): boolean {
  const own = String(datacenters);
  return modules.length > 1 && modules.every(({ job }) => String(job.datacenters?.value) === own);
}

const nodePool: Rule<ModuleScope> = {
  id: 'job.node_pool',
  nomad: 'node_pool',
  kubernetes: 'a required label of nodes, where the policy names one for node.pool',
  class: 'approximate',
  why: '`default` and `all` mean every node.',
  apply: (scope, use) => {
    const field = scope.job.node_pool;
    if (!field) return;
    if (field.value === 'default' || field.value === 'all') {
      use.leave(field, { class: 'dropped', text: `${field.value}: every node` });
    } else onLabelled(scope, { field, key: 'node.pool', values: [field.value] }, use);
  },
};

const allAtOnce: Rule<ModuleScope> = {
  id: 'job.all_at_once',
  nomad: 'all_at_once',
  kubernetes: 'nothing: the scheduler places pod by pod',
  class: 'dropped',
  why: 'It allowed partial placement during a plan.',
  apply: ({ job }, use) => drop(use, job.all_at_once),
};

const multiregion: Rule<ModuleScope> = {
  id: 'job.multiregion',
  nomad: 'multiregion',
  kubernetes: 'nothing: one cluster is written',
  class: 'manual',
  why: 'Several regions are several clusters (Nomad Enterprise).',
  apply: ({ job, module }, use) => {
    if (!job.multiregion) return;
    use.leave(itemsOf(job.multiregion), { todo: `Decide which clusters run ${module.name}, and how each differs.` });
  },
};

const ui: Rule<ModuleScope> = {
  id: 'job.ui',
  nomad: 'ui',
  kubernetes: "nothing: it is for Nomad's own web page",
  class: 'dropped',
  why: '',
  apply: ({ job }, use) => {
    if (job.ui) use.leave(itemsOf(job.ui));
  },
};

/** First of all: names and kinds, which the others look at. */
export const jobRules: readonly Rule<ModuleScope>[] = [
  name,
  namespace,
  ...kindRules,
  ...periodicRules,
  priority,
  region,
  datacenters,
  nodePool,
  allAtOnce,
  multiregion,
  ui,
  ...metaRules,
];
