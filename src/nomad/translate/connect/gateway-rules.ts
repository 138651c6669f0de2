import { itemsOf } from '../../jobspec/items.ts';
import type { Service } from '../../jobspec/job.ts';
import type { ManifestDraft } from '../draft.ts';
import { addEdge } from '../edge.ts';
import { fold } from '../fold.ts';
import { servicesOf } from '../network/port.ts';
import type { Rule, Use } from '../rule.ts';
import type { ModuleScope } from '../scope.ts';
import type { ServiceTarget } from '../service-index.ts';
import type { Tree } from '../sourced.ts';
import { externalOf } from './external.ts';

type Gateway = NonNullable<NonNullable<Service['connect']>['gateway']>;
type Listener = NonNullable<Gateway['ingress']>['listener'][number];
type Routed = Listener['service'][number];

interface GatewayScope extends ModuleScope {
  readonly gateway: Gateway;
  /** As the workload would be called. */
  readonly name: string;
}

function gatewaysOf(scope: ModuleScope): readonly GatewayScope[] {
  return scope.job.group.flatMap((group) =>
    servicesOf(group).flatMap(({ service }) => {
      const gateway = service.connect?.gateway;
      return gateway ? [{ ...scope, gateway, name: fold(`${scope.module.name}-${group.label.text}`) }] : [];
    }),
  );
}

const gone: Rule<ModuleScope> = {
  id: 'connect.gateway',
  nomad: 'a group whose service is a gateway',
  kubernetes: 'no workload: routes and Services instead',
  class: 'dropped',
  why: 'Nomad ran Envoy in it; the group has no task of its own.',
  apply: ({ module }, use) => {
    for (const workload of [...module.workloads]) {
      const { group } = workload;
      const isGateway = servicesOf(group).some(({ service }) => service.connect?.gateway);
      if (!isGateway || group.task.length > 0) continue;
      module.workloads.splice(module.workloads.indexOf(workload), 1);
      const services = group.service.map((each) => ({ ...each, connect: { ...each.connect, gateway: undefined } }));
      use.leave(itemsOf({ ...group, service: services }));
    }
  },
};

const ingress: Rule<ModuleScope> = {
  id: 'connect.gateway-ingress',
  nomad: 'connect.gateway.ingress',
  kubernetes: 'an Ingress for each service of an HTTP listener, an IngressRouteTCP for one of TCP',
  class: 'approximate',
  why: 'The ports of the listeners become entry points of Traefik, which must exist.',
  apply: (scope, use) => {
    for (const each of gatewaysOf(scope)) {
      const { gateway } = each;
      if (!gateway.ingress) continue;
      if (gateway.ingress.tls) leaveTls(each, itemsOf(gateway.ingress.tls), use);
      if (gateway.ingress.counted) use.leave(gateway.ingress, { class: 'dropped', text: 'it has no listener' });
      for (const listener of gateway.ingress.listener) {
        for (const routed of listener.service) route(each, listener, routed, use);
        const items = [listener.port, listener.protocol].filter((field) => field !== undefined);
        const text = `entry point of Traefik for port ${listener.port?.value ?? '?'}`;
        if (items.length > 0)
          use.leave(items, {
            text,
            todo: `See that Traefik has an entry point for port ${listener.port?.value ?? '?'}.`,
          });
      }
    }
  },
};

function leaveTls(scope: GatewayScope, items: ReturnType<typeof itemsOf>, use: Use): void {
  const todo = `Give the routes of ${scope.name} a certificate (tls of the Ingress).`;
  if (items.length > 0) use.leave(items, { class: 'manual', text: 'the certificates of the mesh are gone', todo });
}

function route(scope: GatewayScope, listener: Listener, routed: Routed, use: Use): void {
  const name = routed.name?.value ?? '';
  const target = scope.project.services.get(name);
  const rest = itemsOf({ ...routed, name: undefined, hosts: undefined });
  if (rest.length > 0) {
    const todo = `Decide what limits and headers of the service ${name} at the gateway become.`;
    use.leave(rest, {
      class: 'manual',
      text: 'headers, limits and certificates of the gateway have no twin here',
      todo,
    });
  }
  const named = [routed.name, routed.hosts].filter((field) => field !== undefined);
  const http = listener.protocol?.value !== undefined && listener.protocol.value !== 'tcp';
  const hosts = routed.hosts?.value ?? [];
  if (target?.port === undefined || (http && (hosts.length === 0 || hosts.includes('*')))) {
    const why = target?.port === undefined ? `no job that was converted has a service ${name}` : 'it takes every host';
    const todo = `Write the route for ${name} by hand.`;
    use.leave(named, { class: 'manual', text: why, todo });
    return;
  }
  const draft = http
    ? httpRoute(scope, target, use.take(named, hosts))
    : tcpRoute(scope, listener, target, use.take(named, target.name));
  scope.module.manifests.push(draft);
  addEdge(scope.project.edges, { from: 'traefik', to: target, why: 'the ingress gateway', items: named });
}

