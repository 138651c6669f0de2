import { fold } from '../translate/fold.ts';
import type { Intention } from '../translate/scope.ts';
import { maps, word } from './dig.ts';
import type { Finding } from './finding.ts';
import type { PodIndex } from './pod-index.ts';
import { includes, limitsIngress, type Peer, peersOf } from './policy-peer.ts';
import { portsOf, servicePort } from './port.ts';
import { type ServiceSubject, type Subject, servicesOf } from './subject.ts';
import type { WrittenManifest } from './tree.ts';
import { labelOf, type Workload } from './workload.ts';

export interface Written {
  readonly pods: PodIndex;
  /** Of each workload that has some. */
  readonly policies: ReadonlyMap<Workload, readonly WrittenManifest[]>;
}

/** C13, edges: whoever calls a service is let in to it, and nobody else. */
export function edgeFindings(subject: Subject, { pods, policies }: Written): readonly Finding[] {
  const services = servicesOf(subject);
  const names = namesOf(services);
  const guarded = services.flatMap((service) => guardedOf(subject, service));
  return [
    ...guarded.flatMap((each) => shutOut(subject, each, policies)),
    ...(policies.size === 0 ? [] : subject.intentions.flatMap((each) => intended(subject, each, policies))),
    ...strangers(subject, { guarded, policies, names, pods }),
  ];
}

/** A service whose callers the report names: it has a policy. */
interface Guarded {
  readonly service: ServiceSubject;
  readonly name: string;
  /** What the report says of its callers, without those that are not let in. */
  readonly called: string;
  readonly port?: string;
}

function guardedOf({ report }: Subject, service: ServiceSubject): readonly Guarded[] {
  const { name, port } = service.service;
  const item = name ?? port;
  const told = item ? report.of(item) : [];
  const called = told.flatMap(({ text }) => /^policy: (?:.*?) is called by (.*)$/.exec(text)?.[1] ?? []);
  const [first] = called;
  if (first === undefined) return [];
  const number = servicePort(service.of, port?.value);
  const own = { service, name: name?.value ?? '', called: first.split('; not let in: ')[0] ?? '' };
  return [{ ...own, ...(number === undefined ? {} : { port: String(number) }) }];
}

/** Services by the group that offers them. */
function namesOf(services: readonly ServiceSubject[]): ReadonlyMap<Workload, readonly string[]> {
  const names = new Map<Workload, string[]>();
  for (const { of, service } of services)
    for (const workload of of.workloads)
      names.set(workload, [...(names.get(workload) ?? []), service.name?.value ?? '']);
  return names;
}

/** Callers that the report names and no policy lets in; services that no policy guards. */
function shutOut(subject: Subject, guarded: Guarded, policies: Written['policies']): readonly Finding[] {
  const { service, called, name, port } = guarded;
  return service.of.workloads.flatMap((target): readonly Finding[] => {
    const own = (policies.get(target) ?? []).filter(limitsIngress);
    const [first] = own;
    const { file, lineOf } = target.manifest;
    if (!first) {
      const message = `no policy limits who may reach ${name} of ${labelOf(target)}: every pod of the cluster may`;
      const todo = `Write a NetworkPolicy that lets in ${called}.`;
      return [{ check: 'C13', severity: 'error', file, line: lineOf(), object: labelOf(target), message, todo }];
    }
    const peers = own.flatMap((policy) => peersOf(policy, target)).filter((peer) => isAtPort(peer, port, target));
    const named = namesIn(called);
    const says = (word: string): boolean => named.has(word);
    const pods = subject.workloads.filter((each) => says(each.manifest.name) && !service.of.workloads.includes(each));
    const doors = [
      ...subject.policy.scrapers.filter(says),
      ...(says('Traefik') ? subject.policy.ingress.namespaces : []),
    ];
    const lacking = [
      ...pods.filter((client) => !peers.some((peer) => includes(peer, client))).map(labelOf),
      ...doors.filter((each) => !peers.some((peer) => isNamespace(peer, each))).map((each) => `namespace ${each}`),
    ];
    if (lacking.length === 0) return [];
    const message = `${lacking.join(', ')} is not let in to ${name}, which ${lacking.length === 1 ? 'it calls' : 'they call'}`;
    const where = { file: first.file, line: first.lineOf('spec', 'ingress'), object: `${first.kind}/${first.name}` };
    return [
      { check: 'C13', severity: 'error', ...where, message, todo: `Add an ingress rule for ${lacking.join(', ')}.` },
    ];
  });
}

