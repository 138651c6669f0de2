import type { Item } from '../../jobspec/field.ts';
import { leavesOf } from '../../jobspec/items.ts';
import type { ContainerDraft } from '../draft.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { bare, type S, Sourced } from '../sourced.ts';
import { type Database, databasesOf, isLitestreamImage, isReplicating, isRestoring, optionsOf } from './database.ts';

/** Databases that Litestream backs up. Before the directories of the group, which need no claim then. */
export const litestreamRules: readonly Rule<GroupScope>[] = [
  {
    id: 'litestream.restore',
    nomad: 'a task that runs litestream restore',
    kubernetes: 'an init container that restores before the application, and fails where it cannot',
    class: 'approximate',
    why: 'A restore that goes on after an error lets the application make an empty database, which then replaces the backup. With -if-replica-exists only a replica that is known to be empty is no error; one that cannot be reached is.',
    apply: (scope, use) => {
      const { containers } = scope.workload.pod;
      for (const container of containers.filter(isRestoring)) {
        const databases = databasesOf(container, scope);
        const items = runItems(container);
        if (databases.length === 0) {
          const todo = `Make the restore of ${container.name} fail where the replica cannot be reached: the database that it restores was not found in its configuration.`;
          use.leave(items, { class: 'manual', text: 'kept as it is', todo });
          continue;
        }
        const before = isShell(container);
        closeRestore(containers, { container, databases, items });
        const text = `litestream restore of ${databases.map(({ path }) => path).join(', ')}, which fails closed`;
        const todo = `The script of ${container.name} was replaced by litestream restore: look whether it did more.`;
        use.leave(items, before ? { text, todo } : { text });
      }
    },
  },
  {
    id: 'litestream.replicate',
    nomad: 'a task that runs litestream replicate',
    kubernetes: 'a native sidecar that runs before the application and ends after it',
    class: 'direct',
    why: 'Image, bucket, path and configuration stay. Two pods must never replicate one database, so the workload is recreated, not rolled.',
    apply: (scope, use) => {
      const { workload } = scope;
      const { containers } = workload.pod;
      for (const container of containers.filter(isReplicating)) {
        workload.alone.push('Litestream replicates its database');
        if (!isBeside(container, containers)) {
          const text = 'the container runs the application under Litestream, as it did';
          const todo = `Make sure that ${container.name} ends where its database cannot be restored, rather than start with an empty one.`;
          use.leave(runItems(container), { class: 'approximate', text, todo });
          continue;
        }
        container.role = 'sidecar';
        use.leave(runItems(container), {});
        if (!containers.some(isRestoring)) addRestore(scope, container);
      }
      const first = containers.findIndex(({ role }) => role === 'sidecar');
      // init containers run in their order: a sidecar before the restore would see no database yet
      const late = containers.filter((each, at) => isRestoring(each) && at > first);
      if (first < 0 || late.length === 0) return;
      const others = containers.filter((each) => !late.includes(each));
      const at = others.findIndex(({ role }) => role === 'sidecar');
      containers.splice(0, containers.length, ...others.slice(0, at), ...late, ...others.slice(at));
    },
  },
];

/** Whether Litestream runs beside the application, not around it. */
function isBeside(container: ContainerDraft, containers: readonly ContainerDraft[]): boolean {
  const others = containers.filter(({ role }) => role === 'main').filter((each) => each !== container);
  const isOwn = isLitestreamImage(container) || container.task?.lifecycle !== undefined;
  const around = [...(container.command ?? []), ...(container.args ?? [])].some((each) =>
    /(?:^|\s)--?exec\b/.test(bare(each)),
  );
  return isOwn && !around && others.length > 0;
}

/** The lines that say what a task runs. */
function runItems({ task }: ContainerDraft): readonly Item[] {
  const lines = task?.config ? leavesOf(task.config) : [];
  const run = lines.filter(({ path }) => /\.(?:command|args|entrypoint)$/.test(path));
  return run.length > 0 ? run : lines.slice(0, 1);
}

function isShell({ command = [] }: ContainerDraft): boolean {
  return command.some((each) => /(?:^|\/)(?:ba|da|a|z)?sh$/.test(bare(each)));
}

interface Restore {
  readonly container: ContainerDraft;
  readonly databases: readonly Database[];
  readonly items: readonly Item[];
}

/** One init container a database; the first is the task's own. */
function closeRestore(containers: ContainerDraft[], { container, databases, items }: Restore): void {
  const options = optionsOf(container);
  const made = databases.map((database, index): ContainerDraft => {
    const { command: _command, ...rest } = container;
    const name = index === 0 ? container.name : `${container.name}-${index + 1}`;
    const args: readonly S<string>[] = restoreArgs(database, options).map((each) => new Sourced(each, items));
    const { task, ...own } = rest;
    // an image of somebody else's may begin with another program
    const command = isLitestreamImage(container) ? {} : { command: ['litestream'] };
    return { ...own, ...command, ...(index === 0 && task ? { task } : {}), name, role: 'init', args };
  });
  containers.splice(containers.indexOf(container), 1, ...made);
}

function restoreArgs({ path, replica }: Database, options: readonly string[]): readonly string[] {
  const flags = ['restore', '-if-db-not-exists', '-if-replica-exists'];
  // an address and a configuration exclude each other
  return replica === undefined ? [...flags, ...options, path] : [...flags, '-o', path, replica];
}

/** A database that is replicated and never restored would start empty with each pod. Mounts stay shared with the sidecar. */
function addRestore(scope: GroupScope, replicating: ContainerDraft): void {
  const { containers } = scope.workload.pod;
  const databases = databasesOf(replicating, scope);
  const items = runItems(replicating);
  const { task: _task, probes: _probes, command: _command, ...rest } = replicating;
  const made = databases.map(
    (database, index): ContainerDraft => ({
      ...rest,
      name: `${replicating.name}-restore${index === 0 ? '' : `-${index + 1}`}`,
      role: 'init',
      ports: [],
      probes: {},
      args: restoreArgs(database, optionsOf(replicating)).map((each) => new Sourced(each, items)),
    }),
  );
  containers.splice(containers.indexOf(replicating), 0, ...made);
}
