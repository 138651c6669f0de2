import { selectorOf } from '../assemble.ts';
import type { ManifestDraft } from '../draft.ts';
import { fold } from '../fold.ts';
import type { GroupPort } from '../network/port.ts';
import type { ProjectScope } from '../scope.ts';
import { type Branch, bare, type Tree } from '../sourced.ts';
import type { Callers, Place } from './callers.ts';

/** Who is let in to which ports of a workload. */
export interface Admission {
  readonly ports: readonly GroupPort[];
  /** Absent: everybody, also from outside of the cluster. */
  readonly callers?: Callers;
}

const NAMESPACE = 'kubernetes.io/metadata.name';

export function networkPolicy(place: Place, admissions: readonly Admission[], project: ProjectScope): ManifestDraft {
  const { module, workload } = place;
  const ingress = admissions.map(({ ports, callers }): Branch => {
    const from = callers && peersOf(place, callers, project);
    return { ...(from ? { from } : {}), ports: portsTree(ports) };
  });
  const spec = { podSelector: { matchLabels: selectorOf(module, workload) }, policyTypes: ['Ingress'], ingress };
  const { name } = workload;
  const object = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name }, spec };
  return { kind: 'networkpolicy', name, object };
}

function portsTree(ports: readonly GroupPort[]): readonly Tree[] {
  return ports.flatMap(({ number, protocols }) => protocols.map((protocol) => ({ port: number, protocol })));
}

function peersOf(place: Place, { allowed, everybody, traefik }: Callers, { policy }: ProjectScope): readonly Tree[] {
  if (everybody) return [{ namespaceSelector: {} }];
  const doors = [...(traefik ? policy.ingress.namespaces : []), ...policy.scrapers];
  return [
    ...allowed.map((caller) => podsOf(caller, place)),
    ...doors.map((namespace) => ({ namespaceSelector: { matchLabels: { [NAMESPACE]: namespace } } })),
  ];
}

/** The pods of a workload, as a policy of another place names them. */
function podsOf({ module, workload }: Place, from: Place): Tree {
  const podSelector = { matchLabels: selectorOf(module, workload) };
  const namespace = bare(module.namespace);
  if (namespace === bare(from.module.namespace)) return { podSelector };
  return { namespaceSelector: { matchLabels: { [NAMESPACE]: namespace } }, podSelector };
}

/** Where a workload may call, when all else is denied. */
export interface Way {
  readonly place: Place;
  readonly ports: readonly GroupPort[];
}

const dns = {
  to: [{ namespaceSelector: { matchLabels: { [NAMESPACE]: 'kube-system' } } }],
  ports: [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ],
} as const;

export function denyPolicy(place: Place, ways: readonly Way[]): ManifestDraft {
  const { module, workload } = place;
  const egress = [dns, ...ways.map((way) => ({ to: [podsOf(way.place, place)], ports: portsTree(way.ports) }))];
  const podSelector = { matchLabels: selectorOf(module, workload) };
  const spec = { podSelector, policyTypes: ['Ingress', 'Egress'], egress };
  const name = fold(`${workload.name}-default-deny`);
  const object = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name }, spec };
  return { kind: 'networkpolicy', name, object };
}
