import { nameOver, portNamed, portsOf } from '../network/port.ts';
import type { GroupScope } from '../scope.ts';
import { patchService } from '../service/service-rules.ts';
import type { ServiceTarget } from '../service-index.ts';
import { type Branch, isList, Sourced, type Tree } from '../sourced.ts';
import {
  loadBalancerOptions,
  type OptionTable,
  tcpLoadBalancerOptions,
  udpLoadBalancerOptions,
} from './option-table.ts';
import { type OptionValue, place, put } from './options.ts';
import { resolve } from './reference.ts';
import { type Declared, type Option, optionOf } from './tag.ts';

/** The service of a route: which Service, which port, and what the tags say of how it is called, or else something else. */
export function backendOf(
  scope: GroupScope,
  target: ServiceTarget,
  behind: Declared | undefined,
  otherwise: Branch = {},
): Tree {
  const tree: Record<string, OptionValue> = {};
  for (const option of behind?.options ?? []) {
    const [, ...path] = option.path;
    const placed = place(tableOf(behind), { path: withoutServer(path), value: option.value });
    if (placed.kind === 'placed' && !ofKubelet(path)) put(tree, placed.path, placed.value);
  }
  const transport = tree['serversTransport'];
  if (typeof transport === 'string') {
    const reference = resolve(transport, 'serverstransports', scope);
    tree['serversTransport'] = reference.kind === 'own' ? nameIn(reference, target.namespace) : transport;
  }
  const items = (behind?.options ?? []).map(({ item }) => item);
  const port = 'port' in otherwise ? {} : { port: portOf(scope, target, behind) };
  const service: Branch = { name: target.name, ...port, ...otherwise, ...tree };
  return items.length === 0 ? service : new Sourced(service, items);
}

/** Of another namespace it needs Traefik's allowCrossNamespace. */
function nameIn({ name, namespace }: { readonly name: string; readonly namespace: string }, own: string): string {
  return namespace === own ? name : `${namespace}-${name}@kubernetescrd`;
}

const tables: Readonly<Record<Declared['protocol'], OptionTable>> = {
  http: loadBalancerOptions,
  tcp: tcpLoadBalancerOptions,
  udp: udpLoadBalancerOptions,
};

export function tableOf(behind: Declared | undefined): OptionTable {
  return behind === undefined ? {} : tables[behind.protocol];
}

/** The port of a route of UDP: by name where the Service has its number over TCP too. */
export function udpPortOf(scope: GroupScope, target: ServiceTarget, behind: Declared | undefined): number | string {
  const number = portOf(scope, target, behind, 'UDP');
  const port = portsOf(scope.group).find((each) => each.number === number);
  return port && port.protocols.length > 1 ? nameOver(port, 'UDP') : number;
}

/** `server.scheme` is `scheme` of the route's service; `server.port` is its port. */
export function withoutServer(path: readonly string[]): readonly string[] {
  return path[0]?.toLowerCase() === 'server' ? path.slice(1) : path;
}

/** The health checks of a Service are the probes of its pods. */
export function ofKubelet(path: readonly string[]): boolean {
  return /^healthcheck$/i.test(path[0] ?? '');
}

export function portOf(
  scope: GroupScope,
  target: ServiceTarget,
  behind: Declared | undefined,
  protocol: 'TCP' | 'UDP' = 'TCP',
): number {
  const option = behind && serverPort(behind);
  const usual = target.port ?? 80;
  if (!option || !/^\d+$/.test(option.value)) return usual;
  const wanted = Number(option.value);
  const known = portsOf(scope.group).find(({ number, host }) => number === wanted || host === wanted);
  const number = known?.number ?? wanted;
  if (!target.ports.some((port) => port.number === number)) addServicePort(scope, target, { number, protocol });
  return number;
}

export function serverPort(behind: Declared): Option | undefined {
  return optionOf(behind, 'loadbalancer', 'server', 'port');
}

interface Wanted {
  readonly number: number;
  readonly protocol: 'TCP' | 'UDP';
}

function addServicePort({ module, group }: GroupScope, target: ServiceTarget, { number, protocol }: Wanted): void {
  const named = portNamed(portsOf(group), String(number));
  const own = named && protocol === 'UDP' ? nameOver(named, protocol) : named?.name;
  const name = own ?? `port-${number}`;
  const udp = protocol === 'UDP' ? { protocol } : {};
  patchService(module, target.name, (object) => {
    const spec = object['spec'];
    if (typeof spec !== 'object' || spec === null || Array.isArray(spec) || !('ports' in spec)) return object;
    const ports = listOf(spec['ports']);
    if (ports.some((port) => JSON.stringify(port).includes(`"port":${number},`))) return object;
    return {
      ...object,
      spec: { ...spec, ports: [...ports, { name, port: number, targetPort: own ?? number, ...udp }] },
    };
  });
}

function listOf(tree: Tree | undefined): readonly Tree[] {
  const value = tree instanceof Sourced ? tree.value : tree;
  return isList(value) ? value : [];
}
