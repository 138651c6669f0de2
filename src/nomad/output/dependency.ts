import type { Plain } from '../source/node.ts';
import { listOf, mapOf, textOf } from './plain-value.ts';
import type { RenderedModule } from './render.ts';

/** What a module needs of the others. */
export interface Dependency {
  readonly name: string;
  /** Modules whose Services its manifests name. */
  readonly calls: readonly string[];
  /** Modules that hold the same data: a directory, an export, a path of the nodes. */
  readonly shares: readonly string[];
}

/** Seen in what is written, so that it holds for every way in which a job can name another. */
export function dependencies(modules: readonly RenderedModule[]): readonly Dependency[] {
  const owners = new Map<string, string>();
  for (const { name, manifests } of modules) {
    for (const { kind, name: service, namespace } of manifests) {
      if (kind === 'Service') owners.set(`${service}.${namespace ?? ''}`, name);
    }
  }
  const stores = modules.map(({ name, manifests }) => ({
    name,
    keys: new Set(manifests.flatMap(({ object }) => storesOf(object))),
  }));
  return modules.map(({ name, manifests }, index) => {
    const named = manifests.flatMap(({ text }) => [...text.matchAll(SERVICE_NAME)].map(([, found = '']) => found));
    const calls = named.flatMap((found) => owners.get(found) ?? []).filter((other) => other !== name);
    const own = stores[index]?.keys ?? new Set<string>();
    const shares = stores.filter((other) => other.name !== name && !other.keys.isDisjointFrom(own));
    return { name, calls: sorted(calls), shares: sorted(shares.map((other) => other.name)) };
  });
}

/** `web.default` of `web.default.svc` and `web.default.svc.cluster.local`. */
const SERVICE_NAME = /(?<![\w.-])([a-z0-9-]+\.[a-z0-9-]+)\.svc(?![\w-])/g;

/** Names of what lies outside of the cluster: annotations that name a directory, NFS exports, paths of nodes. */
function storesOf(object: { readonly [key: string]: Plain }): readonly string[] {
  const found: string[] = [];
  if (object['kind'] === 'PersistentVolumeClaim') {
    const annotations = mapOf(mapOf(object['metadata'])['annotations']);
    const directory = textOf(annotations['volume-name']);
    if (directory !== '') found.push(`directory ${directory}`);
  }
  visit(object, (key, value) => {
    const map = mapOf(value);
    if (key === 'nfs') found.push(`nfs ${textOf(map['server'])}:${textOf(map['path'])}`);
    if (key === 'hostPath' && !isOfTheNode(textOf(map['path']))) found.push(`path ${textOf(map['path'])}`);
    if (key === 'volumeHandle') found.push(`volume ${textOf(value)}`);
  });
  return found;
}

/** Devices, sockets and clocks of a node are no data that two jobs share. */
function isOfTheNode(path: string): boolean {
  return /^\/(dev|proc|sys|run|etc|var\/run)(\/|$)/.test(path) || path.endsWith('.sock');
}

function visit(value: Plain, see: (key: string, value: Plain) => void): void {
  for (const item of listOf(value)) visit(item, see);
  for (const [key, each] of Object.entries(mapOf(value))) {
    see(key, each);
    visit(each, see);
  }
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

/**
 * Steps of a migration: what calls no other first, then what calls only what has moved. Modules that share data go last,
 * because all of them must stop together; modules that call each other go in one step.
 */
export function migrationOrder(dependencies: readonly Dependency[]): readonly (readonly string[])[] {
  const alone = dependencies.filter(({ shares }) => shares.length === 0);
  const together = dependencies.filter(({ shares }) => shares.length > 0);
  const moved = new Set<string>();
  return [...stepsOf(alone, moved), ...stepsOf(together, moved)];
}

function stepsOf(dependencies: readonly Dependency[], moved: Set<string>): readonly (readonly string[])[] {
  const steps: (readonly string[])[] = [];
  let left = [...dependencies];
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name));
    const ready = left.filter(({ calls }) => !calls.some((other) => names.has(other)));
    const step = ready.length > 0 ? ready : circleIn(left);
    for (const { name } of step) moved.add(name);
    steps.push(step.map(({ name }) => name).sort());
    left = left.filter(({ name }) => !moved.has(name));
  }
  return steps;
}

/** Every module left waits for another: those that wait for themselves in the end, by the fewest others. */
function circleIn(left: readonly Dependency[]): readonly Dependency[] {
  const byName = new Map(left.map((each) => [each.name, each]));
  const reached = left.map((each) => ({ each, names: reachedFrom(each, byName) }));
  const circles = reached.filter(({ each, names }) => names.has(each.name));
  const smallest = circles.toSorted((one, other) => one.names.size - other.names.size)[0];
  return left.filter(({ name }) => smallest?.names.has(name) ?? true);
}

function reachedFrom(start: Dependency, byName: ReadonlyMap<string, Dependency>): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...start.calls];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name) || !byName.has(name)) continue;
    found.add(name);
    open.push(...(byName.get(name)?.calls ?? []));
  }
  return found;
}
