import type { Check as ServiceCheck } from '../jobspec/job.ts';
import { dig, type Fields, fields, maps, word, words } from './dig.ts';
import { type Finding, isItem } from './finding.ts';
import { isMeant, portsOf, proxyPorts, servicePort } from './port.ts';
import { type Check, isLiteral, type Placed, type ServiceSubject, type Subject, servicesOf } from './subject.ts';
import { labelOf } from './workload.ts';

/** C9: each check of a service is a probe of its path, port, scheme and rhythm, and no probe asks a proxy. */
export const probe: Check = {
  id: 'C9',
  title: 'probes',
  run: (subject) => [
    ...servicesOf(subject).flatMap((service) =>
      service.service.check.flatMap((check) => checkFindings(subject, service, check)),
    ),
    ...subject.jobs.flatMap(({ groups }) => groups.flatMap(proxied)),
  ],
};

const kinds = ['readinessProbe', 'livenessProbe', 'startupProbe'] as const;

interface Probe extends Placed {
  readonly kind: (typeof kinds)[number];
  readonly spec: Fields;
}

function probesOf({ workloads }: ServiceSubject['of']): readonly Probe[] {
  return workloads.flatMap((workload) =>
    workload.containers.flatMap((container) =>
      kinds.flatMap((kind) =>
        container.spec[kind] === undefined ? [] : [{ workload, container, kind, spec: fields(container.spec[kind]) }],
      ),
    ),
  );
}

function checkFindings({ report }: Subject, service: ServiceSubject, check: ServiceCheck): readonly Finding[] {
  const { of } = service;
  if (
    of.workloads.length === 0 ||
    [check.item, check.type, check.path].some((item) => isItem(item) && report.lost(item))
  )
    return [];
  const action = actionOf(service, check, report);
  if (!action) return [];
  const found = probesOf(of).filter(({ spec, workload }) => action.matches(spec, portNames(workload)));
  const [first] = found;
  if (!first) {
    const message = `no probe asks ${action.words}, as the check at ${check.at.file}:${check.at.line} does`;
    const todo = 'Add it as readinessProbe of the container that answers there.';
    return of.workloads.map(({ manifest, podPath }) => ({
      ...{ check: 'C9', severity: 'error', file: manifest.file, line: manifest.lineOf(...podPath, 'containers') },
      ...{ object: `${manifest.kind}/${manifest.name}`, message, todo },
    }));
  }
  return rhythm(report, check, found);
}

function tells(report: Subject['report'], item: unknown): boolean {
  return isItem(item) && report.tells(item);
}

interface Action {
  readonly words: string;
  readonly matches: (spec: Fields, ports: ReadonlyMap<string, number>) => boolean;
}

/** The action that a probe must have; undefined where nothing of it is literal. */
function actionOf({ of, service }: ServiceSubject, check: ServiceCheck, report: Subject['report']): Action | undefined {
  const label = check.expose.value ? service.port?.value : (check.port?.value ?? service.port?.value);
  const number = servicePort(of, label);
  const labelled = portsOf(of).find((each) => each.label === label && each.number === number);
  const at = (value: unknown, ports: ReadonlyMap<string, number>): boolean => {
    const asked = typeof value === 'number' ? value : ports.get(word(value));
    return number === undefined || asked === number || (!!labelled && isMeant({ report }, labelled, asked));
  };
  const port = number === undefined ? '' : ` on port ${number}`;
  switch (check.type?.value) {
    case 'http': {
      const path = check.path?.value ?? '/';
      const scheme = check.protocol?.value?.toLowerCase() === 'https' ? 'HTTPS' : 'HTTP';
      if (!isLiteral(path)) return undefined;
      return {
        words: `${scheme} ${path}${port}`,
        matches: ({ httpGet }, ports) =>
          (dig(httpGet, 'path') === path || (!!httpGet && tells(report, check.path))) &&
          (dig(httpGet, 'scheme') ?? 'HTTP') === scheme &&
          at(dig(httpGet, 'port'), ports),
      };
    }
    case 'tcp':
      return {
        words: `TCP${port}`,
        matches: ({ tcpSocket }, ports) => !!tcpSocket && at(dig(tcpSocket, 'port'), ports),
      };
    case 'grpc':
      return { words: `gRPC${port}`, matches: ({ grpc }, ports) => !!grpc && at(dig(grpc, 'port'), ports) };
    case 'script': {
      const command = [check.command?.value ?? '', ...(check.args?.value ?? [])];
      if (!command.every(isLiteral)) return undefined;
      const wanted = command.join('\n');
      return { words: command.join(' '), matches: ({ exec }) => words(dig(exec, 'command')).join('\n') === wanted };
    }
    default:
      return undefined;
  }
}

function portNames({ containers }: Placed['workload']): ReadonlyMap<string, number> {
  const ports = containers.flatMap(({ spec }) => maps(spec['ports']));
  return new Map(ports.map(({ name, containerPort }) => [word(name), Number(word(containerPort))]));
}

/** What Kubernetes takes where a probe says nothing. */
const USUAL = { periodSeconds: 10, timeoutSeconds: 1 } as const;

/** Seconds are the smallest that a probe knows. */
function rhythm(report: Subject['report'], check: ServiceCheck, found: readonly Probe[]): readonly Finding[] {
  const ready = found.find(({ kind }) => kind === 'readinessProbe');
  if (!ready) return [];
  const pairs = [
    ['periodSeconds', check.interval],
    ['timeoutSeconds', check.timeout],
  ] as const;
  return pairs.flatMap(([key, field]): readonly Finding[] => {
    if (!field || tells(report, field)) return [];
    const wanted = Math.max(1, Math.ceil(field.value / 1000));
    if ((ready.spec[key] ?? USUAL[key]) === wanted) return [];
    const { workload, container, kind } = ready;
    const line = workload.manifest.lineOf(...container.path, kind, key);
    const message = `${kind} of ${container.name} has another ${key} than the ${wanted} of ${field.at.file}:${field.at.line}`;
    const where = { file: workload.manifest.file, line, object: labelOf(workload) };
    return [{ check: 'C9', severity: 'error', ...where, message, todo: `Set ${key}: ${wanted}.` }];
  });
}

/** A port that only the mesh's proxy listened on has nobody behind it any more. */
function proxied(of: ServiceSubject['of']): readonly Finding[] {
  const labels = proxyPorts(of);
  const dead = new Set(portsOf(of).flatMap(({ label, number }) => (labels.has(label) && number ? [number] : [])));
  return probesOf(of).flatMap(({ spec, workload, container, kind }): readonly Finding[] => {
    const asked = [spec['httpGet'], spec['tcpSocket'], spec['grpc']].map((action) => dig(action, 'port'));
    const names = portNames(workload);
    if (!asked.some((each) => dead.has(typeof each === 'number' ? each : (names.get(word(each)) ?? -1)))) return [];
    const where = { file: workload.manifest.file, line: workload.manifest.lineOf(...container.path, kind) };
    const message = `${kind} of ${container.name} asks a port that only the proxy of Consul Connect listened on`;
    return [
      {
        check: 'C9',
        severity: 'error',
        ...where,
        object: labelOf(workload),
        message,
        todo: "Ask the application's own port.",
      },
    ];
  });
}
