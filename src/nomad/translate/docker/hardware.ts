import type { Item } from '../../jobspec/field.ts';
import { itemsOf } from '../../jobspec/items.ts';
import { drop } from '../carry.ts';
import { fold } from '../fold.ts';
import type { Rule, Use } from '../rule.ts';
import { ask, type TaskScope } from '../scope.ts';
import { addMount } from '../volume/mount.ts';
import { both, onDocker, onPodman } from './driver-config.ts';

const runtime = onDocker(
  {
    key: 'runtime',
    kubernetes: 'runtimeClassName; for nvidia also a limit of nvidia.com/gpu',
    class: 'approximate',
    why: 'The RuntimeClass must be in the cluster. How many GPUs is asked; NVIDIA_VISIBLE_DEVICES=all in env sees all of the node whatever the limit.',
  },
  (scope, use) => {
    const { config, container, workload, project } = scope;
    const field = config.runtime;
    if (!field) return;
    if (/^(runc|io\.containerd\.runc\.v2|)$/.test(field.value)) {
      use.leave(field, { class: 'dropped', text: 'the default' });
      return;
    }
    const visible = scope.task.env.find(({ key }) => key === 'NVIDIA_VISIBLE_DEVICES')?.value;
    const all = visible === 'all' ? ' Take NVIDIA_VISIBLE_DEVICES=all out of env: with it the limit says nothing.' : '';
    const todo = `See that the cluster has the RuntimeClass ${fold(field.value)}.${field.value === 'nvidia' ? all : ''}`;
    workload.pod.spec['runtimeClassName'] = use.take(field, fold(field.value), { todo });
    if (field.value !== 'nvidia') return;
    workload.alone.push('it holds a GPU');
    if (Object.keys(container.resources.limits).some((name) => name.endsWith('/gpu'))) return;
    const { value } = ask(project, {
      id: `${workload.name}.${container.name}.gpus`,
      text: `How many GPUs does ${container.name} of ${workload.name} need?`,
      fallback: '1',
      accepts: { pattern: /^\d{1,2}$/, words: 'a number' },
    });
    if (value !== '0') container.resources.limits['nvidia.com/gpu'] = value;
  },
);

const words = {
  kubernetes: 'the device of the node, mounted, in a privileged container',
  class: 'approximate',
  why: 'Kubernetes hands out devices by plugins only; without one the container needs all rights. Better: a device plugin (generic-device-plugin, or that of the vendor).',
} as const;

interface Device {
  readonly host: string;
  readonly inside: string;
  readonly items: readonly Item[];
}

const devices = onDocker(
  { key: 'devices', nomad: 'devices (host_path, container_path, cgroup_permissions)', ...words },
  (scope, use) => {
    for (const block of scope.config.devices) {
      const host = block.host_path?.value ?? '';
      mountDevice(scope, { host, inside: block.container_path?.value ?? host, items: itemsOf(block) }, use);
    }
  },
);

const podmanDevices = onPodman({ key: 'devices', ...words }, (scope, use) => {
  const field = scope.config.devices;
  for (const text of field?.value ?? []) {
    const [host = '', inside = host] = text.split(':');
    if (field) mountDevice(scope, { host, inside: inside.startsWith('/') ? inside : host, items: [field] }, use);
  }
});

function mountDevice({ container, workload }: TaskScope, { host, inside, items }: Device, use: Use): void {
  const name = fold(`device-${host}`);
  const todo = `${container.name} is privileged for ${host}: see whether a device plugin can take its place.`;
  const path = use.take(items, host, { text: `${host} of the node, privileged`, todo });
  workload.pod.volumes.set(name, {
    hostPath: { path, type: host.endsWith('/') || host === '/dev/dri' ? 'Directory' : '' },
  });
  addMount(container, { name, mountPath: inside });
  container.securityContext['privileged'] = true;
}

/** Memory that is a disk counts as memory of the container: what raises limits looks at the size. */
function memoryDisk(scope: TaskScope, field: Item, bytes: number, use: Use): void {
  const name = fold(`${scope.container.name}-shm`);
  const medium = use.take({ path: field.path, at: field.at }, 'Memory', {
    text: 'emptyDir in memory at /dev/shm; the memory limit is raised by it',
  });
  scope.workload.pod.volumes.set(name, { emptyDir: { medium, sizeLimit: String(bytes) } });
  addMount(scope.container, { name, mountPath: '/dev/shm' });
}

