/** The addresses and ports of nodes that services get: each is given to one service only. Nothing answers at them. */
import { isIPv4 } from 'node:net';
import { type FieldProblem, invalidValue } from '../field.ts';
import { at, isObject, type Json, type JsonObject, listAt, numberAt, objectAt, textAt, textsAt } from '../json.ts';
import { invalid } from '../refusal.ts';
import type { Reading } from '../store.ts';

const SERVICES = 'services';
const RANGE = '10.96.0.0/16';
const NETWORK = [10, 96];
/** The first is that of the API itself on a cluster. */
const FIRST = 2;
const LAST = 256 * 256 - 2;
/** The network itself, and everybody in it. */
const EDGES = ['10.96.0.0', '10.96.255.255'];
const NODE_PORTS = { least: 30_000, most: 32_767 };

/** @throws Refusal 422 when what was asked for is taken, cannot be given, or nothing is left. */
export function allocateAddresses(service: JsonObject, reading: Reading, current: JsonObject | undefined): JsonObject {
  const spec = objectAt(service, 'spec');
  if (textAt(spec, 'type') === 'ExternalName') return service;
  const others = othersOf(reading, service);
  const named = textAt(spec, 'clusterIP') || textsAt(spec, 'clusterIPs')[0];
  const clusterIP = named ?? freeAddress(others);
  const given = named === undefined || textAt(current, 'spec', 'clusterIP') ? [] : addressProblems(named, others);
  const problems = given.length > 0 ? given : portProblems(listAt(spec, 'ports'), others);
  if (problems.length > 0) {
    throw invalid({ group: '', kind: 'Service' }, textAt(service, 'metadata', 'name') ?? '', problems);
  }
  const ports = withNodePorts(spec, others);
  return {
    ...service,
    spec: {
      ...spec,
      clusterIP,
      clusterIPs: at(spec, 'clusterIPs') ?? [clusterIP],
      ...familiesOf(spec, clusterIP),
      ...(ports.length === 0 ? {} : { ports }),
    },
  };
}

/** A service without an address and without pods of its own may be anywhere. */
function familiesOf(spec: JsonObject, clusterIP: string): JsonObject {
  const anywhere = clusterIP === 'None' && at(spec, 'selector') === undefined;
  const fallback = anywhere
    ? { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' }
    : { ipFamilies: [clusterIP.includes(':') ? 'IPv6' : 'IPv4'], ipFamilyPolicy: 'SingleStack' };
  return {
    ipFamilies: at(spec, 'ipFamilies') ?? fallback.ipFamilies,
    ipFamilyPolicy: at(spec, 'ipFamilyPolicy') ?? fallback.ipFamilyPolicy,
  };
}

interface Taken {
  readonly addresses: ReadonlySet<string>;
  readonly ports: ReadonlySet<number>;
}

function othersOf(reading: Reading, service: JsonObject): Taken {
  const own = textAt(service, 'metadata', 'uid');
  const others = reading.list(SERVICES).filter(({ object }) => textAt(object, 'metadata', 'uid') !== own);
  return {
    addresses: new Set(others.flatMap(({ object }) => textsAt(object, 'spec', 'clusterIPs'))),
    ports: new Set(
      others.flatMap(({ object }) =>
        listAt(object, 'spec', 'ports').flatMap((port) => numberAt(port, 'nodePort') ?? []),
      ),
    ),
  };
}

function freeAddress({ addresses }: Taken): string {
  for (let host = FIRST; host <= LAST; host += 1) {
    const address = [...NETWORK, host >> 8, host & 0xff].join('.');
    if (!addresses.has(address)) return address;
  }
  return ''; // 65,533 services: the problem is said by the caller's rules
}

/** Addresses that cannot be read are the business of the rules. */
function addressProblems(address: string, { addresses }: Taken): readonly FieldProblem[] {
  if (!isIPv4(address)) return [];
  const refuse = (why: string): FieldProblem[] => [
    invalidValue('spec.clusterIPs', [address], `failed to allocate IP ${address}: ${why}`),
  ];
  const inside = address.startsWith(`${NETWORK.join('.')}.`);
  if (!inside || EDGES.includes(address)) {
    return refuse(`the provided IP (${address}) is not in the valid range. The range of valid IPs is ${RANGE}`);
  }
  return addresses.has(address) ? refuse('provided IP is already allocated') : [];
}

function portProblems(ports: readonly Json[], others: Taken): readonly FieldProblem[] {
  return ports.flatMap((port, index) => {
    const nodePort = numberAt(port, 'nodePort') ?? 0;
    const field = `spec.ports[${index}].nodePort`;
    if (nodePort === 0) return [];
    if (others.ports.has(nodePort)) return [invalidValue(field, nodePort, 'provided port is already allocated')];
    const { least, most } = NODE_PORTS;
    if (nodePort >= least && nodePort <= most) return [];
    const text = `provided port is not in the valid range. The range of valid ports is ${least}-${most}`;
    return [invalidValue(field, nodePort, text)];
  });
}

function withNodePorts(spec: JsonObject, others: Taken): readonly Json[] {
  const ports = listAt(spec, 'ports');
  const balanced = textAt(spec, 'type') === 'LoadBalancer' && at(spec, 'allocateLoadBalancerNodePorts') !== false;
  if (textAt(spec, 'type') !== 'NodePort' && !balanced) return ports;
  const taken = new Set([...others.ports, ...ports.flatMap((port) => numberAt(port, 'nodePort') ?? [])]);
  return ports.map((port) => {
    if (!isObject(port) || numberAt(port, 'nodePort')) return port;
    let nodePort = NODE_PORTS.least;
    while (taken.has(nodePort)) nodePort += 1;
    taken.add(nodePort);
    return { ...port, nodePort };
  });
}
