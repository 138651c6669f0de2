import { type DockerMount, dockerConfig, podmanConfig } from '../../jobspec/config.ts';
import type { Item } from '../../jobspec/field.ts';
import { itemsOf } from '../../jobspec/items.ts';
import type { Note } from '../account.ts';
import { interpolate } from '../interpolate.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope, TaskScope } from '../scope.ts';
import { type Branch, bare, Sourced } from '../sourced.ts';
import { bind, propagations } from './bind-rules.ts';
import { namedVolume, optionsOf } from './docker-volume.ts';
import { addMount } from './mount.ts';
import { volumeNamed } from './task-directory.ts';

/** `mount` blocks and the older `mounts` list of the docker driver, and tmpfs of both drivers. */
export const mountRules: readonly Rule<TaskScope>[] = [
  {
    id: 'docker.mount.bind',
    nomad: 'mount type = "bind"',
    kubernetes: 'a mount, as for volumes',
    class: 'direct',
    why: 'A source without / before it is relative to the directory of the task. Docker starts nothing where a source is missing; the pod waits then, because the hostPath has a type.',
    apply: (scope, use) => {
      for (const mount of mountsOf(scope)) if (mount.type?.value === 'bind') bindMount(scope, use, mount);
    },
  },
  {
    id: 'docker.mount.volume',
    nomad: 'mount type = "volume" (the default) with volume_options',
    kubernetes: 'a claim; a PersistentVolume with mountOptions for NFS',
    class: 'direct',
    why: 'Options of an NFS mount belong to the volume: a pod that loses them hangs with its node.',
    apply: (scope, use) => {
      for (const mount of mountsOf(scope)) {
        if ((mount.type?.value ?? 'volume') !== 'volume') continue;
        namedVolume(scope, use, {
          source: interpolate(mount.source?.value ?? '', scope, 'verbatim').text,
          target: targetOf(scope, mount),
          readOnly: mount.readonly?.value === true,
          items: itemsOf(mount),
          options: optionsOf(mount),
        });
      }
    },
  },
  {
    id: 'docker.mount.tmpfs',
    nomad: 'mount type = "tmpfs" with tmpfs_options, tmpfs of podman',
    kubernetes: 'emptyDir in memory with sizeLimit',
    class: 'direct',
    why: 'It counts against the memory limit of the container, which is raised by its size. Docker mounts it noexec and with its mode; a pod with mode 0777.',
    apply: (scope, use) => {
      for (const mount of mountsOf(scope)) {
        if (mount.type?.value !== 'tmpfs') continue;
        const mode = mount.tmpfs_options?.mode;
        const items = itemsOf(mount);
        mountTmpfs(scope, use, { target: targetOf(scope, mount), bytes: mount.tmpfs_options?.size?.value, items });
        if (mode && mode.value !== 0o1777 && mode.value !== 0o777) {
          const octal = mode.value.toString(8).padStart(4, '0');
          use.leave(mode, { class: 'approximate', text: `mode ${octal} (${mode.value} in decimal) is 0777 in a pod` });
        }
      }
      const podman = podmanConfig(scope.task)?.tmpfs;
      for (const text of podman?.value ?? []) {
        if (podman) mountTmpfs(scope, use, { ...tmpfsOf(text), items: [podman] });
      }
    },
  },
  {
    id: 'docker.mount.other',
    nomad: 'mount of another type',
    kubernetes: 'nothing',
    class: 'manual',
    why: 'Docker knows bind, volume and tmpfs.',
    apply: (scope, use) => {
      for (const mount of mountsOf(scope)) {
        if (['bind', 'volume', 'tmpfs'].includes(mount.type?.value ?? 'volume')) continue;
        use.leave(itemsOf(mount), { todo: `Decide what the mount at ${mount.target?.value ?? 'no target'} was for.` });
      }
    },
  },
];

function mountsOf({ task }: TaskScope): readonly DockerMount[] {
  const config = dockerConfig(task);
  return config ? [...config.mount, ...config.mounts] : [];
}

function targetOf(scope: TaskScope, { target }: DockerMount): string {
  const text = interpolate(target?.value ?? '', scope, 'verbatim').text;
  return text === '' ? '/' : text;
}