const shmWords = {
  key: 'shm_size',
  kubernetes: 'emptyDir in memory at /dev/shm',
  class: 'direct',
  why: 'What is in it counts as memory of the container, whose limit is raised by its size.',
} as const;

const shmSize = onDocker(shmWords, (scope, use) => {
  const field = scope.config.shm_size;
  if (field && field.value > 0) memoryDisk(scope, field, field.value, use);
  else drop(use, field, { class: 'dropped', text: 'the default' });
});

const podmanShmSize = onPodman(shmWords, (scope, use) => {
  const field = scope.config.shm_size;
  const bytes = field && bytesOf(field.value);
  const todo = `Write the size of /dev/shm of ${scope.container.name}.`;
  if (field && bytes) memoryDisk(scope, field, bytes, use);
  else drop(use, field, { class: 'manual', text: `${field?.value} is no size`, todo });
});

/** Podman's sizes: b, k, m, g, in powers of 1024. */
function bytesOf(text: string): number | undefined {
  const [, number, unit] = /^(\d+)\s*([bkmg])?b?$/i.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * 1024 ** 'bkmg'.indexOf((unit ?? 'b').toLowerCase());
}

const cpuHardLimit = both(
  {
    key: 'cpu_hard_limit',
    kubernetes: 'limits.cpu, the same as the request',
    class: 'direct',
    why: 'Only then did Nomad limit CPU at all.',
  },
  ({ config, container }, use) => {
    const field = config.cpu_hard_limit;
    const { requests, limits } = container.resources;
    if (field?.value && requests['cpu'] !== undefined) {
      const request = requests['cpu'];
      limits['cpu'] = use.take(field, typeof request === 'string' ? request : request.value);
    } else drop(use, field, { class: 'dropped', text: 'the default' });
  },
);

const cpuPeriod = both(
  {
    key: 'cpu_cfs_period',
    kubernetes: 'nothing: the kubelet has one period for all',
    class: 'dropped',
    why: 'cpuCFSQuotaPeriod of the kubelet.',
  },
  ({ config }, use) => drop(use, config.cpu_cfs_period),
);

const memoryHardLimit = onDocker(
  {
    key: 'memory_hard_limit',
    kubernetes: 'limits.memory; memory of resources is the request',
    class: 'direct',
    why: 'With memory_max the larger of the two counts, as in Nomad.',
  },
  ({ config, container, task }, use) => {
    const field = config.memory_hard_limit;
    if (!field) return;
    const max = task.resources?.memory_max?.value ?? 0;
    const reserved = task.resources?.memory.value ?? 300;
    if (field.value <= 0 || max === -1) {
      use.leave(field, { class: 'dropped', text: max === -1 ? 'memory_max = -1 takes the limit away' : 'none' });
    } else container.resources.limits['memory'] = use.take(field, `${Math.max(field.value, max, reserved)}Mi`);
  },
);

const memoryReservation = onPodman(
  {
    key: 'memory_reservation',
    kubernetes: 'requests.memory',
    class: 'approximate',
    why: "A soft limit of podman's; memory of resources stays the limit.",
  },
  ({ config, container, task }, use) => {
    const field = config.memory_reservation;
    const bytes = field && bytesOf(field.value);
    if (!field) return;
    const reserved = (task.resources?.memory.value ?? 300) * 1024 * 1024;
    if (bytes === undefined || bytes === 0) use.leave(field, { class: 'dropped', text: 'none' });
    else container.resources.requests['memory'] = use.take(field, String(Math.min(bytes, reserved)));
  },
);

/** After those of resources. */
export const hardwareRules: readonly Rule<TaskScope>[] = [
  runtime,
  devices,
  podmanDevices,
  shmSize,
  podmanShmSize,
  ...cpuHardLimit,
  ...cpuPeriod,
  memoryHardLimit,
  memoryReservation,
];
