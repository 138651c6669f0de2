import type { ContainerDraft, FileDraft, MountDraft, PodDraft } from '../draft.ts';
import { fold } from '../fold.ts';
import type { TaskScope } from '../scope.ts';
import { type Branch, bare, type S, settle } from '../sourced.ts';
import { containerPath, type Place, place, type Root } from '../template/place.ts';
import { DEFAULT_MODE } from '../template/template.ts';
import { addMount, isBelow, volumeName } from './mount.ts';

/** What a task has of Nomad's directories, as volumes of its pod. */

/** A volume of the pod under the wanted name, or the next free one; the same content is there once. */
export function volumeNamed({ volumes }: PodDraft, wanted: string, source: Branch): string {
  const text = (of: Branch): string => JSON.stringify(settle(of).value);
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? volumeName(wanted) : `${fold(volumeName(wanted), 60)}-${count}`;
    const known = volumes.get(name);
    if (known === undefined) volumes.set(name, source);
    if (known === undefined || text(known) === text(source)) return name;
  }
}

/** The volume behind `/alloc`, `/local`, `/secrets`, or beside them. The first is shared by all tasks of the group. */
export function directoryVolume({ workload, container }: TaskScope, root: Root): string {
  const { volumes } = workload.pod;
  const name = root === 'alloc' ? 'alloc' : `${fold(container.name, 50)}-${root}`;
  // secrets are in memory on a Nomad client, too
  if (!volumes.has(name)) volumes.set(name, { emptyDir: root === 'secrets' ? { medium: 'Memory' } : {} });
  return name;
}

/** The volume of the files that templates made, with the mode that a file has. */
function fileVolume({ workload, module }: TaskScope, { from, mode }: FileDraft): string {
  const bits = bare(mode);
  const defaultMode = bits === DEFAULT_MODE ? undefined : mode;
  const suffix = defaultMode === undefined ? '' : `-${bits.toString(8)}`;
  const source: Branch =
    from === 'config'
      ? { configMap: { name: `${module.name}-config`, defaultMode } }
      : { secret: { secretName: `${module.name}-secrets`, defaultMode } };
  return volumeNamed(workload.pod, `${from === 'config' ? 'files' : 'secret-files'}${suffix}`, source);
}

/** One file at a path. It does not follow changes in a running pod; Reloader restarts the pod. */
export function mountFile(scope: TaskScope, file: FileDraft, mountPath: S<string>): 'added' | 'taken' {
  return addMount(scope.container, { name: fileVolume(scope, file), mountPath, subPath: file.key, readOnly: true });
}

export type Bound =
  | { readonly kind: 'file' }
  | { readonly kind: 'projected'; readonly files: number }
  | { readonly kind: 'directory' }
  | { readonly kind: 'taken' };

export interface Bind {
  readonly place: Place;
  readonly mountPath: S<string>;
  readonly readOnly?: S<boolean>;
}

/** Binds what stands at a place of the task to a path of its container. */
export function bindPlace(scope: TaskScope, bind: Bind): Bound {
  const path = containerPath(bind.place);
  const files = filesOf(scope.container);
  const file = files.find((each) => each.path === path);
  if (file) return mountFile(scope, file, bind.mountPath) === 'added' ? { kind: 'file' } : { kind: 'taken' };
  const within = files.filter((each) => isBelow(each.path, path));
  // the whole directory of a task is bound to write into
  const isWhole = bind.place.path === '' && bind.readOnly === undefined;
  if (within.length > 0 && !isWhole && !isWritten(scope, path)) return projectFiles(scope, bind, within);
  const mount: MountDraft = {
    name: directoryVolume(scope, bind.place.root),
    mountPath: bind.mountPath,
    ...(bind.place.path === '' ? {} : { subPath: bind.place.path }),
    ...(bind.readOnly === undefined ? {} : { readOnly: bind.readOnly }),
  };
  if (addMount(scope.container, mount) === 'taken') return { kind: 'taken' };
  for (const each of within) mountFile(scope, each, `${bare(bind.mountPath)}${each.path.slice(path.length)}`);
  return { kind: 'directory' };
}

/** Several files of templates in one directory are one mount. */
function projectFiles(scope: TaskScope, bind: Bind, files: readonly FileDraft[]): Bound {
  const { module, workload, container } = scope;
  const root = containerPath(bind.place);
  const sources = (['config', 'secret'] as const).flatMap((from) => {
    const items = files
      .filter((each) => each.from === from)
      .map(({ key, path, mode }) => ({
        key,
        path: path.slice(root.length + 1),
        mode: bare(mode) === DEFAULT_MODE ? undefined : mode,
      }));
    if (items.length === 0) return [];
    const name = `${module.name}-${from === 'config' ? 'config' : 'secrets'}`;
    return [from === 'config' ? { configMap: { name, items } } : { secret: { name, items } }];
  });
  const wanted = `${fold(container.name, 30)}-${fold(bind.place.path === '' ? bind.place.root : bind.place.path, 30)}`;
  const name = volumeNamed(workload.pod, wanted, { projected: { sources } });
  const added = addMount(container, { name, mountPath: bind.mountPath, readOnly: true });
  return added === 'added' ? { kind: 'projected', files: files.length } : { kind: 'taken' };
}

export function filesOf({ files = [] }: ContainerDraft): readonly FileDraft[] {
  return files;
}

/** Whether something besides templates writes there: an artifact that is unpacked. */
function isWritten({ task }: TaskScope, path: string): boolean {
  return task.artifact.some(({ destination }) => {
    const found = place(destination?.value ?? 'local/');
    const at = found ? containerPath(found) : '';
    return at === path || isBelow(at, path) || isBelow(path, at);
  });
}
