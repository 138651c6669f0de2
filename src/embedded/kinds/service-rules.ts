/** Defaults and rules of Service (pkg/apis/core and pkg/registry/core/service, read in 1.36). */
import { isIP } from 'node:net';
import { sameJson } from '../../kube/patch.ts';
import { duplicate, type FieldProblem, invalidValue, notSupported, required } from '../field.ts';
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  textAt,
  textsAt,
  without,
} from '../json.ts';
import type { Rules } from '../kind.ts';
import { isLabel } from '../names.ts';
import { allocateAddresses } from './service-addresses.ts';

const CLIENT_SECONDS = 10_800;
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const AFFINITIES = ['ClientIP', 'None'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const LARGEST_PORT = 65_535;
const IP_TEXT = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

export const serviceRules: Rules = {
  defaults: withDefaults,
  create: (service) => ({ ...service, status: { loadBalancer: {} } }),
  update: (service, current) => withoutUnfit(withAddressesOf(service, current), current),
  allocate: allocateAddresses,
  problems: serviceProblems,
  updateProblems: addressProblems,
};

function withDefaults(service: JsonObject): JsonObject {
  const spec = objectAt(service, 'spec');
  const type = textAt(spec, 'type') || 'ClusterIP';
  const affinity = textAt(spec, 'sessionAffinity') || 'None';
  const outside = ['NodePort', 'LoadBalancer'].includes(type) || listAt(spec, 'externalIPs').length > 0;
  const inside = type !== 'ExternalName';
  const status = objectAt(service, 'status');
  return {
    ...service,
    spec: {
      ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
      ...(outside && inside ? { externalTrafficPolicy: 'Cluster' } : {}),
      ...(inside ? { internalTrafficPolicy: 'Cluster' } : {}),
      ...(affinity === 'ClientIP' ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: CLIENT_SECONDS } } } : {}),
      ...spec,
      type,
      sessionAffinity: affinity,
      ...(at(spec, 'ports') === undefined ? {} : { ports: listAt(spec, 'ports').map(withPortDefaults) }),
    },
    status: { loadBalancer: {}, ...status },
  };
}

function withPortDefaults(port: Json): Json {
  if (!isObject(port)) return port;
  const target = at(port, 'targetPort');
  const targetPort = target === undefined || target === 0 || target === '' ? (at(port, 'port') ?? 0) : target;
  return { protocol: 'TCP', ...port, targetPort };
}

/** Somebody who does not know what was chosen for the service does not want to give it up. */
function withAddressesOf(service: JsonObject, current: JsonObject): JsonObject {
  const [spec, before] = [objectAt(service, 'spec'), objectAt(current, 'spec')];
  if (textAt(spec, 'type') === 'ExternalName') {
    return { ...service, spec: without(spec, 'clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy') };
  }
  const kept = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'].flatMap((name): [string, Json][] => {
    const value = at(before, name);
    return value === undefined || at(spec, name) !== undefined ? [] : [[name, value]];
  });
  const ports = listAt(spec, 'ports').map((port) => withNodePortOf(port, spec, before));
  return {
    ...service,
    spec: { ...spec, ...Object.fromEntries(kept), ...(ports.length === 0 ? {} : { ports }) },
  };
}

/** What another type had, and nobody changed, goes with the type. */
function withoutUnfit(service: JsonObject, current: JsonObject): JsonObject {
  const [spec, before] = [objectAt(service, 'spec'), objectAt(current, 'spec')];
  const type = textAt(spec, 'type') ?? '';
  const outside = ['NodePort', 'LoadBalancer'].includes(type) || listAt(spec, 'externalIPs').length > 0;
  const unfit = [
    ...(outside ? [] : ['externalTrafficPolicy']),
    ...(type === 'LoadBalancer' ? [] : ['allocateLoadBalancerNodePorts', 'loadBalancerClass', 'healthCheckNodePort']),
    ...(type === 'ExternalName' ? ['internalTrafficPolicy'] : []),
  ].filter((name) => sameJson(at(spec, name) ?? null, at(before, name) ?? null));
  return { ...service, spec: without(spec, ...unfit) };
}

