import { dockerConfig, podmanConfig } from '../../jobspec/config.ts';
import { itemsOf } from '../../jobspec/items.ts';
import { carry, drop } from '../carry.ts';
import type { Rule } from '../rule.ts';
import { ask, type TaskScope } from '../scope.ts';

const CPU_MHZ = 100;
const MEMORY_MB = 300;

const cpu: Rule<TaskScope> = {
  id: 'resources.cpu',
  nomad: 'resources.cpu',
  kubernetes: 'requests.cpu, and a limit above it',
  class: 'approximate',
  why: 'MHz are shares: 1 MHz is 1m by the policy. Nomad lets a task use idle CPU; the limit leaves room (policy cpu.limitFactor), or is left out (policy cpu.limits).',
  apply: ({ task, container, project }, use) => {
    const { cpu: field, cores } = task.resources ?? {};
    if (cores && cores.value > 0) {
      drop(use, field, { class: 'dropped', text: 'cores takes its place' });
      return;
    }
    const { millicoresPerMhz, limits, limitFactor } = project.policy.cpu;
    const millicores = Math.max(1, Math.round((field?.value ?? CPU_MHZ) * millicoresPerMhz));
    const { requests, limits: upper } = container.resources;
    requests['cpu'] = carry(use, field, `${millicores}m`);
    const docker = dockerConfig(task) ?? podmanConfig(task);
    if (docker?.cpu_hard_limit?.value) return;
    if (limits) upper['cpu'] = `${Math.max(1000, Math.round(millicores * limitFactor))}m`;
  },
};

const cores: Rule<TaskScope> = {
  id: 'resources.cores',
  nomad: 'resources.cores',
  kubernetes: 'requests.cpu and limits.cpu, the same whole number',
  class: 'direct',
  why: 'The cores are its own only where the kubelet has the static CPU manager, and memory request and limit are equal.',
  apply: ({ task, container }, use) => {
    const field = task.resources?.cores;
    if (!field) return;
    if (field.value <= 0) {
      use.leave(field, { class: 'dropped', text: 'none reserved' });
      return;
    }
    const whole = use.take(field, String(field.value));
    container.resources.requests['cpu'] = whole;
    container.resources.limits['cpu'] = whole;
  },
};

const memory: Rule<TaskScope> = {
  id: 'resources.memory',
  nomad: 'resources.memory',
  kubernetes: 'requests.memory, and limits.memory where there is no memory_max',
  class: 'direct',
  why: 'MiB; 300 without it, as in Nomad.',
  apply: ({ task, container }, use) => {
    const field = task.resources?.memory;
    const size = carry(use, field, `${field?.value ?? MEMORY_MB}Mi`);
    container.resources.requests['memory'] = size;
    container.resources.limits['memory'] = size;
  },
};

const memoryMax: Rule<TaskScope> = {
  id: 'resources.memory_max',
  nomad: 'resources.memory_max',
  kubernetes: 'limits.memory; -1 is none',
  class: 'direct',
  why: 'In Nomad only where memory oversubscription was on.',
  apply: ({ task, container }, use) => {
    const field = task.resources?.memory_max;
    if (!field) return;
    const reserved = task.resources?.memory.value ?? MEMORY_MB;
    const { limits } = container.resources;
    if (field.value === -1) {
      delete limits['memory'];
      use.leave(field, { text: 'no limit' });
    } else if (field.value <= 0) use.leave(field, { class: 'dropped', text: 'none' });
    else limits['memory'] = use.take(field, `${Math.max(field.value, reserved)}Mi`);
  },
};

const disk: Rule<TaskScope> = {
  id: 'resources.disk',
  nomad: 'resources.disk',
  kubernetes: 'requests of ephemeral-storage',
  class: 'approximate',
  why: 'Nomad ignores it since 0.9: ephemeral_disk of the group counts.',
  apply: ({ task, container }, use) => {
    const field = task.resources?.disk;
    if (!field) return;
    if (field.value > 0) container.resources.requests['ephemeral-storage'] = use.take(field, `${field.value}Mi`);
    else use.leave(field, { class: 'dropped', text: 'none' });
  },
};

