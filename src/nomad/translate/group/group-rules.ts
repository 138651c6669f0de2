import type { Item } from '../../jobspec/field.ts';
import { itemsOf } from '../../jobspec/items.ts';
import { carry, drop } from '../carry.ts';
import { groupMeta } from '../job/meta.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { migrate } from './migrate.ts';
import { restartRules } from './restart.ts';
import { updateEnds, updateRules } from './update.ts';

const name: Rule<GroupScope> = {
  id: 'group.name',
  nomad: 'group "name"',
  kubernetes: 'one workload; label component where a job has several groups',
  class: 'direct',
  why: 'With several workloads every selector has the component, so that no Service meets the pods of two.',
  apply: ({ group, workload }, use) => {
    const written = group.label.text;
    const text = workload.several ? `component ${workload.component}` : `the workload ${workload.name}`;
    const folded = use.take(group, workload.component, { text });
    if (workload.several) workload.pod.labels['component'] = folded;
    if (written !== workload.component) workload.pod.annotations['larder.dev/nomad-group'] = written;
  },
};

const count: Rule<GroupScope> = {
  id: 'group.count',
  nomad: 'count',
  kubernetes: 'replicas; of a Job parallelism and completions',
  class: 'direct',
  why: 'Without it scaling.min, or 1.',
  apply: ({ group, workload }, use) => {
    const value = group.count?.value ?? group.scaling?.min?.value ?? 1;
    switch (workload.kind) {
      case 'Deployment':
      case 'StatefulSet':
        workload.replicas = carry(use, group.count, value, { text: `replicas: ${value}` });
        return;
      case 'DaemonSet':
        drop(use, group.count, { class: 'dropped', text: 'a pod runs on every node that fits' });
        return;
      case 'Job':
      case 'CronJob': {
        const several = carry(use, group.count, value, { text: `parallelism and completions: ${value}` });
        if (value === 1 && !group.count) return;
        workload.spec['parallelism'] = several;
        workload.spec['completions'] = value;
        return;
      }
      default:
        workload.kind satisfies never;
    }
  },
};

const maxRunDuration: Rule<GroupScope> = {
  id: 'group.max_run_duration',
  nomad: 'max_run_duration',
  kubernetes: 'activeDeadlineSeconds of a Job',
  class: 'direct',
  why: 'It counts from the start of the Job, with all its attempts.',
  apply: ({ group, workload }, use) => {
    const field = group.max_run_duration;
    if (!field) return;
    if (workload.kind !== 'Job' && workload.kind !== 'CronJob') {
      const todo = `Decide who ends ${workload.name} after ${field.value / 1000} s.`;
      use.leave(field, { class: 'manual', text: `a ${workload.kind} runs for ever`, todo });
      return;
    }
    workload.spec['activeDeadlineSeconds'] = use.take(field, Math.max(1, Math.ceil(field.value / 1000)));
  },
};

/** How long a pod stays on a node that nobody hears of. */
const tainted = ['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready'] as const;

const disconnect: Rule<GroupScope> = {
  id: 'group.disconnect',
  nomad: 'disconnect.lost_after, stop_on_client_after',
  kubernetes: 'tolerationSeconds for nodes that are unreachable or not ready',
  class: 'approximate',
  why: 'Kubernetes starts another pod then; the old one ends when the node is heard of again.',
  apply: ({ group, workload }, use) => {
    const { lost_after: lost, stop_on_client_after: stop } = group.disconnect ?? {};
    const fields = [lost, stop].filter((each) => each !== undefined);
    const [first] = fields;
    if (!first) return;
    const after = use.take(fields, Math.round(Math.max(...fields.map(({ value }) => value)) / 1000));
    for (const key of tainted) {
      workload.pod.tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: after });
    }
  },
};

const disconnectReplace: Rule<GroupScope> = {
  id: 'group.disconnect-replace',
  nomad: 'disconnect.replace, reconcile',
  kubernetes: 'nothing: a pod of a lost node is always replaced, and the newer one stays',
  class: 'dropped',
  why: '',
  apply: ({ group, workload }, use) => {
    const { replace, reconcile } = group.disconnect ?? {};
    const todo = `Decide whether ${workload.name} may run twice while a node is lost: it was not to be replaced.`;
    drop(use, replace, replace?.value === false ? { class: 'manual', text: 'it is replaced all the same', todo } : {});
    if (reconcile) use.leave(reconcile);
  },
};

const disconnectOld: Rule<GroupScope> = {
  id: 'group.disconnect-old',
  nomad: 'max_client_disconnect, stop_after_client_disconnect, prevent_reschedule_on_lost',
  kubernetes: 'nothing: Nomad itself ignores them since 1.10',
  class: 'dropped',
  why: '`disconnect` took their place.',
  apply: ({ group }, use) => {
    const {
      max_client_disconnect: max,
      stop_after_client_disconnect: stop,
      prevent_reschedule_on_lost: prevent,
    } = group;
    const fields: readonly (Item | undefined)[] = [max, stop, prevent];
    use.leave(fields.filter((each) => each !== undefined));
  },
};

const consul: Rule<GroupScope> = {
  id: 'group.consul',
  nomad: 'consul (group, task)',
  kubernetes: 'nothing: Services of the cluster take the place of Consul',
  class: 'dropped',
  why: 'Names of another namespace, partition or cluster of Consul are not those of this cluster.',
  apply: ({ group }, use) => {
    for (const block of [group.consul, ...group.task.map((task) => task.consul)]) {
      if (block) use.leave(itemsOf(block));
    }
  },
};

export const groupBasics: readonly Rule<GroupScope>[] = [
  name,
  count,
  ...restartRules,
  ...updateRules,
  migrate,
  maxRunDuration,
  disconnect,
  disconnectReplace,
  disconnectOld,
  consul,
  groupMeta,
];
export const groupBasicEnds: readonly Rule<GroupScope>[] = updateEnds;
