import type { Note } from './account.ts';
import { addEdge, type Caller } from './edge.ts';
import type { GroupPort } from './network/port.ts';
import type { GroupScope } from './scope.ts';
import type { ServiceTarget } from './service-index.ts';

/** A name of Consul's DNS, taken apart (https://developer.hashicorp.com/consul/docs/discover/service/static). */
interface ConsulName {
  readonly service: string;
  readonly kind: 'service' | 'virtual' | 'connect' | 'ingress' | 'srv';
  readonly tag?: string;
  readonly datacenter?: string;
  readonly peer?: string;
}

/** Ports that a client takes where a URL has none. */
const defaultPorts: Readonly<Record<string, number>> = {
  amqp: 5672,
  amqps: 5671,
  http: 80,
  https: 443,
  ldap: 389,
  ldaps: 636,
  mongodb: 27017,
  mqtt: 1883,
  mqtts: 8883,
  mysql: 3306,
  nats: 4222,
  postgres: 5432,
  postgresql: 5432,
  redis: 6379,
  rediss: 6379,
  valkey: 6379,
  valkeys: 6379,
  ws: 80,
  wss: 443,
};

const pattern =
  /(?<![\w.-])(?:([a-z][a-z0-9+.-]*):\/\/([^\s/@"'`<>]*@)?)?((?:[a-z0-9_-]+\.)+consul)(?![\w-]|\.\w)(?::(\d+)(?!\d))?/gi;

export interface Rewritten {
  readonly text: string;
  readonly notes: readonly Note[];
}

/** The DNS name of a Service. */
export function hostOf({ name, namespace }: ServiceTarget): string {
  return `${name}.${namespace}.svc.cluster.local`;
}

/**
 * Names of Consul's DNS become names of Services, with the port that the Service really has. A name that no converted
 * job stands behind stays as it is and is a note. Each name found is an edge for the policies.
 */
export function rewriteHosts(text: string, scope: GroupScope, from: Caller = scope.workload): Rewritten {
  const notes: Note[] = [];
  const rewritten = text.replaceAll(
    pattern,
    (written: string, scheme: string | undefined, user: string | undefined, host: string, port: string | undefined) => {
      const found = find(host, scope);
      if (found.kind === 'kept') {
        notes.push(keptNote(host, found.why, scope));
        return written;
      }
      const { target, name } = found;
      addEdge(scope.project.edges, { from, to: target, why: `it speaks of ${host}`, items: [] });
      const place = placed({ scheme, port, target, name });
      notes.push(place.note ?? { text: `${host} is the Service ${target.name}` });
      return `${scheme === undefined ? '' : `${scheme}://`}${user ?? ''}${place.host}${place.port}`;
    },
  );
  return { text: rewritten, notes };
}

/** A name of Consul's DNS in a text, and what a person should know of what it became. */
export interface NameFound {
  readonly host: string;
  readonly kind: ConsulName['kind'];
  readonly note: Note;
}

/** What `rewriteHosts` makes of a text, without doing it. */
export function hostsIn(text: string, scope: GroupScope): readonly NameFound[] {
  return [...text.matchAll(pattern)].map(([, scheme, , host = '', port]): NameFound => {
    const kind = parse(host)?.kind ?? 'service';
    const found = find(host, scope);
    if (found.kind === 'kept') return { host, kind, note: keptNote(host, found.why, scope) };
    const { note } = placed({ scheme, port, target: found.target, name: found.name });
    return { host, kind, note: note ?? { text: `${host} is the Service ${found.target.name}` } };
  });
}

function keptNote(host: string, why: string, { workload }: GroupScope): Note {
  return {
    class: 'manual',
    text: `${host} stays: ${why}`,
    todo: `Give ${workload.name} an address for ${host} that pods can reach.`,
  };
}

type Found =
  | { readonly kind: 'found'; readonly target: ServiceTarget; readonly name: ConsulName }
  | { readonly kind: 'kept'; readonly why: string };

function find(host: string, { project }: GroupScope): Found {
  const name = parse(host);
  if (!name) return { kind: 'kept', why: 'it is no name of a service' };
  if (name.peer !== undefined) return { kind: 'kept', why: `it is a service of the peer ${name.peer}` };
  const target = project.services.get(name.service);
  if (!target) return { kind: 'kept', why: `no job that was converted has a service ${name.service}` };
  if (target.port === undefined) return { kind: 'kept', why: `the service ${name.service} has no port, so no Service` };
  if (name.datacenter !== undefined && isAbroad(name.datacenter, project))
    return { kind: 'kept', why: `it is a service of the datacenter ${name.datacenter}` };
  return { kind: 'found', target, name };
}

function isAbroad(datacenter: string, { modules }: GroupScope['project']): boolean {
  const homes = modules.flatMap(({ job }) => job.datacenters?.value ?? []);
  return homes.length > 0 && !homes.some((home) => home === datacenter || /[*?]/.test(home));
}

const kindOf = (label: string | undefined): ConsulName['kind'] | undefined =>
  (['service', 'virtual', 'connect', 'ingress'] as const).find((kind) => kind === label);

function parse(host: string): ConsulName | undefined {
  const labels = host.toLowerCase().split('.').slice(0, -1);
  const [first, second] = labels;
  if (first?.startsWith('_') && second?.startsWith('_')) {
    const rest = qualifiers(labels.slice(labels[2] === 'service' ? 3 : 2));
    const tag = second === '_tcp' || second === '_udp' ? {} : { tag: second.slice(1) };
    return { service: first.slice(1), kind: 'srv', ...tag, ...rest };
  }
  const at = labels.findLastIndex((label) => kindOf(label) !== undefined);
  const kind = kindOf(labels[at]);
  const service = labels[at - 1];
  if (!kind || service === undefined) return undefined;
  const tag = labels.slice(0, at - 1).join('.');
  return { service, kind, ...(tag === '' ? {} : { tag }), ...qualifiers(labels.slice(at + 1)) };
}

/** `dc1`, or pairs: `NAME.ns`, `NAME.ap`, `NAME.dc`, `NAME.peer`. A namespace or partition does not change the name here. */
function qualifiers(labels: readonly string[]): Pick<ConsulName, 'datacenter' | 'peer'> {
  const pair = (type: string): string | undefined => {
    const at = labels.findIndex((label, index) => index > 0 && label === type);
    return at > 0 ? labels[at - 1] : undefined;
  };
  const alone = labels.length === 1 ? labels[0] : undefined;
  const datacenter = pair('dc') ?? alone;
  const peer = pair('peer');
  return { ...(datacenter === undefined ? {} : { datacenter }), ...(peer === undefined ? {} : { peer }) };
}

interface Placing {
  readonly scheme: string | undefined;
  readonly port: string | undefined;
  readonly target: ServiceTarget;
  readonly name: ConsulName;
}

interface Placed {
  readonly host: string;
  /** With its colon, or empty. */
  readonly port: string;
  readonly note?: Note;
}

function placed({ scheme, port, target, name }: Placing): Placed {
  const host = hostOf(target);
  const [main] = target.ports;
  if (!main) return { host, port: port === undefined ? '' : `:${port}` };
  if (name.kind === 'srv') {
    return { host: `_${main.name}._${main.protocols[0] === 'UDP' ? 'udp' : 'tcp'}.${host}`, port: '' };
  }
  const tagged: { note?: Note } =
    name.tag === undefined
      ? {}
      : { note: { class: 'approximate', text: `${target.name} has no tags: ${name.tag} chooses nothing` } };
  if (port !== undefined) return { host, ...explicit(Number(port), target), ...tagged };
  const usual = scheme === undefined ? undefined : defaultPorts[scheme.toLowerCase()];
  if (target.ports.some(({ number }) => number === usual)) return { host, port: '', ...tagged };
  if (usual !== undefined) return { host, port: `:${main.number}`, ...tagged };
  const text = `${host} listens on ${main.number}; no port stands beside the name`;
  const before = portBefore(main, name);
  const todo = `See that whoever reads ${host} uses port ${main.number}: ${before}.`;
  return { host, port: '', ...tagged, note: { class: 'approximate', text, ...(before === undefined ? {} : { todo }) } };
}

/** What stood for the port of a service until now; undefined where it was the same number. */
function portBefore({ number, host, block }: GroupPort, { kind }: ConsulName): string | undefined {
  if (kind === 'virtual') return 'the mesh took any port for it';
  const fixed = host ?? block?.static?.value ?? (block ? undefined : number);
  if (fixed === number) return undefined;
  return fixed === undefined ? 'Nomad chose its port on a node' : `its port on a node was ${fixed}`;
}

/** A port that the Service has; the number on the node that stood for one; else, as the mesh took any, the first. */
function explicit(port: number, { ports, name }: ServiceTarget): Pick<Placed, 'port' | 'note'> {
  if (ports.some(({ number }) => number === port)) return { port: `:${port}` };
  const behind = ports.find(({ host }) => host === port) ?? ports[0];
  if (!behind) return { port: `:${port}` };
  const text = `port ${port} is ${behind.number} at the Service ${name}`;
  return { port: `:${behind.number}`, note: { class: 'approximate', text } };
}