function bindMount(scope: TaskScope, use: Use, mount: DockerMount): void {
  const { source, bind_options: options } = mount;
  const items = itemsOf(mount);
  if (!source) {
    use.leave(items, { class: 'manual', text: 'the bind has no source', todo: 'Decide what the bind was for.' });
    return;
  }
  const target = targetOf(scope, mount);
  const readOnly = mount.readonly?.value === true;
  bind(scope, use, { source: source.value, target, readOnly, items, named: false, mustExist: true });
  const spread = options?.propagation && propagations[options.propagation.value];
  if (spread === undefined) return;
  const at = scope.container.mounts.findIndex(({ mountPath }) => bare(mountPath) === target);
  const found = scope.container.mounts[at];
  if (found) scope.container.mounts[at] = { ...found, mountPropagation: spread };
}

interface Tmpfs {
  readonly target: string;
  readonly bytes: number | undefined;
  readonly items: readonly Item[];
}

function mountTmpfs(scope: TaskScope, use: Use, { target, bytes, items }: Tmpfs): void {
  const { container, workload } = scope;
  const sizeLimit = bytes === undefined ? undefined : quantity(bytes);
  const source: Branch = { emptyDir: { medium: 'Memory', sizeLimit } };
  const name = volumeNamed(workload.pod, `${container.name}-${target}`, source);
  const text = `emptyDir in memory; ${sizeLimit ?? 'what is written there'} counts as memory of ${container.name}`;
  const note: Note =
    sizeLimit === undefined ? { class: 'approximate', text } : { text: `${text}, whose limit is raised` };
  const mountPath = use.take(items, target, note);
  if (addMount(container, { name, mountPath }) === 'taken') {
    use.leave(items, {
      class: 'manual',
      text: `two mounts at ${target}`,
      todo: `Decide which mount at ${target} is meant.`,
    });
  }
}

/** `/run:size=64m,mode=1777` of podman. */
function tmpfsOf(text: string): { readonly target: string; readonly bytes: number | undefined } {
  const [target = '/', options = ''] = text.split(':');
  const [, amount, unit = ''] = /(?:^|,)size=(\d+)([kmg]?)/i.exec(options) ?? [];
  const factor = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[unit.toLowerCase()] ?? 1;
  return { target, bytes: amount === undefined ? undefined : Number(amount) * factor };
}

function quantity(bytes: number): string {
  if (bytes > 0 && bytes % 1024 ** 2 === 0) return `${bytes / 1024 ** 2}Mi`;
  return bytes > 0 && bytes % 1024 === 0 ? `${bytes / 1024}Ki` : String(bytes);
}

/** Raises limits by what containers may write into memory: it would count against them. After the rules of resources. */
export function raiseForMemory({ workload }: GroupScope): void {
  const { volumes, containers } = workload.pod;
  for (const { mounts, resources } of containers) {
    const limit = resources.limits['memory'];
    const [, mebibytes] = /^(\d+)Mi$/.exec(limit === undefined ? '' : bare(limit)) ?? [];
    const names = [...new Set(mounts.map(({ name }) => name))];
    const added = names.reduce((sum, name) => sum + memoryOf(volumes.get(name)), 0);
    if (limit === undefined || mebibytes === undefined || added === 0) continue;
    const raised = `${Number(mebibytes) + Math.ceil(added / 1024 ** 2)}Mi`;
    resources.limits['memory'] = limit instanceof Sourced ? new Sourced(raised, limit.from) : raised;
  }
}

function memoryOf(volume: Branch | undefined): number {
  const directory = volume?.['emptyDir'];
  if (typeof directory !== 'object' || directory === null || !('medium' in directory)) return 0;
  const limit = 'sizeLimit' in directory ? directory.sizeLimit : undefined;
  const [, amount, unit = ''] = /^(\d+)(Ki|Mi)?$/.exec(typeof limit === 'string' ? limit : '') ?? [];
  return Number(amount ?? 0) * (unit === 'Mi' ? 1024 ** 2 : unit === 'Ki' ? 1024 : 1);
}
