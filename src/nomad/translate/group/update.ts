import type { Field } from '../../jobspec/field.ts';
import type { Update } from '../../jobspec/job.ts';
import type { Note } from '../account.ts';
import { carry, drop } from '../carry.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { bare, type S } from '../sourced.ts';

type Key = Exclude<keyof Update, 'path' | 'at' | 'counted' | 'item' | 'label'>;

/** The group's own value, else the job's, else Nomad's default; undefined for jobs that have no `update` and need none. */
function updateOf<K extends Key>({ job, group }: GroupScope, key: K): Update[K] | undefined {
  const own = group.update?.[key];
  if (own?.written) return own;
  return job.update?.[key] ?? own;
}

const seconds = (ms: number): number => Math.ceil(ms / 1000);

/** Kinds that replace pods one after the other. */
function rolls({ workload }: GroupScope): boolean {
  return workload.kind === 'Deployment' || workload.kind === 'StatefulSet' || workload.kind === 'DaemonSet';
}

/** At the end: who must be alone is known only when volumes, ports and devices are. */
const maxParallel: Rule<GroupScope> = {
  id: 'update.max_parallel',
  nomad: 'update.max_parallel',
  kubernetes: 'rollingUpdate.maxUnavailable with maxSurge 0, or Recreate',
  class: 'direct',
  why: 'Without canaries Nomad stops the old before it starts the new; the default of Kubernetes starts a second first, and two would write at once.',
  apply: (scope, use) => {
    const { workload, job } = scope;
    const field = updateOf(scope, 'max_parallel');
    if (!rolls(scope)) {
      drop(use, field, { class: 'dropped', text: `a ${workload.kind} replaces nothing` });
      return;
    }
    if (workload.strategy !== undefined) {
      drop(use, field, { class: 'approximate', text: 'with canaries the number of canaries decides' });
      return;
    }
    if (!field && job.type.value === 'system') return;
    const value = field?.value ?? 1;
    const all = value === 0;
    if (workload.kind === 'StatefulSet') {
      const note: Note =
        value === 1
          ? { text: 'one after the other' }
          : { class: 'approximate', text: 'a StatefulSet replaces one after the other' };
      workload.strategy = { type: carry(use, field, 'RollingUpdate', note) };
      return;
    }
    if (workload.kind === 'Deployment' && mustBeAlone(scope)) {
      const note: Note = { text: `Recreate, because ${workload.alone.join(', and ')}` };
      workload.strategy = { type: carry(use, field, 'Recreate', note) };
      return;
    }
    const unavailable: S<number | string> = carry(use, field, all ? '100%' : value);
    const surge = { maxUnavailable: unavailable, maxSurge: 0 };
    workload.strategy = { type: 'RollingUpdate', rollingUpdate: surge };
  },
};

/** With one replica nothing of the old may be left when the new begins; with several the nodes keep them apart. */
function mustBeAlone({ workload }: GroupScope): boolean {
  const replicas = workload.replicas === undefined ? 1 : bare(workload.replicas);
  return workload.alone.length > 0 && replicas <= 1;
}

const canary: Rule<GroupScope> = {
  id: 'update.canary',
  nomad: 'update.canary',
  kubernetes: 'rollingUpdate.maxSurge = canary, maxUnavailable 0',
  class: 'approximate',
  why: 'Kubernetes goes on by itself when the new pods are ready. As many canaries as replicas was blue/green.',
  apply: (scope, use) => {
    const { workload } = scope;
    const field = updateOf(scope, 'canary');
    if (!field?.written) return;
    if (field.value === 0) use.leave(field, { class: 'dropped', text: 'no canaries' });
    else if (workload.kind !== 'Deployment') {
      use.leave(field, {
        class: 'manual',
        text: `a ${workload.kind} has no canaries`,
        todo: `Decide how a new version of ${workload.name} is tried.`,
      });
    } else if (workload.alone.length > 0) {
      use.leave(field, {
        class: 'manual',
        text: `no canaries, because ${workload.alone.join(', and ')}`,
        todo: `Decide how a new version of ${workload.name} is tried without a second one beside it.`,
      });
    } else {
      const byHand = updateOf(scope, 'auto_promote')?.value !== true;
      const todo = `The canaries of ${workload.name} were promoted by hand: decide whether a rollout may go on by itself.`;
      const surge = { maxUnavailable: 0, maxSurge: use.take(field, field.value, byHand ? { todo } : {}) };
      workload.strategy = { type: 'RollingUpdate', rollingUpdate: surge };
    }
  },
};

const autoPromote: Rule<GroupScope> = {
  id: 'update.auto_promote',
  nomad: 'update.auto_promote',
  kubernetes: 'what a rollout does by itself',
  class: 'dropped',
  why: 'Promotion by hand needs a controller such as Argo Rollouts.',
  apply: (scope, use) => {
    const field = updateOf(scope, 'auto_promote');
    const canaries = updateOf(scope, 'canary')?.value ?? 0;
    const byHand = canaries > 0 && field?.value === false;
    if (!byHand) {
      drop(use, field);
      return;
    }
    const todo = `Decide whether ${scope.workload.name} needs promotion by hand (kubectl rollout pause, or Argo Rollouts).`;
    drop(use, field, { class: 'manual', text: 'a rollout goes on by itself', todo });
  },
};

