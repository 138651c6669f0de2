import type { Group, Network, Service, Task } from '../../jobspec/job.ts';
import { bodiesOf } from '../../jobspec/read.ts';
import { plain } from '../../source/node.ts';
import { foldPort } from '../fold.ts';

/** A `port` block of a network. */
export type PortBlock = Network['port'][number];

/** A port of a group, as its containers will listen on it. */
export interface GroupPort {
  /** As the job calls it; the number itself where a service or a check gives a bare number. */
  readonly label: string;
  /** Of the container's port; unique in the pod. */
  readonly name: string;
  readonly number: number;
  /** On the node, where the job asks for a certain one. */
  readonly host?: number;
  /** The job has no number for it: Nomad picks one, so this one was picked here, and the application must be told. */
  readonly chosen: boolean;
  readonly protocols: readonly ('TCP' | 'UDP')[];
  /** Label of the task whose container gets it. */
  readonly task: string | undefined;
  /** Absent for a bare number. */
  readonly block?: PortBlock;
}

/** Nomad's own range for ports that it picks begins here (DefaultMinDynamicPort of Nomad 1.11). */
const FIRST_DYNAMIC = 20_000;

/** Ports that are spoken over UDP as well, or only (IANA's registry): Nomad opens both for every port. */
const overUdp = new Set([53, 67, 68, 69, 123, 161, 162, 500, 514, 1194, 1900, 3478, 4500, 5060, 5349, 5353, 51820]);

/** All ports of a group that its own containers listen on. What only the mesh's proxy listens on is not among them. */
export function portsOf(group: Group): readonly GroupPort[] {
  const blocks = blocksOf(group);
  const hosted = group.network.some(({ mode }) => mode?.value === 'host');
  const taken = blocks.flatMap(({ block }) => numberOf(group, block, hosted) ?? []);
  const ports: GroupPort[] = [];
  for (const { block, task } of blocks) {
    const label = block.label.text;
    if (proxyOnly(group, label) || ports.some((port) => port.label === label)) continue;
    const number = numberOf(group, block, hosted);
    const host = hosted ? undefined : block.static?.value;
    const owner = ownerOf(group, label, task);
    // a container's port is one port, however many labels it has
    const twin = ports.find((port) => port.number === number && port.task === owner);
    ports.push({
      label,
      name: twin?.name ?? unique(foldPort(label), ports),
      number: number ?? free([...taken, ...ports.map((port) => port.number)]),
      ...(host === undefined ? {} : { host }),
      chosen: number === undefined,
      protocols: protocolsOf(group, label, number),
      task: owner,
      block,
    });
  }
  return [...ports, ...bare(group, ports)];
}

/** The blocks of a group's networks and, as jobs before 0.12 have them, of its tasks' resources. */
export function blocksOf(group: Group): readonly { readonly block: PortBlock; readonly task?: string }[] {
  const of = (network: Network): readonly PortBlock[] => [...network.port, ...network.reserved_ports];
  return [
    ...group.network.flatMap(of).map((block) => ({ block })),
    ...group.task.flatMap((task) =>
      (task.resources?.network ?? []).flatMap(of).map((block) => ({ block, task: task.label.text })),
    ),
  ];
}

/** What a container and a Service call a port: where it is spoken over both protocols, they are two ports. */
export function nameOver({ name, protocols }: GroupPort, protocol: 'TCP' | 'UDP'): string {
  return protocol === protocols[0] ? name : `${name.slice(0, 11)}-udp`;
}

/** The port that a service or a check means: a label, or a bare number. */
export function portNamed(ports: readonly GroupPort[], text: string): GroupPort | undefined {
  return ports.find(({ label }) => label === text) ?? ports.find(({ number }) => String(number) === text);
}

/**
 * Whether only the mesh's proxy listens on a port: an exposed path has it as its listener, or nothing but a service's
 * meta speaks of it. In Kubernetes nothing listens there.
 */
export function proxyOnly(group: Group, label: string): boolean {
  const services = servicesOf(group).map(({ service }) => service);
  const spoken = services.some(
    ({ port, check }) =>
      port?.value === label || check.some((each) => each.port?.value === label && !each.expose.value),
  );
  const proxies = services.flatMap(({ connect }) => connect?.sidecar_service?.proxy ?? []);
  const listener = proxies.some(({ expose }) => expose?.path.some(({ listener_port: at }) => at?.value === label));
  if (listener) return !services.some(({ port }) => port?.value === label);
  if (spoken || group.task.some((task) => portLabels(task).has(label))) return false;
  const meshed = services.some(({ connect }) => connect?.sidecar_service);
  const inMeta = services.some(({ meta }) => meta.some(({ value }) => mentions(value, label)));
  return meshed && inMeta && !group.task.some((task) => taskMentions(task, label));
}

/** Services of a group and of its tasks, in source order. */
export function servicesOf(group: Group): readonly { readonly service: Service; readonly task?: string }[] {
  return [
    ...group.service.map((service) => ({ service, ...taskOf(service.task?.value) })),
    ...group.task.flatMap((task) => task.service.map((service) => ({ service, task: task.label.text }))),
  ];
}

/** Where the proxy finds the application, if not at the service's own port. */
export function localPort({ connect }: Service): number | undefined {
  return connect?.sidecar_service?.proxy?.local_service_port?.value;
}

