import { dockerConfig, podmanConfig } from '../../jobspec/config.ts';
import type { Item, Written } from '../../jobspec/field.ts';
import type { Note } from '../account.ts';
import { declare, interpolate } from '../interpolate.ts';
import type { Rule, Use } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { place, withDirectories } from '../template/place.ts';
import { namedVolume } from './docker-volume.ts';
import { addMount } from './mount.ts';
import { type Bound, bindPlace, volumeNamed } from './task-directory.ts';

/** Bind mounts of the drivers, after the templates of the task and before what is left of its directories. */
export const bindRules: readonly Rule<TaskScope>[] = [
  {
    id: 'docker.volumes',
    nomad: 'volumes = ["source:target:mode"] of docker and podman',
    kubernetes: 'a mount: a file of a template, a directory of the task, a hostPath',
    class: 'direct',
    why: 'A source without / before it is relative to the directory of the task. What lies there ends with the pod, as it ended with the allocation. A directory of the node that is missing is made empty, as Docker makes it; podman starts nothing then, and the pod waits (type Directory).',
    apply: (scope, use) => {
      const config = dockerConfig(scope.task) ?? podmanConfig(scope.task);
      if (!config?.volumes) return;
      const driver = 'volume_driver' in config ? config.volume_driver : undefined;
      const mustExist = dockerConfig(scope.task) === undefined;
      for (const text of config.volumes.value) bindText(scope, use, { text, field: config.volumes, driver, mustExist });
      if (config.volumes.value.length === 0) use.leave(config.volumes, { class: 'dropped', text: 'no volume' });
    },
  },
  {
    id: 'docker.volume_driver',
    nomad: 'volume_driver',
    kubernetes: 'the volumes are claims of the class of the policy',
    class: 'approximate',
    why: 'Drivers of Docker have no twin; a class stands in their place.',
    apply: ({ task }, use) => {
      const driver = dockerConfig(task)?.volume_driver;
      if (driver) use.leave(driver);
    },
  },
];

interface BindText {
  readonly text: string;
  readonly field: Written<readonly string[]>;
  readonly driver: Written<string> | undefined;
  readonly mustExist: boolean;
}

/** As Nomad splits it: at colons; a third part is the mode. */
function bindText(scope: TaskScope, use: Use, { text, field, driver, mustExist }: BindText): void {
  const [source = '', target, mode = ''] = splitBind(text);
  if (target === undefined || target === '') {
    const todo = `Decide what the volume ${JSON.stringify(text)} was for.`;
    use.leave(field, { class: 'manual', text: `${JSON.stringify(text)} is not source:target`, todo });
    return;
  }
  const modes = mode.split(',').filter((each) => each !== '');
  const readOnly = modes.includes('ro');
  const [propagation] = modes.flatMap((each) => propagations[each] ?? []);
  const binding = { source, target, readOnly, items: [field], named: driver !== undefined, mustExist };
  bind(scope, use, propagation === undefined ? binding : { ...binding, propagation });
  const note = modesNote(text, modes, source.startsWith('/'));
  if (note) use.leave(field, note);
}

/** Docker's words; the private ones are the default. */
export const propagations: Readonly<Record<string, string>> = {
  rslave: 'HostToContainer',
  slave: 'HostToContainer',
  rshared: 'Bidirectional',
  shared: 'Bidirectional',
};

/** They say how mounts look to one machine or to SELinux, which the container runtime decides on a cluster. */
const idle = new Set(['z', 'Z', 'private', 'rprivate', 'consistent', 'cached', 'delegated', 'nocopy']);

function modesNote(text: string, modes: readonly string[], isOfHost: boolean): Note | undefined {
  const unknown = modes.filter((each) => each !== 'ro' && each !== 'rw' && !(each in propagations) && !idle.has(each));
  if (unknown.length > 0) {
    const todo = `Decide what ${unknown.join(', ')} of the volume ${JSON.stringify(text)} is on Kubernetes.`;
    return { class: 'manual', text: `the mount is written without ${unknown.join(', ')}`, todo };
  }
  if (isOfHost && modes.some((each) => propagations[each] === 'Bidirectional')) {
    const todo =
      'Bidirectional is written for privileged containers, which alone may have it: decide whether this one has to be.';
    return { class: 'approximate', text: 'mountPropagation Bidirectional', todo };
  }
  const without = modes.filter((each) => idle.has(each) || (each in propagations && !isOfHost));
  return without.length === 0 ? undefined : { class: 'approximate', text: `${without.join(', ')} has no twin` };
}

/** Colons within `${…}` are none. */
function splitBind(text: string): readonly string[] {
  return text.match(/(?:\$\{[^}]*\}|[^:])+|(?<=:)(?=:|$)/g) ?? [];
}

export interface Binding {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly items: readonly Item[];
  /** Whether the source is the name of a volume of Docker. */
  readonly named: boolean;
  /** Whether the task did not start where the node lacks the source; else an empty directory was made there. */
  readonly mustExist: boolean;
  /** In the words of Kubernetes. */
  readonly propagation?: string;
}

