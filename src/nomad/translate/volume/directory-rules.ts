import type { Item, Written } from '../../jobspec/field.ts';
import type { FileDraft } from '../draft.ts';
import { fold } from '../fold.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope, TaskScope } from '../scope.ts';
import { type Branch, bare, type S } from '../sourced.ts';
import { addClaim } from './claim.ts';
import { addMount, isBelow } from './mount.ts';
import { raiseForMemory } from './mount-rules.ts';
import { directoryVolume, filesOf, mountFile } from './task-directory.ts';

/** What is left of Nomad's directories when all tasks of a group are there: what something speaks of. */
export const directoryRules: readonly Rule<GroupScope>[] = [
  {
    id: 'group.ephemeral_disk',
    nomad: 'ephemeral_disk size',
    kubernetes: 'sizeLimit of the shared emptyDir',
    class: 'approximate',
    why: 'Where nothing uses the shared directory there is none. Kubernetes evicts a pod that writes more; Nomad only placed it by the number. Beside Litestream it is a request for storage: a database that has grown would be evicted for ever.',
    apply: (scope, use) => {
      mountDirectories(scope);
      raiseForMemory(scope);
      const disk = scope.group.ephemeral_disk;
      if (!disk) return;
      if (disk.counted) use.leave(disk, { class: 'dropped', text: 'the default' });
      if (!disk.size.written) return;
      if (!scope.workload.pod.volumes.has('alloc')) {
        use.leave(disk.size, { class: 'dropped', text: 'no task uses the shared directory' });
        return;
      }
      limitDisk(scope, use, disk.size);
    },
  },
  {
    id: 'group.ephemeral_disk_sticky',
    nomad: 'ephemeral_disk sticky, migrate',
    kubernetes: 'a claim for the shared directory and for local directories that are used',
    class: 'approximate',
    why: 'Nomad keeps the data over updates; an emptyDir ends with each pod. A database that Litestream restores needs no claim.',
    apply: (scope, use) => {
      const disk = scope.group.ephemeral_disk;
      if (!disk) return;
      const written = [disk.sticky, disk.migrate].flatMap((each) => (each.written ? [each] : []));
      if (written.length === 0) return;
      if (!disk.sticky.value && !disk.migrate.value) use.leave(written, { class: 'dropped', text: 'the default' });
      else keepData(scope, use, written);
    },
  },
];

/** Mounts files at their own places, and directories that are spoken of. */
function mountDirectories(scope: GroupScope): void {
  for (const container of scope.workload.pod.containers) {
    const { task } = container;
    if (!task) continue;
    const of: TaskScope = { ...scope, task, container };
    for (const file of filesOf(container)) if (!isBound(of, file)) mountFile(of, file, file.path);
    for (const root of ['alloc', 'local', 'secrets'] as const) {
      if (!speaksOf(of, `/${root}`)) continue;
      addMount(container, { name: directoryVolume(of, root), mountPath: `/${root}` });
    }
  }
}

/** A file is mounted at its own place unless a bind shows it elsewhere and nothing speaks of its own place. */
function isBound(scope: TaskScope, { path, key }: FileDraft): boolean {
  if (path.startsWith('/task/')) return true;
  const { mounts } = scope.container;
  const isMounted = mounts.some((each) => each.subPath !== undefined && bare(each.subPath) === bare(key));
  const isProjected = scope.container.mounts.some(({ name }) => isProjectedWith(scope, name, bare(key)));
  return (isMounted || isProjected) && !textsOf(scope).some((text) => text.includes(path));
}

function isProjectedWith({ workload }: TaskScope, name: string, key: string): boolean {
  const volume = workload.pod.volumes.get(name);
  return volume !== undefined && 'projected' in volume && JSON.stringify(volume).includes(JSON.stringify(key));
}