/** `a (why), Traefik, monitoring`: the names, without the reasons. */
function namesIn(called: string): ReadonlySet<string> {
  return new Set(called.replaceAll(/\s*\([^()]*\)/g, '').split(/,\s*/));
}

function isNamespace({ who }: Peer, namespace: string): boolean {
  return who.kind === 'everybody' || (who.kind === 'pods' && who.namespace === namespace && who.selector === undefined);
}

function isAtPort({ ports }: Peer, port: string | undefined, { containers }: Workload): boolean {
  if (ports === undefined || port === undefined) return true;
  const names = containers
    .flatMap(({ spec }) => maps(spec['ports']))
    .filter(({ containerPort }) => word(containerPort) === port)
    .map(({ name }) => word(name));
  return [port, ...names].some((each) => ports.includes(each));
}

/** What an intention allows by name, whatever the report says. */
function intended(
  subject: Subject,
  { source, destination, action, file, line }: Intention,
  policies: Written['policies'],
): readonly Finding[] {
  if (action !== 'allow' || source === '*' || destination === '*') return [];
  const from = workloadsBehind(subject, source);
  const to = workloadsBehind(subject, destination);
  if (from.length === 0 || to.length === 0) return [];
  return to.flatMap((target): readonly Finding[] => {
    const own = (policies.get(target) ?? []).filter(limitsIngress);
    const peers = own.flatMap((policy) => peersOf(policy, target));
    const lacking = from.filter((client) => own.length > 0 && !peers.some((peer) => includes(peer, client)));
    if (lacking.length === 0) return [];
    const message = `the intention lets ${source} reach ${destination}; no policy of ${labelOf(target)} lets in ${lacking.map(labelOf).join(', ')}`;
    const todo = 'Add an ingress rule with the labels of the source.';
    return [{ check: 'C13', severity: 'error', file, line, object: `${source} → ${destination}`, message, todo }];
  });
}

function workloadsBehind(subject: Subject, service: string): readonly Workload[] {
  return servicesOf(subject)
    .filter((each) => fold(each.service.name?.value ?? '') === fold(service))
    .flatMap(({ of }) => of.workloads);
}

interface Looking {
  readonly guarded: readonly Guarded[];
  readonly policies: Written['policies'];
  readonly pods: PodIndex;
  readonly names: ReadonlyMap<Workload, readonly string[]>;
}

/** Whom policies let in to a service beyond those that call it. */
function strangers(subject: Subject, { guarded, policies, names, pods }: Looking): readonly Finding[] {
  return guarded
    .filter((each) => !isOpen(each))
    .flatMap((each, _, all) => {
      // services at one port have one rule for the callers of each
      const same = all.filter((other) => other.service.of === each.service.of && other.port === each.port);
      if (same[0] !== each) return [];
      return each.service.of.workloads.flatMap((target) =>
        (policies.get(target) ?? [])
          .flatMap((policy) => peersOf(policy, target))
          .filter((peer) => isAtPort(peer, each.port, target))
          .flatMap((peer) => peerFindings(subject, { guarded: same, peer, target, names, pods })),
      );
    });
}

/** A port that the job opens on its node was for everybody who reaches the node. */
function isOpen({ service, port }: Guarded): boolean {
  return portsOf(service.of).some(({ item, number }) => item.static !== undefined && String(number) === port);
}

