import type { Group, Service } from '../jobspec/job.ts';
import type { ModuleDraft, WorkloadDraft } from './draft.ts';
import { fold, foldService } from './fold.ts';
import { type GroupPort, localPort, portNamed, portsOf, servicesOf } from './network/port.ts';
import { bare } from './sourced.ts';

/** Where a service of Nomad or Consul is found after the migration. */
export interface ServiceTarget {
  /** Of the Kubernetes Service. */
  readonly name: string;
  readonly namespace: string;
  readonly module: string;
  readonly component: string;
  /** Of the Service, which is the application's; absent for a service without a port, which gets no Service. */
  readonly port?: number;
  /** As Nomad or Consul calls it. */
  readonly known: string;
  /** Several where the blocks of one group share a name. */
  readonly ports: readonly GroupPort[];
  readonly blocks: readonly ServiceBlock[];
  /** Those of the blocks whose port is one of `ports`. */
  readonly reached: ReadonlySet<Service>;
  readonly group: Group;
  /** Whether the mesh's proxies guarded it. */
  readonly mesh: boolean;
  /** Another workload's service of the same name, which kept it. */
  readonly rival?: ServiceTarget;
}

export interface ServiceBlock {
  readonly service: Service;
  /** Label of the task that it belongs to, if it belongs to one. */
  readonly task?: string;
}

export interface ServiceIndex {
  /** By the name under which Consul or Nomad knows it. */
  get(known: string): ServiceTarget | undefined;
  readonly targets: readonly ServiceTarget[];
  of(group: Group): readonly ServiceTarget[];
  /** Who declares a middleware or transport of Traefik, by `middlewares.NAME`; names are of all jobs together. */
  readonly declared: ReadonlyMap<string, readonly Declaration[]>;
}

export interface Declaration {
  readonly module: string;
  readonly namespace: string;
}

export function indexServices(modules: readonly ModuleDraft[]): ServiceIndex {
  const all = modules.flatMap((module) =>
    module.workloads.flatMap((workload) => targetsOf(module, workload).map((target) => ({ target, workload }))),
  );
  const targets: ServiceTarget[] = [];
  for (const { target, workload } of shortened(all)) targets.push(settled(target, workload, targets));
  const byName = new Map(targets.toReversed().map((target) => [target.known.toLowerCase(), target]));
  const byGroup = Map.groupBy(targets, ({ group }) => group);
  return {
    get: (known) => byName.get(known.toLowerCase()),
    targets,
    of: (group) => byGroup.get(group) ?? [],
    declared: declarationsOf(targets),
  };
}

const declaration = /^traefik\.(?:http|tcp)\.(middlewares|serverstransports)\.([^.=]+)\./i;

function declarationsOf(targets: readonly ServiceTarget[]): ReadonlyMap<string, readonly Declaration[]> {
  const declared = new Map<string, Declaration[]>();
  for (const { module, namespace, blocks } of targets) {
    for (const tag of blocks.flatMap(({ service }) => service.tags?.value ?? [])) {
      const [, part, name] = declaration.exec(tag) ?? [];
      if (part === undefined || name === undefined) continue;
      const key = `${part.toLowerCase()}.${name}`;
      const known = declared.get(key) ?? [];
      if (!known.some((each) => each.module === module)) known.push({ module, namespace });
      declared.set(key, known);
    }
  }
  return declared;
}

interface Placed {
  readonly target: ServiceTarget;
  readonly workload: WorkloadDraft;
}

/** The targets of one group, in the order of its blocks. */
function targetsOf(module: ModuleDraft, { group, component, pod }: WorkloadDraft): readonly ServiceTarget[] {
  const there = (label: string): boolean => pod.containers.some(({ task }) => task?.label.text === label);
  const all = portsOf(group).filter(({ task }) => task === undefined || there(task));
  const job = module.job.name?.value ?? module.job.label.text;
  const blocks = servicesOf(group).map((block) => ({ ...block, known: serviceName(block, job, group) }));
  return [...new Set(blocks.map(({ known }) => known))].map((known) => {
    const own = blocks.filter((block) => block.known === known);
    const found = own.map(({ service }) => ({ service, port: portOfService(service, all) }));
    const ports = found.flatMap(({ port }) => port ?? []);
    const [first] = ports;
    return {
      name: foldService(known),
      namespace: bare(module.namespace),
      module: module.name,
      component,
      ...(first ? { port: first.number } : {}),
      known,
      ports: ports.filter((port, index) => ports.findIndex(({ number }) => number === port.number) === index),
      blocks: own,
      reached: new Set(found.filter(({ port }) => port).map(({ service }) => service)),
      group,
      mesh: own.some(({ service }) => service.connect?.sidecar_service !== undefined || service.connect?.native.value),
    };
  });
}

/**
 * The only service of a job with one group is called as the job is, where it has no name of its own (`web`, not
 * `web-web`), unless another service has that name.
 */
function shortened(all: readonly Placed[]): readonly Placed[] {
  return all.map(({ target, workload }) => {
    const unnamed = (each: ServiceTarget): boolean => each.blocks.every(({ service }) => service.name === undefined);
    const name = foldService(target.module);
    const others = all.filter((other) => other.target !== target && other.target.namespace === target.namespace);
    const taken = others.some((other) => other.target.name === name);
    const alone = !others.some((other) => other.workload === workload && unnamed(other.target));
    return unnamed(target) && alone && !workload.several && !taken
      ? { target: { ...target, name }, workload }
      : { target, workload };
  });
}

/**
 * Consul takes several workloads for one service. A selector fits the pods of one, so that the second gets a name of its
 * own. Different names that fold into one are left to clash: which of the two is meant cannot be told.
 */
function settled(target: ServiceTarget, workload: WorkloadDraft, taken: readonly ServiceTarget[]): ServiceTarget {
  const place = ({ name, namespace }: ServiceTarget): string => `${namespace}/${name}`;
  const rival = taken.find((other) => place(other) === place(target));
  if (rival?.known !== target.known) return target;
  let name = fold(`${target.name}-${workload.name}`);
  for (let count = 2; taken.some((other) => place(other) === place({ ...target, name })); count += 1) {
    name = `${fold(`${target.name}-${workload.name}`, 60 - String(count).length)}-${count}`;
  }
  return { ...target, name, rival };
}

function portOfService(service: Service, all: readonly GroupPort[]): GroupPort | undefined {
  const { port, connect } = service;
  if (port === undefined || connect?.gateway) return undefined;
  return portNamed(all, String(localPort(service) ?? port.value));
}

/**
 * Nomad names a service after its job, group and task where it has no name, and knows four variables in one that it has
 * (Service.Canonicalize of Nomad 1.11).
 */
function serviceName({ service, task }: ServiceBlock, job: string, group: Group): string {
  const own = group.task.some((each) => each.service.includes(service)) ? task : undefined;
  const base = [job, group.label.text, ...(own === undefined ? [] : [own])].join('-');
  const values: Readonly<Record<string, string>> = {
    JOB: job,
    TASKGROUP: group.label.text,
    TASK: own ?? 'group',
    BASE: [job, group.label.text, own ?? 'group'].join('-'),
    NOMAD_JOB_NAME: job,
    NOMAD_JOB_ID: job,
    NOMAD_GROUP_NAME: group.label.text,
    NOMAD_TASK_NAME: own ?? 'group',
  };
  return service.name?.value.replaceAll(/\$\{(\w+)\}/g, (all, key: string) => values[key] ?? all) ?? base;
}