const minHealthyTime: Rule<GroupScope> = {
  id: 'update.min_healthy_time',
  nomad: 'update.min_healthy_time',
  kubernetes: 'minReadySeconds',
  class: 'direct',
  why: '10 s without it, as in Nomad.',
  apply: (scope, use) => {
    const { workload, job } = scope;
    const field = updateOf(scope, 'min_healthy_time');
    if (!rolls(scope)) {
      drop(use, field, { class: 'dropped', text: `a ${workload.kind} replaces nothing` });
      return;
    }
    if (!field && job.type.value !== 'service') return;
    workload.spec['minReadySeconds'] = carry(use, field, seconds(field?.value ?? 10_000));
  },
};

const progressDeadline: Rule<GroupScope> = {
  id: 'update.progress_deadline',
  nomad: 'update.progress_deadline',
  kubernetes: 'progressDeadlineSeconds of a Deployment',
  class: 'direct',
  why: '600 s without it, as in Nomad. 0 is to fail at the first unhealthy one, which Kubernetes does not know.',
  apply: (scope, use) => {
    const { workload } = scope;
    const field = updateOf(scope, 'progress_deadline');
    if (workload.kind !== 'Deployment') {
      drop(use, field, { class: 'dropped', text: `a ${workload.kind} has no deadline of its rollouts` });
      return;
    }
    const ready = seconds(updateOf(scope, 'min_healthy_time')?.value ?? 10_000);
    const wanted = seconds(field?.value || 600_000);
    const value = Math.max(wanted, ready + 1);
    const text =
      field?.value === 0
        ? `${value}: Kubernetes cannot give up at the first unhealthy pod`
        : `${value}: it must be above minReadySeconds`;
    const note: Note = value === wanted && field?.value !== 0 ? {} : { class: 'approximate', text };
    workload.spec['progressDeadlineSeconds'] = carry(use, field, value, note);
  },
};

const healthyDeadline: Rule<GroupScope> = {
  id: 'update.healthy_deadline',
  nomad: 'update.healthy_deadline',
  kubernetes: 'budget of the startup probe, where there is one',
  class: 'approximate',
  why: 'Nomad gives up an allocation that is not healthy in that time (5 minutes without it).',
  apply: (scope, use) => {
    const field = updateOf(scope, 'healthy_deadline');
    if (!field?.written) return;
    const probed = scope.workload.pod.containers.some(({ probes }) => probes.startupProbe);
    use.leave(field, probed ? {} : { class: 'dropped', text: 'no check, so nothing to wait for' });
  },
};

const autoRevert: Rule<GroupScope> = {
  id: 'update.auto_revert',
  nomad: 'update.auto_revert',
  kubernetes: 'nothing: a failed rollout stops, and the old pods stay as far as they still run',
  class: 'manual',
  why: 'Kubernetes never goes back by itself.',
  apply: (scope, use) => {
    const field = updateOf(scope, 'auto_revert');
    const todo = `After a failed rollout: kubectl rollout undo for ${scope.workload.name}, or what applies the modules.`;
    drop(use, field, field?.value ? { todo } : { class: 'dropped', text: 'Kubernetes does not either' });
  },
};

const healthCheck: Rule<GroupScope> = {
  id: 'update.health_check',
  nomad: 'update.health_check',
  kubernetes: 'readiness probes, where there are checks',
  class: 'dropped',
  why: 'A rollout waits until the new pods are ready.',
  apply: (scope, use) => {
    const field = updateOf(scope, 'health_check');
    const todo = `Decide who says that a new ${scope.workload.name} is healthy: in Nomad a person did.`;
    drop(use, field, field?.value === 'manual' ? { class: 'manual', text: 'a rollout goes on by itself', todo } : {});
  },
};

const stagger: Rule<GroupScope> = {
  id: 'update.stagger',
  nomad: 'update.stagger',
  kubernetes: 'nothing: a rollout waits for readiness, not for time',
  class: 'dropped',
  why: 'It held for system jobs, and for migrations before Nomad 0.8.',
  apply: (scope, use) => drop(use, updateOf(scope, 'stagger')),
};

/** A value of the job that each of its groups overrides has done nothing in Nomad either. */
const overridden: Rule<GroupScope> = {
  id: 'update.overridden',
  nomad: 'update of a job whose group has its own',
  kubernetes: "nothing: the group's own counts",
  class: 'dropped',
  why: '',
  apply: ({ job, group }, use) => {
    if (!job.update || !group.update) return;
    const outer = new Map<string, unknown>(Object.entries(job.update));
    for (const [key, own] of Object.entries(group.update)) {
      const field: unknown = outer.get(key);
      if (isField(own) && own.written && isField(field)) drop(use, field);
    }
  },
};

function isField(value: unknown): value is Field<unknown> {
  return typeof value === 'object' && value !== null && 'written' in value;
}

export const updateRules: readonly Rule<GroupScope>[] = [
  minHealthyTime,
  progressDeadline,
  autoPromote,
  autoRevert,
  healthCheck,
  stagger,
  overridden,
];
export const updateEnds: readonly Rule<GroupScope>[] = [canary, maxParallel, healthyDeadline];
