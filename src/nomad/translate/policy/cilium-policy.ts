import { selectorOf } from '../assemble.ts';
import type { ManifestDraft } from '../draft.ts';
import { fold } from '../fold.ts';
import type { GroupPort } from '../network/port.ts';
import type { ProjectScope } from '../scope.ts';
import { type Branch, bare, type Tree } from '../sourced.ts';
import type { Callers, Place } from './callers.ts';
import type { Admission, Way } from './kubernetes-policy.ts';

const NAMESPACE = 'k8s:io.kubernetes.pod.namespace';

export function ciliumPolicy(place: Place, admissions: readonly Admission[], project: ProjectScope): ManifestDraft {
  const ingress = admissions.flatMap(({ ports, callers }) =>
    callers ? rulesOf(place, ports, callers, project) : [{ fromEntities: ['all'], toPorts: toPorts(ports) }],
  );
  return draft(place.workload.name, { endpointSelector: selector(place), ingress });
}

function draft(name: string, spec: Branch): ManifestDraft {
  const object = { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name }, spec };
  return { kind: 'ciliumnetworkpolicy', name, object };
}

function selector({ module, workload }: Place): Branch {
  return { matchLabels: selectorOf(module, workload) };
}

function rulesOf(
  place: Place,
  ports: readonly GroupPort[],
  callers: Callers,
  { policy }: ProjectScope,
): readonly Branch[] {
  const { allowed, everybody, traefik } = callers;
  if (everybody) return [{ fromEntities: ['cluster'], toPorts: toPorts(ports) }];
  const doors = [...(traefik ? policy.ingress.namespaces : []), ...policy.scrapers];
  const free = [
    ...allowed.filter(({ http }) => !http).map((caller) => podsOf(caller, place)),
    ...doors.map((namespace) => ({ matchLabels: { [NAMESPACE]: namespace } })),
  ];
  const limited = allowed.flatMap(({ http, ...caller }) => {
    if (!http) return [];
    const tcp = ports.filter(({ protocols }) => protocols.includes('TCP'));
    return [{ fromEndpoints: [podsOf(caller, place)], toPorts: [{ ...portsTree(tcp), rules: { http } }] }];
  });
  return [...(free.length > 0 ? [{ fromEndpoints: free, toPorts: toPorts(ports) }] : []), ...limited];
}

function toPorts(ports: readonly GroupPort[]): readonly Tree[] {
  return [portsTree(ports)];
}

function portsTree(ports: readonly GroupPort[]): Branch {
  return {
    ports: ports.flatMap(({ number, protocols }) => protocols.map((protocol) => ({ port: String(number), protocol }))),
  };
}

/** The pods of a workload; without a namespace Cilium means the policy's own. */
function podsOf({ module, workload }: Place, from: Place): Branch {
  const labels = selectorOf(module, workload);
  const namespace = bare(module.namespace);
  return { matchLabels: namespace === bare(from.module.namespace) ? labels : { ...labels, [NAMESPACE]: namespace } };
}

const dns = {
  toEndpoints: [{ matchLabels: { [NAMESPACE]: 'kube-system', 'k8s-app': 'kube-dns' } }],
  toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
} as const;

/** An empty rule lets in nobody, and makes the rest denied. */
export function ciliumDenyPolicy(place: Place, ways: readonly Way[]): ManifestDraft {
  const egress = [
    dns,
    ...ways.map((way) => ({ toEndpoints: [podsOf(way.place, place)], toPorts: toPorts(way.ports) })),
  ];
  const name = fold(`${place.workload.name}-default-deny`);
  return draft(name, { endpointSelector: selector(place), ingress: [{}], egress });
}
