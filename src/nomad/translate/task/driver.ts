import { dockerConfig, execConfig, javaConfig, podmanConfig, rawExecConfig } from '../../jobspec/config.ts';
import type { Item } from '../../jobspec/field.ts';
import { itemsOf } from '../../jobspec/items.ts';
import type { Task } from '../../jobspec/job.ts';
import { drop } from '../carry.ts';
import type { Rule, Use } from '../rule.ts';
import type { ModuleScope, TaskScope } from '../scope.ts';
import { spoken, spokenAll } from './spoken.ts';

/** Drivers whose tasks have an image. */
const withImage = new Set(['docker', 'podman']);

/** Drivers whose program a base image of the policy can run. */
const mappable = new Set(['exec', 'exec2', 'raw_exec', 'java']);

/** Why a task is not in any pod, and what a person does instead; undefined where it is. */
function absence(
  task: Task,
  { project, module }: ModuleScope,
): { row: 'driver' | 'stop' | 'start'; text: string; todo: string } | undefined {
  const driver = task.driver?.value ?? '';
  const name = `${module.name}/${task.label.text}`;
  const hook = task.lifecycle?.hook?.value;
  if (hook === 'poststop') {
    const text = 'nothing runs after the containers of a pod have ended';
    return { row: 'stop', text, todo: `Decide who does what ${name} did after the others (a preStop hook is before).` };
  }
  if (hook === 'poststart' && task.lifecycle?.sidecar.value !== true) {
    const text =
      'nothing runs once after the start of a pod; a postStart hook runs in another image, and holds back Ready';
    return { row: 'start', text, todo: `Make a Job of ${name}, or a postStart hook of the main container.` };
  }
  if (withImage.has(driver)) {
    if (dockerConfig(task)?.image?.value || podmanConfig(task)?.image?.value) return undefined;
    return {
      row: 'driver',
      text: 'its config names no image',
      todo: `Write the image of ${name}; until then it is in no pod.`,
    };
  }
  if (mappable.has(driver) && project.policy.drivers[driver] !== undefined) return undefined;
  const text = `driver ${driver || 'unknown'} has no image`;
  const how = mappable.has(driver) ? `, or name a base image with drivers["${driver}"] of the policy` : '';
  return { row: 'driver', text, todo: `Build an image for ${name}${how}; until then it is in no pod.` };
}

/** Takes a task out of its pod, and a pod without containers out of the module; every line of them is told. */
function removalOf(row: 'driver' | 'stop' | 'start'): (scope: ModuleScope, use: Use) => void {
  return (scope, use) => {
    for (const workload of [...scope.module.workloads]) {
      for (const container of [...workload.pod.containers]) {
        const missing = container.task && absence(container.task, scope);
        if (!container.task || missing?.row !== row) continue;
        const [first, ...rest] = itemsOf(container.task);
        if (first) use.leave(first, { text: missing.text, todo: missing.todo });
        use.leave(rest, { text: missing.text });
        workload.pod.containers.splice(workload.pod.containers.indexOf(container), 1);
      }
      removeEmpty(scope, workload.name, use);
    }
  };
}

function removeEmpty({ module }: ModuleScope, name: string, use: Use): void {
  const index = module.workloads.findIndex((workload) => workload.name === name);
  const workload = module.workloads[index];
  if (!workload || workload.pod.containers.some(({ role, task }) => role === 'main' || task)) return;
  module.workloads.splice(index, 1);
  const lost = itemsOf({ ...workload.group, task: [] });
  use.leave(lost, { text: `${name} has no container left, so there is no workload` });
}

const noImage: Rule<ModuleScope> = {
  id: 'driver.no-image',
  nomad: 'driver exec, raw_exec, java, qemu, exec2 and plugins',
  kubernetes: 'nothing, unless the policy names a base image for exec, exec2, raw_exec or java',
  class: 'manual',
  why: 'They start a program of the node. An image is never guessed.',
  apply: removalOf('driver'),
};

const poststop: Rule<ModuleScope> = {
  id: 'lifecycle.poststop',
  nomad: 'lifecycle hook = "poststop"',
  kubernetes: 'nothing',
  class: 'manual',
  why: 'preStop runs before the containers end, not after.',
  apply: removalOf('stop'),
};

const poststart: Rule<ModuleScope> = {
  id: 'lifecycle.poststart',
  nomad: 'lifecycle hook = "poststart" without sidecar',
  kubernetes: 'nothing',
  class: 'manual',
  why: 'A postStart hook runs in the image of its container, and the pod is not Ready before it ends.',
  apply: removalOf('start'),
};

