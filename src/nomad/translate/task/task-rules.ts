import { itemsOf } from '../../jobspec/items.ts';
import { drop } from '../carry.ts';
import { taskMeta } from '../job/meta.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope, TaskScope } from '../scope.ts';
import { driverRules } from './driver.ts';
import { env } from './env.ts';
import { identity } from './identity.ts';

const name: Rule<TaskScope> = {
  id: 'task.name',
  nomad: 'task "name"',
  kubernetes: 'name of the container',
  class: 'direct',
  why: 'Folded to a DNS-1123 label.',
  apply: ({ task, container }, use) => {
    use.take(task, container.name, { text: `container ${container.name}` });
  },
};

const prestart: Rule<TaskScope> = {
  id: 'lifecycle.prestart',
  nomad: 'lifecycle hook = "prestart"',
  kubernetes: 'init container, in the order of the source',
  class: 'direct',
  why: 'Nomad starts all prestart tasks at once, Kubernetes one after the other. Waiting for a proxy of the mesh is needless now.',
  apply: ({ task, container }, use) => {
    const { hook, sidecar } = task.lifecycle ?? {};
    if (hook?.value !== 'prestart' || sidecar?.value === true) return;
    container.role = 'init';
    use.take(hook, 'init');
    drop(use, sidecar);
  },
};

const prestartSidecar: Rule<TaskScope> = {
  id: 'lifecycle.prestart-sidecar',
  nomad: 'lifecycle hook = "prestart", sidecar = true',
  kubernetes: 'init container with restartPolicy Always',
  class: 'direct',
  why: 'It starts before the others and runs beside them. Needs Kubernetes 1.29.',
  apply: ({ task, container }, use) => {
    const { hook, sidecar } = task.lifecycle ?? {};
    if (hook?.value !== 'prestart' || sidecar?.value !== true) return;
    // on every node once (sysbatch) even a sidecar ends with the rest
    container.role = 'sidecar';
    use.take(hook, 'sidecar');
    drop(use, sidecar);
  },
};

const poststartSidecar: Rule<TaskScope> = {
  id: 'lifecycle.poststart-sidecar',
  nomad: 'lifecycle hook = "poststart", sidecar = true',
  kubernetes: 'a container beside the others',
  class: 'approximate',
  why: 'Containers of a pod start together: it may run before the others are up.',
  apply: ({ task, workload, container }, use) => {
    const { hook, sidecar } = task.lifecycle ?? {};
    if (hook?.value !== 'poststart' || sidecar?.value !== true) return;
    const run = workload.kind === 'Job' || workload.kind === 'CronJob';
    if (run) container.role = 'sidecar';
    const note = run ? { text: 'an init container with restartPolicy Always, so that the Job ends without it' } : {};
    use.take(hook, container.role, note);
    drop(use, sidecar, note);
  },
};

/** At the end of a group: which containers are left is known. */
export const leader: Rule<GroupScope> = {
  id: 'task.leader',
  nomad: 'leader',
  kubernetes: 'in a Job the other tasks become sidecars, so that the Job ends with the leader',
  class: 'approximate',
  why: 'Containers of a service have no leader: each is restarted alone.',
  apply: ({ workload }, use) => {
    const leading = workload.pod.containers.find(({ task }) => task?.leader.value === true);
    const run = workload.kind === 'Job' || workload.kind === 'CronJob';
    if (leading && run && leading.role === 'main') {
      for (const container of workload.pod.containers) {
        if (container !== leading && container.role === 'main') container.role = 'sidecar';
      }
    }
    for (const { task } of workload.pod.containers) {
      if (!task) continue;
      const lost = task.leader.value && !run && workload.pod.containers.length > 1;
      const text = `the others of ${workload.name} go on when ${task.label.text} ends; it is restarted`;
      const none = { class: 'dropped' as const, text: 'nothing to lead' };
      drop(use, task.leader, lost ? { text } : run && task.leader.value ? {} : none);
    }
  },
};

const user: Rule<TaskScope> = {
  id: 'task.user',
  nomad: 'user',
  kubernetes: 'securityContext.runAsUser, runAsGroup',
  class: 'direct',
  why: 'Kubernetes takes numbers only.',
  apply: ({ task, container }, use) => {
    const field = task.user;
    if (!field) return;
    const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(field.value) ?? [];
    if (uid === undefined) {
      if (field.value === 'root' || field.value === 'root:root') {
        container.securityContext['runAsUser'] = use.take(field, 0);
        return;
      }
      const todo = `Write the number of user ${field.value} of the image into runAsUser of ${container.name}.`;
      use.leave(field, { class: 'manual', text: `${field.value} is a name, and Kubernetes takes numbers`, todo });
      return;
    }
    const account = use.take(field, Number(uid));
    container.securityContext['runAsUser'] = account;
    if (gid !== undefined) container.securityContext['runAsGroup'] = Number(gid);
  },
};

const logs: Rule<TaskScope> = {
  id: 'task.logs',
  nomad: 'logs',
  kubernetes: 'nothing: the kubelet rotates logs of all containers alike',
  class: 'dropped',
  why: 'containerLogMaxSize and containerLogMaxFiles of the kubelet.',
  apply: ({ task }, use) => {
    if (task.logs) use.leave(itemsOf(task.logs));
  },
};

const action: Rule<TaskScope> = {
  id: 'task.action',
  nomad: 'action',
  kubernetes: 'nothing: kubectl exec runs the command',
  class: 'manual',
  why: 'Kubernetes keeps no commands for people.',
  apply: ({ task, module }, use) => {
    for (const block of task.action) {
      const command = [block.command?.value ?? '', ...(block.args?.value ?? [])].join(' ');
      const todo = `Note for operators of ${module.name}: ${block.label.text} is kubectl exec … -c ${task.label.text} -- ${command}`;
      use.leave(itemsOf(block), { todo });
    }
  },
};

const kind: Rule<TaskScope> = {
  id: 'task.kind',
  nomad: 'kind',
  kubernetes: 'nothing: Nomad marks the tasks that it adds itself',
  class: 'dropped',
  why: '',
  apply: ({ task }, use) => {
    if (task.kind) use.leave(task.kind);
  },
};

const schedule: Rule<TaskScope> = {
  id: 'task.schedule',
  nomad: 'schedule (Enterprise)',
  kubernetes: 'nothing: a Deployment runs always',
  class: 'manual',
  why: 'A CronJob that scales the Deployment, or KEDA with a cron trigger, does so.',
  apply: ({ task, module }, use) => {
    const todo = `Decide who starts and stops ${module.name} at its times.`;
    if (task.schedule) use.leave(itemsOf(task.schedule), { todo });
  },
};

const dispatchPayload: Rule<TaskScope> = {
  id: 'task.dispatch_payload',
  nomad: 'dispatch_payload',
  kubernetes: 'nothing: a Job has no payload',
  class: 'manual',
  why: 'A ConfigMap that is mounted, or an argument, takes its place.',
  apply: ({ task, module }, use) => {
    const todo = `Decide how the payload of a run of ${module.name} reaches ${task.label.text}.`;
    if (task.dispatch_payload) use.leave(itemsOf(task.dispatch_payload), { todo });
  },
};

/** Roles first: other families ask for them. */
export const taskFirst: readonly Rule<TaskScope>[] = [
  name,
  prestart,
  prestartSidecar,
  poststartSidecar,
  ...driverRules,
  user,
];

export const taskBasics: readonly Rule<TaskScope>[] = [
  env,
  identity,
  logs,
  action,
  kind,
  schedule,
  dispatchPayload,
  taskMeta,
];
