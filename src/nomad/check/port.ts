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

function portFindings({ report }: Subject, group: GroupSubject): readonly Finding[] {
  const proxy = proxyPorts(group);
  return portsOf(group).flatMap(({ label, item, number }): readonly Finding[] => {
    const parts = [item, item.to, item.static].filter((each) => each !== undefined && 'path' in each);
    if (number === undefined || proxy.has(label) || parts.some((each) => report.lost(each))) return [];
    return group.workloads
      .filter((workload) => !containerPorts(workload).some(({ containerPort }) => containerPort === number))
      .map((workload) => ({
        check: 'C4',
        severity: 'error',
        file: workload.manifest.file,
        line: workload.manifest.lineOf(...workload.podPath, 'containers'),
        object: labelOf(workload),
        message: `no container has the port ${number} (${label} at ${item.at.file}:${item.at.line})`,
        todo: `Add containerPort ${number}.`,
      }));
  });
}

function containerPorts({ containers }: Workload): readonly Readonly<Record<string, unknown>>[] {
  return containers.flatMap(({ spec }) => maps(spec['ports']));
}

function serviceFindings({ report, tree }: Subject, { of, service }: ServiceSubject): readonly Finding[] {
  // what the mesh's proxy forwarded to is where the application listens
  const local = service.connect?.sidecar_service?.proxy?.local_service_port?.value;
  const number = service.port === undefined ? undefined : (local ?? servicePort(of, service.port.value));
  if (number === undefined || report.lost(service) || (service.port && report.lost(service.port))) return [];
  if (service.name && report.lost(service.name)) return [];
  const services = tree.modules.flatMap(({ manifests }) => manifests.filter(({ kind }) => kind === 'Service'));
  return of.workloads.flatMap((workload): readonly Finding[] => {
    if (services.some((each) => reaches(each, workload, number))) return [];
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

/** Whether a Service leads to this port of these pods. */
function reaches({ object, namespace }: WrittenManifest, workload: Workload, number: number): boolean {
  const selector = textMap(dig(object, 'spec', 'selector'));
  if (Object.keys(selector).length === 0 || namespace !== workload.manifest.namespace) return false;
  return (
    hasLabels(workload.labels, selector) &&
    maps(dig(object, 'spec', 'ports')).some((each) => targetOf(each, workload) === number)
  );
}

function targetOf(entry: Readonly<Record<string, unknown>>, workload: Workload): number | undefined {
  const target = entry['targetPort'] ?? entry['port'];
  if (typeof target === 'number') return target;
  const named = containerPorts(workload).find(({ name }) => name === target);
  return named && Number(word(named['containerPort']));
}