const iops: Rule<TaskScope> = {
  id: 'resources.iops',
  nomad: 'resources.iops, secrets',
  kubernetes: 'nothing',
  class: 'dropped',
  why: 'Nomad ignores iops itself; secrets is the size of a memory disk.',
  apply: ({ task }, use) => {
    const { resources } = task;
    if (resources?.iops) use.leave(resources.iops);
    if (resources?.secrets) use.leave(resources.secrets);
  },
};

const numa: Rule<TaskScope> = {
  id: 'resources.numa',
  nomad: 'resources.numa',
  kubernetes: "nothing: the kubelet's topology manager decides for a whole node",
  class: 'manual',
  why: '',
  apply: ({ task, workload }, use) => {
    const block = task.resources?.numa;
    const todo = `Set the topology manager of the kubelets, if ${workload.name} needs it.`;
    if (block) use.leave(itemsOf(block), { todo });
  },
};

/** Who sells the device, as the plugins of Kubernetes call their resources. */
const vendors: Readonly<Record<string, string>> = {
  nvidia: 'nvidia.com/gpu',
  amd: 'amd.com/gpu',
  intel: 'gpu.intel.com/i915',
};

const device: Rule<TaskScope> = {
  id: 'resources.device',
  nomad: 'resources.device "vendor/type/model" count',
  kubernetes: 'limits of what a device plugin offers (nvidia.com/gpu)',
  class: 'direct',
  why: "The device's own plugin must run in the cluster. The model is not asked for.",
  apply: (scope, use) => {
    const { task, container, workload, module } = scope;
    for (const block of task.resources?.device ?? []) {
      const written = block.label.text;
      const [first = '', type, model] = written.split('/');
      const vendor = type === undefined ? undefined : vendors[first];
      const gpu = (type ?? first) === 'gpu';
      if (!gpu) {
        const todo = `Find the device plugin for ${written}, and add its resource to ${container.name}.`;
        use.leave(itemsOf(block), { class: 'manual', text: 'no resource of Kubernetes is known for it', todo });
        continue;
      }
      const name = vendor ?? askFor(scope, written);
      const items = [block, ...(block.count.written ? [block.count] : [])];
      const todo =
        model === undefined
          ? {}
          : {
              class: 'approximate' as const,
              todo: `See that ${module.name} gets a ${model}: any ${name} will do for Kubernetes.`,
            };
      container.resources.limits[name] = use.take(items, String(block.count.value), {
        text: `limits ${name}`,
        ...todo,
      });
      workload.alone.push(`it holds a device (${name})`);
    }
  },
};

function askFor({ project, module }: TaskScope, written: string): string {
  return ask(project, {
    id: `${module.name}.device.${written}`,
    text: `Which resource of Kubernetes is the device ${written} of ${module.name}?`,
    fallback: 'nvidia.com/gpu',
    accepts: { pattern: /^[a-z0-9.-]+\/[a-zA-Z0-9_.-]+$/, words: 'a resource such as nvidia.com/gpu' },
  }).value;
}

const deviceConditions: Rule<TaskScope> = {
  id: 'resources.device-constraint',
  nomad: 'resources.device constraint, affinity',
  kubernetes: 'nothing: a device plugin hands out any of its devices',
  class: 'manual',
  why: 'Dynamic resource allocation can choose by attributes, with a driver of the vendor.',
  apply: ({ task, module }, use) => {
    for (const { constraint, affinity, label } of task.resources?.device ?? []) {
      const todo = `Decide how ${module.name} gets the right ${label.text}: a label of nodes, or dynamic resource allocation.`;
      for (const block of [...constraint, ...affinity]) use.leave(itemsOf(block), { todo });
    }
  },
};

export const resourcesRules: readonly Rule<TaskScope>[] = [
  cpu,
  cores,
  memory,
  memoryMax,
  disk,
  iops,
  numa,
  device,
  deviceConditions,
];