/** Whether a text of the task names a path below a directory that is not just a file of a template. */
function speaksOf(scope: TaskScope, directory: string): boolean {
  const paths = textsOf(scope).flatMap((text) =>
    [...text.matchAll(/(?<![\w.)}-])\/(?:alloc|local|secrets)(?:\/[^\s"'`:;,|&<>)\]}\\]*)?(?![\w-])/g)].map(
      ([path]) => path,
    ),
  );
  const files = filesOf(scope.container).map(({ path }) => path);
  return paths
    .map((path) => path.replace(/[/.]+$/, ''))
    .some((path) => (path === directory || isBelow(path, directory)) && !files.includes(path));
}

/** Everything of a container in which a path may stand. */
function textsOf({ container, task, module }: TaskScope): readonly string[] {
  const { command = [], args = [], env } = container;
  const values = env.flatMap(({ value }) => (value === undefined ? [] : [bare(value)]));
  const files = filesOf(container).map(({ from, key }) => contentOf(module, from, bare(key)));
  const checks = task.service.flatMap(({ check }) =>
    check.flatMap((each) => [each.command?.value ?? '', ...(each.args?.value ?? [])]),
  );
  const workDir = container.rest['workingDir'];
  return [
    ...[...command, ...args].map((each: S<string>) => bare(each)),
    ...values,
    ...files,
    ...checks,
    typeof workDir === 'string' ? workDir : '',
  ];
}

function contentOf({ config, secrets }: TaskScope['module'], from: FileDraft['from'], key: string): string {
  const data = from === 'config' ? config?.data : secrets?.templates;
  const text = data?.[key];
  return text === undefined ? '' : bare(text);
}

/** Nomad never enforced the size. A database that is restored may be larger, and its pod would be evicted again and again. */
function limitDisk(scope: GroupScope, use: Use, size: Written<number>): void {
  const { volumes, containers } = scope.workload.pod;
  const amount = `${size.value}Mi`;
  const main = containers.find(({ role }) => role === 'main');
  if (isRestored(scope) && main) {
    const text = `${amount} of ephemeral-storage are asked for, without a limit`;
    main.resources.requests['ephemeral-storage'] = use.take(size, amount, { text });
    return;
  }
  const todo = `See how much ${scope.workload.name} writes into its shared directory: above ${amount} its pod is evicted, which Nomad did not do.`;
  volumes.set('alloc', { emptyDir: { sizeLimit: use.take(size, amount, { todo }) } });
}

/** Claims in place of directories, unless a backup brings the data back. */
function keepData(scope: GroupScope, use: Use, written: readonly Item[]): void {
  const { workload, module, project } = scope;
  const { volumes, containers } = workload.pod;
  if (isRestored(scope)) {
    use.leave(written, { class: 'direct', text: 'emptyDir: Litestream restores the database into it' });
    return;
  }
  const names = [...volumes].filter(([name, volume]) =>
    isKept(
      name,
      volume,
      containers.map((each) => each.name),
    ),
  );
  if (names.length === 0) {
    use.leave(written, { class: 'dropped', text: 'no task keeps anything in its directories' });
    return;
  }
  for (const [name] of names) {
    const claim = `${workload.name}-${name}`;
    const size = `${scope.group.ephemeral_disk?.size.value ?? 300}Mi`;
    const directory = `${module.name}_${name.replaceAll('-', '_')}`;
    addClaim(scope, {
      name: claim,
      source: `allocation:${claim}`,
      directory,
      size,
      accessMode: 'ReadWriteOnce',
      block: false,
      from: written,
    });
    volumes.set(name, { persistentVolumeClaim: { claimName: claim } });
  }
  workload.alone.push('its directory is kept over updates');
  const claims = names.map(([name]) => `${workload.name}-${name}`).join(', ');
  use.leave(written, {
    text: `claims ${claims} of class ${project.policy.storage.class}`,
    todo: `Copy what ${workload.name} keeps in its allocation directory into ${claims}.`,
  });
}

function isKept(name: string, volume: Branch, containers: readonly string[]): boolean {
  if (!('emptyDir' in volume)) return false;
  return name === 'alloc' || containers.some((each) => name === `${fold(each, 50)}-local`);
}

/** Whether the group has a task that restores a database by Litestream. */
function isRestored({ workload }: GroupScope): boolean {
  return workload.pod.containers.some(({ image, name }) => name === 'litestream' || /litestream/.test(bare(image)));
}