function httpRoute(
  scope: GatewayScope,
  target: ServiceTarget,
  hosts: { readonly value: readonly string[] } & Tree,
): ManifestDraft {
  const name = fold(`${scope.name}-${target.name}`);
  const backend = { service: { name: target.name, port: { number: target.port ?? 80 } } };
  const rules = hosts.value.map((host) => ({
    host: host.replace(/:\d+$/, ''),
    http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
  }));
  const spec = { ingressClassName: scope.project.policy.ingress.class, rules };
  const metadata = { name, namespace: target.namespace };
  return { kind: 'ingress', name, object: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec } };
}

function tcpRoute(scope: GatewayScope, { port }: Listener, target: ServiceTarget, named: Tree): ManifestDraft {
  const name = fold(`${scope.name}-${target.name}`);
  const services = [{ name: named, namespace: target.namespace, port: target.port ?? 80 }];
  const spec = { entryPoints: [`tcp-${port?.value ?? 0}`], routes: [{ match: 'HostSNI(`*`)', services }] };
  const object = { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRouteTCP', metadata: { name }, spec };
  return { kind: 'ingressroutetcp', name, object };
}

const terminating: Rule<ModuleScope> = {
  id: 'connect.gateway-terminating',
  nomad: 'connect.gateway.terminating',
  kubernetes: 'a Service of type ExternalName for each of its services (the name is asked)',
  class: 'approximate',
  why: 'Where a service outside the mesh is stands in Consul’s catalogue, in no job.',
  apply: (scope, use) => {
    for (const { gateway } of gatewaysOf(scope)) {
      if (gateway.terminating?.counted) use.leave(gateway.terminating, { class: 'dropped', text: 'it has no service' });
      for (const linked of gateway.terminating?.service ?? []) {
        const rest = itemsOf({ ...linked, name: undefined });
        if (rest.length > 0) {
          const todo = `Give the callers of ${linked.name?.value ?? 'the service'} its certificates.`;
          use.leave(rest, { class: 'manual', text: 'the gateway spoke TLS for its callers', todo });
        }
        if (linked.name) external(scope, { name: linked.name.value, item: linked.name }, use);
      }
    }
  },
};

function external(
  scope: ModuleScope,
  { name, item }: { readonly name: string; readonly item: NonNullable<Routed['name']> },
  use: Use,
): void {
  const place = externalOf(scope.project, name);
  if (!place) {
    const todo = `Answer external.${name} with the DNS name of the service, or write its Service by hand.`;
    use.leave(item, { class: 'manual', text: `where ${name} is stands in no job`, todo });
    return;
  }
  const called = fold(name);
  const spec = { type: 'ExternalName', externalName: use.take(item, place.host) };
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: called }, spec };
  scope.module.manifests.push({ kind: 'service', name: called, object });
}

const mesh: Rule<ModuleScope> = {
  id: 'connect.gateway-mesh',
  nomad: 'connect.gateway.mesh, gateway.proxy',
  kubernetes: 'nothing: datacenters of Consul are not joined any more',
  class: 'manual',
  why: 'What crossed a mesh gateway needs a way of its own.',
  apply: (scope, use) => {
    for (const { gateway, name } of gatewaysOf(scope)) {
      if (gateway.counted) use.leave(gateway, { todo: 'Decide what the gateway was for.' });
      const todo = `Decide who used the mesh gateway ${name}, and how they reach each other now.`;
      if (gateway.mesh) use.leave(itemsOf(gateway.mesh), { todo });
      if (gateway.proxy) {
        const items = itemsOf(gateway.proxy);
        if (items.length > 0) use.leave(items, { class: 'dropped', text: 'settings of a proxy that is gone' });
      }
    }
  },
};

/** Before what will be in no pod is removed. */
export const gatewayRemovals: readonly Rule<ModuleScope>[] = [gone];
/** When all groups are translated. */
export const gatewayRules: readonly Rule<ModuleScope>[] = [ingress, terminating, mesh];
