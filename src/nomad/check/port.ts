import type { Item } from '../jobspec/field.ts';
import type { Network, Task } from '../jobspec/job.ts';
import { dig, fields, maps, word } from './dig.ts';
import { atItem, type Finding } from './finding.ts';
import {
  type Check,
  type GroupSubject,
  groupsOf,
  type ServiceSubject,
  type Subject,
  servicesOf,
  settingsOf,
} from './subject.ts';
import type { WrittenManifest } from './tree.ts';
import { hasLabels, labelOf, textMap, type Workload } from './workload.ts';

/** C4: ports of the job are ports of the containers, and every service with a port has a Service that reaches it. */
export const port: Check = {
  id: 'C4',
  title: 'ports',
  run: (subject) => [
    ...groupsOf(subject).flatMap((group) => portFindings(subject, group)),
    ...servicesOf(subject).flatMap((service) => serviceFindings(subject, service)),
  ],
};

interface Labelled {
  readonly label: string;
  readonly item: Network['port'][number];
  /** Where the application listens; absent where Nomad chooses. */
  readonly number?: number;
}

/** All ports of a group, by Nomad's own meaning: docker's `port_map`, else `to`, else the static one. */
export function portsOf({ group }: GroupSubject): readonly Labelled[] {
  const mapped = new Map(group.task.flatMap(portMap));
  const networks = [...group.network, ...group.task.flatMap(({ resources }) => resources?.network ?? [])];
  return networks.flatMap((network) =>
    [...network.port, ...network.reserved_ports].map((item): Labelled => {
      const to = item.to?.value ?? 0;
      const number = mapped.get(item.label.text) ?? (to > 0 ? to : item.static?.value);
      return { label: item.label.text, item, ...(number === undefined ? {} : { number }) };
    }),
  );
}

/** How jobs before 0.12 said `to`. */
function portMap({ config }: Task): readonly (readonly [label: string, number: number])[] {
  const { port_map: written } = settingsOf(config);
  return [written, ...maps(written)].flatMap((each) =>
    Object.entries(fields(each)).map(([label, number]) => [label, Number(word(number))] as const),
  );
}

/** Ports that only Envoy listened on: `expose` gives them away. */
export function proxyPorts({ group }: GroupSubject): ReadonlySet<string> {
  const services = [...group.service, ...group.task.flatMap((task) => task.service)];
  const paths = services.flatMap(({ connect }) => connect?.sidecar_service?.proxy?.expose?.path ?? []);
  return new Set(paths.flatMap(({ listener_port: listener }) => (listener ? [listener.value] : [])));
}

/** Parts of a port that may have an account. */
function partsOf({ item }: Labelled): readonly Item[] {
  return [item.item, item.to, item.static].flatMap((each) => each ?? []);
}

/** Whether a port is that of the job, or one that the report names in the place of it. */
export function isMeant({ report }: Pick<Subject, 'report'>, labelled: Labelled, port: unknown): boolean {
  return port === labelled.number || partsOf(labelled).some((each) => report.names(each, `port ${word(port)}`));
}

function portFindings(subject: Subject, group: GroupSubject): readonly Finding[] {
  const proxy = proxyPorts(group);
  return portsOf(group).flatMap((labelled): readonly Finding[] => {
    const { label, item, number } = labelled;
    if (number === undefined || proxy.has(label) || partsOf(labelled).some((each) => subject.report.lost(each)))
      return [];
    return (
      group.workloads
        .filter(
          (workload) => !containerPorts(workload).some((each) => isMeant(subject, labelled, each['containerPort'])),
        )
        // on the network of the node nothing is mapped: a port of another number need not be declared
        .filter(
          ({ pod }) => pod['hostNetwork'] !== true || !partsOf(labelled).some((each) => subject.report.tells(each)),
        )
        .map((workload) => ({
          check: 'C4',
          severity: 'error',
          file: workload.manifest.file,
          line: workload.manifest.lineOf(...workload.podPath, 'containers'),
          object: labelOf(workload),
          message: `no container has the port ${number} (${label} at ${item.at.file}:${item.at.line})`,
          todo: `Add containerPort ${number}.`,
        }))
    );
  });
}

function containerPorts({ containers }: Workload): readonly Readonly<Record<string, unknown>>[] {
  return containers.flatMap(({ spec }) => maps(spec['ports']));
}

function serviceFindings(subject: Subject, { of, service }: ServiceSubject): readonly Finding[] {
  const { report, tree } = subject;
  // what the mesh's proxy forwarded to is where the application listens
  const local = service.connect?.sidecar_service?.proxy?.local_service_port?.value;
  const number = service.port === undefined ? undefined : (local ?? servicePort(of, service.port.value));
  if (number === undefined || report.lost(service) || (service.port && report.lost(service.port))) return [];
  if (service.name && report.lost(service.name)) return [];
  const labelled = portsOf(of).find(({ label }) => label === service.port?.value);
  const isWanted = (port: unknown): boolean =>
    port === number || (labelled?.number === number && isMeant(subject, labelled, port));
  const services = tree.modules.flatMap(({ manifests }) => manifests.filter(({ kind }) => kind === 'Service'));
  return of.workloads.flatMap((workload): readonly Finding[] => {
    if (services.some((each) => reaches(each, workload, isWanted))) return [];
    const label = service.name?.value ?? service.path;
    const message = `no Service reaches port ${number} of ${labelOf(workload)}, which the service ${label} was for`;
    const todo = `Add a Service whose selector finds its pods, with targetPort ${number}.`;
    return [{ check: 'C4', severity: 'error', ...atItem(service), message, todo }];
  });
}

/** The application's port of a service: a number, or that of the label. */
export function servicePort(of: GroupSubject, written: string | undefined): number | undefined {
  if (written === undefined || written === '') return undefined;
  if (/^\d+$/.test(written)) return Number(written);
  return portsOf(of).find(({ label }) => label === written)?.number;
}

/** Whether a Service leads to such a port of these pods. */
function reaches(
  { object, namespace }: WrittenManifest,
  workload: Workload,
  isWanted: (port: unknown) => boolean,
): boolean {
  const selector = textMap(dig(object, 'spec', 'selector'));
  if (Object.keys(selector).length === 0 || namespace !== workload.manifest.namespace) return false;
  return (
    hasLabels(workload.labels, selector) &&
    maps(dig(object, 'spec', 'ports')).some((each) => isWanted(targetOf(each, workload)))
  );
}

function targetOf(entry: Readonly<Record<string, unknown>>, workload: Workload): number | undefined {
  const target = entry['targetPort'] ?? entry['port'];
  if (typeof target === 'number') return target;
  const named = containerPorts(workload).find(({ name }) => name === target);
  return named && Number(word(named['containerPort']));
}