function withNodePortOf(port: Json, spec: JsonObject, before: JsonObject): Json {
  if (!isObject(port)) return port;
  if (!['NodePort', 'LoadBalancer'].includes(textAt(spec, 'type') ?? '')) return without(port, 'nodePort');
  if (numberAt(port, 'nodePort')) return port;
  const same = listAt(before, 'ports').find(
    (other) => at(other, 'port') === at(port, 'port') && at(other, 'protocol') === at(port, 'protocol'),
  );
  const nodePort = numberAt(same, 'nodePort');
  return nodePort === undefined ? port : { ...port, nodePort };
}

function serviceProblems(service: JsonObject): readonly FieldProblem[] {
  const type = textAt(service, 'spec', 'type') ?? '';
  const affinity = textAt(service, 'spec', 'sessionAffinity') ?? '';
  const external = type === 'ExternalName' && !textAt(service, 'spec', 'externalName');
  return [
    ...portsProblems(service),
    ...(TYPES.includes(type) ? [] : [notSupported('spec.type', type, TYPES)]),
    ...(external ? [required('spec.externalName')] : []),
    ...(AFFINITIES.includes(affinity) ? [] : [notSupported('spec.sessionAffinity', affinity, AFFINITIES)]),
    ...textsAt(service, 'spec', 'clusterIPs').flatMap((address, index) =>
      address === 'None' || isIP(address) > 0 ? [] : [invalidValue(`spec.clusterIPs[${index}]`, address, IP_TEXT)],
    ),
    ...textsAt(service, 'spec', 'externalIPs').flatMap((address, index) =>
      isIP(address) > 0 ? [] : [invalidValue(`spec.externalIPs[${index}]`, address, IP_TEXT)],
    ),
  ];
}

function portsProblems(service: JsonObject): readonly FieldProblem[] {
  const ports = listAt(service, 'spec', 'ports');
  const headless = textAt(service, 'spec', 'clusterIP') === 'None';
  const external = textAt(service, 'spec', 'type') === 'ExternalName';
  if (ports.length === 0 && !headless && !external) return [required('spec.ports')];
  const seen = new Set<string>();
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const field = `spec.ports[${index}]`;
    const name = textAt(port, 'name') ?? '';
    const key = `${String(at(port, 'protocol'))} ${String(at(port, 'port'))}`;
    const repeated = seen.has(key);
    const named = names.has(name) && name !== '' ? [duplicate(`${field}.name`, name)] : [];
    seen.add(key);
    names.add(name);
    return [
      ...portNameProblems(name, `${field}.name`, ports.length > 1),
      ...named,
      ...portProblems(port, field),
      ...(repeated ? [duplicate(field, printedPort(port))] : []),
    ];
  });
}

function portNameProblems(name: string, field: string, needed: boolean): readonly FieldProblem[] {
  if (name === '') return needed ? [required(field)] : [];
  return isLabel(name).map((text) => invalidValue(field, name, text));
}

function portProblems(port: Json, field: string): readonly FieldProblem[] {
  const protocol = textAt(port, 'protocol') ?? '';
  return [
    ...numberProblems(at(port, 'port') ?? 0, `${field}.port`),
    ...(PROTOCOLS.includes(protocol) ? [] : [notSupported(`${field}.protocol`, protocol, PROTOCOLS)]),
    ...numberProblems(at(port, 'targetPort') ?? 0, `${field}.targetPort`),
  ];
}

function numberProblems(number: Json, field: string): readonly FieldProblem[] {
  if (typeof number !== 'number' || (number >= 1 && number <= LARGEST_PORT)) return [];
  return [invalidValue(field, number, `must be between 1 and ${LARGEST_PORT}, inclusive`)];
}

/** As the server's own type prints what makes two ports the same. */
function printedPort(port: Json): JsonObject {
  return {
    Name: '',
    Protocol: at(port, 'protocol') ?? '',
    AppProtocol: null,
    Port: at(port, 'port') ?? 0,
    TargetPort: 0,
    NodePort: 0,
  };
}

function addressProblems(service: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const [before] = textsAt(current, 'spec', 'clusterIPs');
  const addresses = textsAt(service, 'spec', 'clusterIPs');
  const external = [service, current].some((each) => textAt(each, 'spec', 'type') === 'ExternalName');
  if (external || before === undefined || addresses[0] === before) return [];
  return [invalidValue('spec.clusterIPs[0]', addresses, 'may not change once set')];
}
