import type { Group } from '../../jobspec/job.ts';
import type { WorkloadKind } from '../draft.ts';
import { fold } from '../fold.ts';
import type { Rule } from '../rule.ts';
import type { ModuleScope } from '../scope.ts';

const LONGEST_CRONJOB = 52;

/** What started on a control plane's node when Nomad's clients were the nodes. */
const controlPlane = { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' };

const service: Rule<ModuleScope> = {
  id: 'job.type-service',
  nomad: 'type = "service" (the default)',
  kubernetes: 'Deployment; StatefulSet where a volume belongs to one instance (per_alloc, sticky)',
  class: 'direct',
  why: '',
  apply: ({ job, module }, use) => {
    if (job.type.value !== 'service') return;
    for (const workload of module.workloads) workload.kind = keeps(workload.group) ? 'StatefulSet' : 'Deployment';
    // Nomad takes neither with a service; whoever wrote it meant a run
    if (job.periodic || job.parameterized) becomeCronJobs(module);
    if (job.type.written) use.take(job.type, 'Deployment');
  },
};

function keeps({ volume }: Group): boolean {
  return volume.some(({ per_alloc, sticky }) => per_alloc.value || sticky.value);
}

/** Names of CronJobs are shorter, because Kubernetes puts 11 characters behind them for each run. */
function becomeCronJobs({ workloads }: ModuleScope['module']): void {
  for (const [index, workload] of workloads.entries()) {
    workloads[index] = { ...workload, kind: 'CronJob', name: fold(workload.name, LONGEST_CRONJOB) };
  }
}

const batch: Rule<ModuleScope> = {
  id: 'job.type-batch',
  nomad: 'type = "batch"',
  kubernetes: 'Job; CronJob with periodic or parameterized',
  class: 'direct',
  why: 'count is both parallelism and completions; the attempts of restart are backoffLimit.',
  apply: ({ job, module }, use) => {
    if (job.type.value !== 'batch') return;
    const kind: WorkloadKind = job.periodic || job.parameterized ? 'CronJob' : 'Job';
    if (kind === 'CronJob') becomeCronJobs(module);
    else for (const workload of module.workloads) workload.kind = kind;
    if (job.type.written) use.take(job.type, kind, { text: kind });
  },
};

const system: Rule<ModuleScope> = {
  id: 'job.type-system',
  nomad: 'type = "system"',
  kubernetes: 'DaemonSet that also runs on nodes of the control plane',
  class: 'direct',
  why: 'count has no meaning; constraints choose the nodes.',
  apply: ({ job, module }, use) => {
    if (job.type.value !== 'system') return;
    for (const workload of module.workloads) {
      workload.kind = 'DaemonSet';
      workload.pod.tolerations.push(controlPlane);
    }
    if (job.type.written) use.take(job.type, 'DaemonSet', { text: 'DaemonSet' });
  },
};

/** Does nothing until it is ended; published by the Kubernetes project, and on every node of it. */
const PAUSE_IMAGE = 'registry.k8s.io/pause:3.10';

const sysbatch: Rule<ModuleScope> = {
  id: 'job.type-sysbatch',
  nomad: 'type = "sysbatch"',
  kubernetes: 'DaemonSet whose tasks are init containers, beside a container that only waits',
  class: 'approximate',
  why: 'Kubernetes has nothing that runs once on every node. With periodic a suspended CronJob is written.',
  apply: ({ job, module }, use) => {
    if (job.type.value !== 'sysbatch') return;
    const repeated = job.periodic !== undefined || job.parameterized !== undefined;
    if (repeated) becomeCronJobs(module);
    for (const workload of module.workloads) {
      if (repeated) workload.spec['suspend'] = true;
      else onEveryNode(workload);
    }
    if (!job.type.written) return;
    const todo = `Decide how ${module.name} runs on every node at its times.`;
    const note = { class: 'manual' as const, text: 'a suspended CronJob, which would run on one node', todo };
    use.take(job.type, 'DaemonSet', repeated ? note : {});
  },
};

function onEveryNode(workload: ModuleScope['module']['workloads'][number]): void {
  workload.kind = 'DaemonSet';
  workload.pod.tolerations.push(controlPlane);
  for (const container of workload.pod.containers) container.role = 'init';
  workload.pod.containers.push({
    name: 'pause',
    role: 'main',
    image: PAUSE_IMAGE,
    env: [],
    envFrom: [],
    ports: [],
    mounts: [],
    resources: { requests: { cpu: '1m', memory: '8Mi' }, limits: { cpu: '10m', memory: '8Mi' } },
    probes: {},
    securityContext: { allowPrivilegeEscalation: false },
    rest: {},
  });
}

const otherType: Rule<ModuleScope> = {
  id: 'job.type-other',
  nomad: 'type of another scheduler',
  kubernetes: 'a Deployment',
  class: 'manual',
  why: 'Nomad knows service, batch, system and sysbatch.',
  apply: ({ job, module }, use) => {
    const { type } = job;
    if (!type.written || ['service', 'batch', 'system', 'sysbatch'].includes(type.value)) return;
    use.leave(type, { todo: `Decide whether ${module.name} is a Deployment: type ${type.value} is unknown.` });
  },
};

export const kindRules: readonly Rule<ModuleScope>[] = [service, batch, system, sysbatch, otherType];