function taskOf(task: string | undefined): { readonly task?: string } {
  return task === undefined || task === '' ? {} : { task };
}

function mentions(text: string, label: string): boolean {
  return text.includes(`_${label}}`) || text.includes(`_${label.replaceAll(/[^A-Za-z0-9_]/g, '_')}}`);
}

function taskMentions(task: Task, label: string): boolean {
  const texts = [
    ...task.env.map(({ value }) => value),
    ...task.template.map(({ data }) => data?.value ?? ''),
    JSON.stringify((task.config?.body.attributes ?? []).map(({ value }) => plain(value))),
  ];
  const name = label.replaceAll(/[^A-Za-z0-9_]/g, '_');
  return texts.some((text) => new RegExp(`NOMAD_\\w*_${name}\\b`).test(text) || mentions(text, label));
}

/** Labels that a task publishes: `ports`, and `port_map` with numbers of the container. */
function portLabels(task: Task): ReadonlyMap<string, number | undefined> {
  if (!task.config) return new Map();
  const { path, body } = task.config;
  const listed = body.attributes
    .filter(({ name }) => name === 'ports')
    .map(({ value }) => plain(value))
    .flatMap((value) => (Array.isArray(value) ? value.map(String) : []));
  const mapped = bodiesOf('port_map', { path, body }).flatMap((source) => source.body.attributes);
  return new Map<string, number | undefined>([
    ...listed.map((label) => [label, undefined] as const),
    ...mapped.map(({ name, value }) => [name, numeric(value.kind === 'scalar' ? value.value : null)] as const),
  ]);
}

function numeric(value: string | number | boolean | null): number | undefined {
  const number = Number(value);
  return value !== null && Number.isInteger(number) && number > 0 ? number : undefined;
}

/** `to`, else what `port_map` says, else the number on the node, which is then the container's too; -1 and 0 mean that. */
function numberOf(group: Group, block: PortBlock, hosted: boolean): number | undefined {
  if (hosted) return block.static?.value;
  const to = block.to?.value ?? 0;
  if (to > 0) return to;
  const mapped = group.task
    .map((task) => portLabels(task).get(block.label.text))
    .find((number) => number !== undefined);
  return mapped ?? block.static?.value;
}

function ownerOf(group: Group, label: string, task: string | undefined): string | undefined {
  const publishing = group.task.find((each) => portLabels(each).has(label))?.label.text;
  const serving = servicesOf(group).find(({ service }) => service.port?.value === label)?.task;
  return task ?? publishing ?? serving ?? mainOf(group);
}

/** The first task that is not only there before or beside the others. */
function mainOf(group: Group): string | undefined {
  return (group.task.find(({ lifecycle }) => !lifecycle) ?? group.task[0])?.label.text;
}

function protocolsOf(group: Group, label: string, number: number | undefined): GroupPort['protocols'] {
  if (/udp|quic|wireguard/i.test(label)) return ['UDP'];
  const known = number !== undefined && overUdp.has(number);
  return known || routedOverUdp(group, label, number) ? ['TCP', 'UDP'] : ['TCP'];
}

/** Whether Traefik was told to send UDP there: to the port of the service that has the tags, or to the one that they name. */
function routedOverUdp(group: Group, label: string, number: number | undefined): boolean {
  return servicesOf(group).some(({ service: { tags, port } }) => {
    const udp = (tags?.value ?? []).filter((tag) => /^traefik\.udp\./i.test(tag));
    if (!udp.some((tag) => /^traefik\.udp\.routers\./i.test(tag))) return false;
    const named = udp.flatMap((tag) => /\.loadbalancer\.server\.port=(.+)$/i.exec(tag)?.[1]?.trim() ?? []);
    return named.length === 0 ? port?.value === label : named.some((each) => each === String(number));
  });
}

function free(taken: readonly number[]): number {
  let number = FIRST_DYNAMIC;
  while (taken.includes(number)) number += 1;
  return number;
}

function unique(name: string, ports: readonly GroupPort[]): string {
  if (!ports.some((port) => port.name === name)) return name;
  for (let count = 2; ; count += 1) {
    const tried = `${name.slice(0, 14 - String(count).length)}-${count}`;
    if (!ports.some((port) => port.name === tried)) return tried;
  }
}

/** Numbers that services and checks give without a label, and that no label stands for. */
function bare(group: Group, labelled: readonly GroupPort[]): readonly GroupPort[] {
  const ports: GroupPort[] = [];
  for (const { service, task } of servicesOf(group)) {
    const gateway = service.connect?.gateway !== undefined;
    const local = localPort(service);
    const given = gateway ? [] : [service.port, ...service.check.map(({ port }) => port)].map((field) => field?.value);
    for (const text of [...given, ...(local === undefined ? [] : [String(local)])]) {
      const number = text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
      const all = [...labelled, ...ports];
      if (number < 1 || number > 65_535 || portNamed(all, String(number))) continue;
      ports.push({
        label: String(number),
        name: unique(`port-${number}`, all),
        number,
        chosen: false,
        protocols: protocolsOf(group, String(number), number),
        task: task ?? mainOf(group),
      });
    }
  }
  return ports;
}