/** Mounts a source of a bind. */
export function bind(scope: TaskScope, use: Use, binding: Binding): void {
  const { source, items, named } = binding;
  const written = withDirectories(source);
  const isOfTask = written !== source || !written.startsWith('/');
  if (named) {
    namedVolume(scope, use, { ...binding, target: targetOf(scope, binding) });
    return;
  }
  if (!isOfTask) {
    bindHost(scope, use, binding);
    return;
  }
  const { text } = interpolate(written, scope, 'verbatim');
  const found = place(text);
  if (!found) {
    const todo = `Mount what ${source} was at ${binding.target}.`;
    use.leave(items, { class: 'manual', text: `${source} leaves the allocation`, todo });
    return;
  }
  const target = targetOf(scope, binding);
  const mountPath = use.take(items, target, {});
  const bound = bindPlace(scope, { place: found, mountPath, ...(binding.readOnly ? { readOnly: true } : {}) });
  const note = boundNote(bound, binding);
  if (note) use.leave(items, note);
}

function targetOf(scope: TaskScope, { target }: Binding): string {
  return interpolate(target, scope, 'verbatim').text;
}

function boundNote(bound: Bound, { source, target, readOnly }: Binding): Note | undefined {
  switch (bound.kind) {
    case 'file':
      return undefined;
    case 'projected':
      if (readOnly) return undefined;
      return { class: 'approximate', text: `${target} holds ${bound.files} files of templates and is read-only there` };
    case 'directory':
      if (source.startsWith('../alloc') || source.includes('NOMAD_ALLOC_DIR')) return undefined;
      return {
        class: 'approximate',
        text: `${target} is empty at first, and ends with the pod, as it ended with the allocation`,
        todo: `Copy what is at ${target} before the job is stopped, where it must last, and give it a claim.`,
      };
    case 'taken':
      return {
        class: 'manual',
        text: `two mounts at ${target}; the first is written`,
        todo: `Decide which of the two mounts at ${target} is meant.`,
      };
    default:
      return bound satisfies never;
  }
}

/** A path of the nodes. Its part from a variable on is expanded in the pod. */
function bindHost(scope: TaskScope, use: Use, binding: Binding): void {
  const { items, readOnly, propagation } = binding;
  const { workload, container } = scope;
  const { text, env, notes } = interpolate(binding.source, scope);
  declare(scope, env);
  const variable = text.indexOf('$(');
  const cut = variable < 0 ? text.length : text.lastIndexOf('/', variable);
  const path = variable < 0 ? text.replaceAll('$$', '$') : text.slice(0, cut) || '/';
  const rest = text.slice(cut + 1);
  const mountPath = use.take(items, targetOf(scope, binding), hostNote(scope, path, notes));
  const type = typeOf(path, binding.mustExist);
  const source = { hostPath: { path, ...(type === undefined ? {} : { type }) } };
  const name = volumeNamed(workload.pod, `host-${path.replace(/^\/+/, '') || 'root'}`, source);
  const mount = {
    name,
    mountPath,
    ...(rest === '' ? {} : { subPathExpr: rest }),
    ...(readOnly ? { readOnly: true } : {}),
    ...(propagation === undefined ? {} : { mountPropagation: propagation }),
  };
  if (addMount(container, mount) === 'taken') {
    const note = boundNote({ kind: 'taken' }, binding);
    if (note) use.leave(items, note);
  } else if (!readOnly && !isOfSystem(path)) workload.alone.push(`${path} of the node is written`);
}

/**
 * What a hostPath has to be. dockerd makes a directory for each missing source of `volumes` (Binds of its API); it refuses
 * to start a container whose mount of type bind has none (Mounts of its API), and podman refuses both. What it is shows in
 * its name alone: a wrong guess keeps the pod waiting with the reason in an event, where none would start it on nothing.
 */
function typeOf(path: string, mustExist: boolean): string | undefined {
  if (isOfSystem(path)) return undefined;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/\.sock(?:et)?$/.test(name)) return mustExist ? 'Socket' : undefined;
  // a name such as conf.d is that of a directory, and so is one that only begins with a dot
  if (/[^.]\.(?!d$)[a-z][a-z0-9]*$/i.test(name)) return mustExist ? 'File' : undefined;
  return mustExist ? 'Directory' : 'DirectoryOrCreate';
}

/** Sockets and files of the system, which several may use at once. */
function isOfSystem(path: string): boolean {
  return /^\/(?:proc|sys|dev|etc|run|var\/run|usr|lib)(?:\/|$)/.test(path) || path === '/';
}

function hostNote({ workload, group, job }: TaskScope, path: string, notes: readonly Note[]): Note {
  const [first] = notes;
  if (/\/docker\.sock$/.test(path)) {
    const text = `hostPath ${path}: nodes of Kubernetes usually have no Docker behind it`;
    return { class: 'approximate', text, todo: `Decide what ${workload.name} needs ${path} for.` };
  }
  if (first?.class === 'manual') return first;
  const pinned = [...job.constraint, ...group.constraint].some(({ attribute }) =>
    /unique\.(?:name|hostname)/.test(attribute?.value ?? ''),
  );
  if (pinned || isOfSystem(path)) return { text: `hostPath ${path}` };
  return {
    class: 'approximate',
    text: `hostPath ${path}: of the node on which the pod runs`,
    todo: `Make sure that ${path} is the same on every node that may run ${workload.name}, or pin it to one.`,
  };
}
