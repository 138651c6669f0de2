import { selectorOf } from '../assemble.ts';
import type { ModuleDraft } from '../draft.ts';
import { nameOver } from '../network/port.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import type { ServiceTarget } from '../service-index.ts';
import type { Branch, Tree } from '../sourced.ts';

/** The services of a group, as they will be called. */
export function targetsOf({ project, group }: GroupScope): readonly ServiceTarget[] {
  return project.services.of(group);
}

const port: Rule<GroupScope> = {
  id: 'service.port',
  nomad: 'service.port',
  kubernetes: "Service: port and targetPort are the application's",
  class: 'direct',
  why: 'A service without a port gets no Service; it is there for its proxy, its checks or its tags.',
  apply: (scope, use) => {
    for (const target of targetsOf(scope)) {
      for (const { service } of target.blocks) {
        if (service.counted) use.leave(service, { class: 'dropped', text: 'an empty service has no port: no Service' });
      }
      if (target.ports.length === 0) {
        leavePorts(target, use);
        continue;
      }
      const absent = target.blocks.filter(({ service }) => !target.reached.has(service));
      leavePorts({ ...target, blocks: absent }, use);
      const given = [...target.reached].flatMap(({ port: field }) => field ?? []);
      const ports = use.take(given, portsOfService(target));
      const metadata = {
        name: target.name,
        ...(scope.workload.several ? { labels: { component: scope.workload.component } } : {}),
      };
      const spec = { selector: selectorOf(scope.module, scope.workload), ports };
      const object = { apiVersion: 'v1', kind: 'Service', metadata, spec };
      scope.module.manifests.push({ kind: 'service', name: target.name, object });
    }
  },
};

function leavePorts({ blocks, known }: ServiceTarget, use: Use): void {
  for (const { service } of blocks) {
    if (!service.port) continue;
    const text = `the job has no port ${service.port.value}: no Service`;
    use.leave(service.port, {
      class: 'manual',
      text,
      todo: `Give the port ${service.port.value} of ${known} a number.`,
    });
  }
}

function portsOfService({ ports }: ServiceTarget): readonly Tree[] {
  return ports.flatMap((port) =>
    port.protocols.map((protocol) => {
      const named = nameOver(port, protocol);
      return { name: named, port: port.number, targetPort: named, protocol };
    }),
  );
}

const name: Rule<GroupScope> = {
  id: 'service.name',
  nomad: 'service.name',
  kubernetes: 'name of the Service',
  class: 'direct',
  why: 'What is no DNS label is folded into one. Names of Consul in the jobs are rewritten to it.',
  apply: (scope, use) => {
    for (const target of targetsOf(scope)) {
      const names = target.blocks.flatMap(({ service }) => service.name ?? []);
      if (names.length === 0) continue;
      if (target.ports.length === 0) {
        use.leave(names, { class: 'dropped', text: 'a service without a port gets no Service' });
      } else if (target.rival) {
        const text = `Service ${target.name}: ${target.rival.component} of ${target.rival.module} has the name ${target.rival.name}, and a Service selects the pods of one workload`;
        const todo = `Consul balanced ${target.known} over both workloads: decide who calls ${target.name}.`;
        setMetadata(scope.module, target, 'name', use.take(names, target.name, { class: 'manual', text, todo }));
      } else {
        const folded =
          target.name === target.known ? {} : { class: 'approximate' as const, text: `Service ${target.name}` };
        setMetadata(scope.module, target, 'name', use.take(names, target.name, folded));
      }
    }
  },
};

/** Sets a key of the metadata of a Service that a rule before wrote. */
function setMetadata(module: ModuleDraft, target: ServiceTarget, key: string, value: Tree): void {
  patchService(module, target.name, (object) => ({
    ...object,
    metadata: { ...branchOf(object['metadata']), [key]: value },
  }));
}

export function annotate(module: ModuleDraft, target: ServiceTarget, entries: Readonly<Record<string, Tree>>): void {
  patchService(module, target.name, (object) => {
    const metadata = branchOf(object['metadata']);
    const annotations = { ...branchOf(metadata['annotations']), ...entries };
    return { ...object, metadata: { ...metadata, annotations } };
  });
}

export function patchService(module: ModuleDraft, called: string, patch: (object: Branch) => Branch): void {
  const at = module.manifests.findIndex((each) => each.kind === 'service' && each.name === called);
  const found = module.manifests[at];
  if (found) module.manifests.splice(at, 1, { ...found, object: patch(found.object) });
}

function branchOf(tree: Tree | undefined): Branch {
  return isBranch(tree) ? tree : {};
}

function isBranch(tree: Tree | undefined): tree is Branch {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) && !('from' in tree);
}

const address: Rule<GroupScope> = {
  id: 'service.address',
  nomad: 'service.address',
  kubernetes: 'a Service without a selector and an EndpointSlice with the address',
  class: 'approximate',
  why: 'The job advertises an address that is not its own; a name instead of a number becomes an ExternalName.',
  apply: (scope, use) => {
    for (const target of targetsOf(scope)) {
      const field = target.blocks.map(({ service }) => service.address).find((each) => each !== undefined);
      if (!field) continue;
      const number = target.port;
      if (number === undefined || field.value.includes('${')) {
        const todo = `Decide who is at ${field.value} for ${target.known}.`;
        use.leave(field, { class: 'manual', text: 'an address that is known only when the job runs', todo });
        continue;
      }
      if (/^[\d.]+$|:/.test(field.value)) advertise(scope, target, use.take(field, [field.value]), field.value);
      else {
        const externalName = use.take(field, field.value, { text: `ExternalName ${field.value}` });
        patchService(scope.module, target.name, (object) => ({
          ...object,
          spec: { type: 'ExternalName', externalName },
        }));
      }
    }
  },
};

function advertise({ module }: GroupScope, target: ServiceTarget, addresses: Tree, written: string): void {
  patchService(module, target.name, (object) => {
    const { selector: _, ...spec } = branchOf(object['spec']);
    return { ...object, spec };
  });
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: target.name, labels: { 'kubernetes.io/service-name': target.name } },
    addressType: written.includes(':') ? 'IPv6' : 'IPv4',
    ports: target.ports.map(({ name: called, number, protocols }) => ({
      name: called,
      port: number,
      protocol: protocols[0],
    })),
    endpoints: [{ addresses }],
  };
  module.manifests.push({ kind: 'endpointslice', name: target.name, object: slice });
}

/** In this order: the port makes the Service, the others add to it. */
export const serviceRules: readonly Rule<GroupScope>[] = [port, name, address];