/** Before the groups, so that nothing is written for what is not there. */
export const driverRemovals: readonly Rule<ModuleScope>[] = [noImage, poststop, poststart];

/** What holds for all groups of a job has nothing to hold for. At the end: what does mean something is accounted for by then. */
const nothingLeft: Rule<ModuleScope> = {
  id: 'driver.nothing-left',
  nomad: 'the rest of a job none of whose tasks is in a pod',
  kubernetes: 'nothing',
  class: 'manual',
  why: 'Without a container there is no workload, and nothing that could be placed, updated or moved.',
  apply: ({ job, module, project }, use) => {
    if (module.workloads.length > 0) return;
    for (const item of itemsOf(job)) if (!project.accounts.has(item)) use.leave(item);
  },
};

export const driverEnds: readonly Rule<ModuleScope>[] = [nothingLeft];

const driver: Rule<TaskScope> = {
  id: 'driver.name',
  nomad: 'driver = "docker" or "podman"',
  kubernetes: 'a container of the image',
  class: 'direct',
  why: '',
  apply: ({ task, container }, use) => {
    if (task.driver && withImage.has(task.driver.value)) use.take(task.driver, container.name);
  },
};

interface Program {
  readonly items: readonly Item[];
  readonly command: readonly string[];
  readonly directory: (Item & { readonly value: string }) | undefined;
}

function programOf(task: Task): Program | undefined {
  const java = javaConfig(task);
  if (java) return javaProgram(java);
  const config = execConfig(task) ?? rawExecConfig(task);
  if (!config) return undefined;
  const { command, args, work_dir: directory } = config;
  const items = [command, args].filter((each) => each !== undefined);
  return { items, command: [command?.value ?? '', ...(args?.value ?? [])], directory };
}

function javaProgram(config: NonNullable<ReturnType<typeof javaConfig>>): Program {
  const { class: main, class_path: path, jar_path: jar, jvm_options: options, args, work_dir: directory } = config;
  const command = [
    'java',
    ...(options?.value ?? []),
    ...(path ? ['-cp', path.value] : []),
    ...(jar ? ['-jar', jar.value] : []),
    ...(main ? [main.value] : []),
    ...(args?.value ?? []),
  ];
  return { items: [main, path, jar, options, args].filter((each) => each !== undefined), command, directory };
}

const mapped: Rule<TaskScope> = {
  id: 'driver.mapped',
  nomad: 'driver exec, exec2, raw_exec or java with a base image of the policy',
  kubernetes: 'a container of that image; its command is the program',
  class: 'approximate',
  why: 'The program must be in the image, or come as an artifact. raw_exec ran as the user of the Nomad client, on the node itself.',
  apply: (scope, use) => {
    const { task, container, project } = scope;
    const image = task.driver && project.policy.drivers[task.driver.value];
    const program = programOf(task);
    if (!task.driver || image === undefined || !program) return;
    const host = task.driver.value === 'raw_exec';
    const todo = `See that ${container.name} finds its program and files in ${image}.`;
    const note = host
      ? { class: 'manual' as const, text: 'it ran on the node itself, and runs in a container now', todo }
      : { todo };
    container.image = use.take(task.driver, image, note);
    container.command = spokenAll(scope, program, program.command, use);
    if (program.directory) {
      container.rest['workingDir'] = spoken(scope, program.directory, program.directory.value, {
        use,
        reading: 'verbatim',
      });
    }
    leaveRest(task, use);
  },
};

/** Keys of these drivers that are about the node. */
function leaveRest(task: Task, use: Use): void {
  const config = execConfig(task) ?? javaConfig(task);
  for (const field of [config?.pid_mode, config?.ipc_mode]) {
    drop(use, field, { class: 'dropped', text: 'a container has namespaces of its own' });
  }
  const todo = `Decide whether ${task.label.text} needs it in its container.`;
  const raw = rawExecConfig(task);
  const rest = [config?.cap_add, config?.cap_drop, raw?.cgroup_v2_override, raw?.oom_score_adj, raw?.denied_envvars];
  for (const field of rest) drop(use, field, { class: 'manual', text: 'about a process of the node', todo });
  for (const pair of raw?.cgroup_v1_override ?? [])
    use.leave(pair, { class: 'manual', text: 'about a process of the node', todo });
}

export const driverRules: readonly Rule<TaskScope>[] = [driver, mapped];