interface Judged {
  /** At one port of one workload. */
  readonly guarded: readonly Guarded[];
  readonly peer: Peer;
  readonly target: Workload;
  readonly pods: PodIndex;
  readonly names: ReadonlyMap<Workload, readonly string[]>;
}

function peerFindings(subject: Subject, { guarded, peer, target, names, pods: index }: Judged): readonly Finding[] {
  const { who, policy, path } = peer;
  const called = new Set(guarded.flatMap((each) => [...namesIn(each.called)]));
  if (called.has('every pod')) return [];
  const name = guarded.map((each) => each.name).join(', ');
  const own = guarded.flatMap(({ service }) => service.of.workloads);
  const tell = (severity: 'error' | 'warning', message: string, todo: string): Finding => {
    const where = { file: policy.file, line: policy.lineOf(...path), object: `${policy.kind}/${policy.name}` };
    return { check: 'C13', severity, ...where, message, todo };
  };
  const keep =
    'Keep it if you let it in on purpose; an intention beside the jobs, or scrapers in the policy file, says so for good.';
  if (who.kind === 'everybody')
    return [
      tell(
        'error',
        `everybody is let in to ${name}, which is called by ${[...called].join(', ')}`,
        'Name under from who calls it.',
      ),
    ];
  if (who.kind === 'others')
    return [tell('warning', `${who.text} are let in to ${name}, and no job speaks of them`, keep)];
  const { policy: chosen } = subject;
  if (who.selector === undefined && [...chosen.scrapers, ...chosen.ingress.namespaces].includes(who.namespace))
    return [];
  const pods = index(who.namespace, who.selector ?? {}).filter((each) => each !== target);
  if (pods.length === 0 && !includes(peer, target)) {
    const whom = who.selector === undefined ? `the namespace ${who.namespace}` : `pods that this tree does not have`;
    return [tell('warning', `${whom} is let in to ${name}, and no job speaks of it`, keep)];
  }
  return pods.flatMap((client): readonly Finding[] => {
    if (own.includes(client)) return [];
    const isCalling = called.has(client.manifest.name);
    const sources = names.get(client) ?? [''];
    const decisions = guarded.map((each) => decisionOf(subject.intentions, sources, each.name));
    if (decisions.some((each) => each?.action === 'allow' || (each && each.action === undefined && peer.http)))
      return [];
    const [decided] = decisions.filter((each) => each !== undefined);
    const spot = decided ? `${decided.file}:${decided.line}` : '';
    if (decided?.action === 'deny' && !isCalling) {
      const message = `${labelOf(client)} is let in to ${name}, and the intention at ${spot} denies it`;
      return [tell('error', message, 'Remove it from the rule.')];
    }
    if (decided && decided.action === undefined) {
      const message = `${labelOf(client)} may make every request to ${name}, and the intention at ${spot} allows certain ones`;
      return [tell('error', message, 'Write them as rules of HTTP (Cilium), or remove it from the rule.')];
    }
    if (isCalling) return [];
    return [
      tell('warning', `${labelOf(client)} is let in to ${name}, and neither an intention nor the report says so`, keep),
    ];
  });
}

/** What Consul says of calls; of several services of a caller, the kindest word. */
function decisionOf(
  intentions: readonly Intention[],
  sources: readonly string[],
  destination: string,
): Intention | undefined {
  const is = (pattern: string, name: string): boolean =>
    pattern === '*' || pattern.toLowerCase() === name.toLowerCase();
  const found = sources.flatMap(
    (source) =>
      intentions
        .filter((each) => is(each.source, source) && is(each.destination, destination))
        .toSorted((one, other) => other.precedence - one.precedence)[0] ?? [],
  );
  return found.find(({ action }) => action === 'allow') ?? found.find(({ action }) => action === undefined) ?? found[0];
}
