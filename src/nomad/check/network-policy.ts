import { fold } from '../translate/fold.ts';
import type { Intention } from '../translate/scope.ts';
import { dig, list, maps, texts } from './dig.ts';
import type { Finding } from './finding.ts';
import { type Check, type Subject, servicesOf } from './subject.ts';
import type { WrittenManifest } from './tree.ts';
import { labelOf, selects, textMap, type Workload } from './workload.ts';

/** C13: policies let in whom the intentions let in, their selectors find pods, and none cuts off DNS. */
export const networkPolicy: Check = {
  id: 'C13',
  title: 'network policies',
  run: (subject) => {
    const policies = policiesOf(subject);
    return [
      ...policies.flatMap((policy) => strangers(subject, policy)),
      ...subject.workloads.flatMap((workload) => withoutDns(policies, workload)),
      ...(policies.length === 0 ? [] : subject.intentions.flatMap((each) => edgeFindings(subject, each, policies))),
    ];
  },
};

function policiesOf({ tree }: Subject): readonly WrittenManifest[] {
  return tree.modules.flatMap(({ manifests }) =>
    manifests.filter(({ kind }) => ['NetworkPolicy', 'CiliumNetworkPolicy'].includes(kind)),
  );
}

/** NetworkPolicy: podSelector; CiliumNetworkPolicy: endpointSelector, also as a list of specs. */
function specsOf({ object }: WrittenManifest): readonly unknown[] {
  return [dig(object, 'spec'), ...list(dig(object, 'specs'))].filter((spec) => spec !== undefined);
}

function ownSelector(spec: unknown): unknown {
  return dig(spec, 'podSelector') ?? dig(spec, 'endpointSelector') ?? {};
}

function strangers({ workloads }: Subject, policy: WrittenManifest): readonly Finding[] {
  const { file, kind, name, namespace } = policy;
  return specsOf(policy).flatMap((spec): readonly Finding[] => {
    const own = workloads.filter(({ manifest }) => manifest.namespace === namespace);
    if (own.some(({ labels }) => selects(plainLabels(ownSelector(spec)), labels))) return [];
    const line = policy.lineOf('spec');
    const message = 'its selector finds no pods of this tree: it protects nothing';
    return [
      { check: 'C13', severity: 'error', file, line, object: `${kind}/${name}`, message, todo: 'Correct its labels.' },
    ];
  });
}

/** Cilium writes labels with the source that they come from. */
function plainLabels(selector: unknown): unknown {
  const labels = Object.entries(textMap(dig(selector, 'matchLabels'))).map(([key, value]) => [plainKey(key), value]);
  const expressions = maps(dig(selector, 'matchExpressions')).map((each) => ({
    ...each,
    key: plainKey(String(each['key'])),
  }));
  return { matchLabels: Object.fromEntries(labels), matchExpressions: expressions };
}

function plainKey(key: string): string {
  return key.replace(/^(?:k8s|any):/, '');
}

const DNS = 53;

/** Policies add up: pods reach what any of theirs allows. Those that may reach nothing at all are meant to be alone. */
function withoutDns(policies: readonly WrittenManifest[], workload: Workload): readonly Finding[] {
  const own = policies.filter((policy) => isFor(policy, workload));
  const limiting = own.filter((policy) => specsOf(policy).some(limitsEgress));
  const rules = own.flatMap((policy) => specsOf(policy).flatMap((spec) => maps(dig(spec, 'egress'))));
  const [first] = limiting;
  if (!first || rules.length === 0 || rules.some(allowsDns)) return [];
  const message = `what ${labelOf(workload)} may reach is limited, and DNS is not among it: no name would resolve`;
  const todo = 'Allow UDP and TCP port 53 to kube-system.';
  const where = { file: first.file, line: first.lineOf('spec', 'egress'), object: `${first.kind}/${first.name}` };
  return [{ check: 'C13', severity: 'error', ...where, message, todo }];
}

function limitsEgress(spec: unknown): boolean {
  const types = dig(spec, 'policyTypes');
  return Array.isArray(types) ? types.includes('Egress') : maps(dig(spec, 'egress')).length > 0;
}

/** A rule without ports allows all of them. */
function allowsDns(rule: Readonly<Record<string, unknown>>): boolean {
  const ports = [...maps(rule['ports']), ...maps(rule['toPorts']).flatMap((each) => maps(each['ports']))];
  if (ports.length === 0) return rule['toPorts'] === undefined;
  return ports.some(({ port }) => Number(port) === DNS || port === 'dns');
}

function edgeFindings(
  subject: Subject,
  intention: Intention,
  policies: readonly WrittenManifest[],
): readonly Finding[] {
  const { source, destination, action, file, line } = intention;
  if (action !== 'allow' || source === '*' || destination === '*') return [];
  const from = workloadsBehind(subject, source);
  const to = workloadsBehind(subject, destination);
  if (from.length === 0 || to.length === 0) return [];
  return to.flatMap((target): readonly Finding[] => {
    const own = policies.filter((policy) => isFor(policy, target) && limitsIngress(policy));
    const lacking = from.filter((client) => own.length > 0 && !own.some((policy) => letsIn(policy, client)));
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

function isFor(policy: WrittenManifest, { manifest, labels }: Workload): boolean {
  return (
    policy.namespace === manifest.namespace &&
    specsOf(policy).some((spec) => selects(plainLabels(ownSelector(spec)), labels))
  );
}

function limitsIngress(policy: WrittenManifest): boolean {
  return specsOf(policy).some((spec) => {
    const types = dig(spec, 'policyTypes');
    return Array.isArray(types) ? types.includes('Ingress') : dig(spec, 'ingress') !== undefined;
  });
}

/** A rule without a source lets in everybody. */
function letsIn(policy: WrittenManifest, client: Workload): boolean {
  return specsOf(policy).some((spec) =>
    maps(dig(spec, 'ingress')).some((rule) => {
      const peers = [...maps(rule['from']).map((each) => each['podSelector']), ...maps(rule['fromEndpoints'])];
      const everybody = rule['from'] === undefined && rule['fromEndpoints'] === undefined;
      return everybody || peers.some((each) => each !== undefined && selects(withoutNamespace(each), client.labels));
    }),
  );
}

function withoutNamespace(selector: unknown): unknown {
  const { matchLabels, matchExpressions } = Object.fromEntries(Object.entries(plainLabels(selector) ?? {}));
  const labels = Object.entries(textMap(matchLabels)).filter(([key]) => !key.startsWith('io.kubernetes.pod.namespace'));
  return {
    matchLabels: Object.fromEntries(labels),
    matchExpressions: texts(matchExpressions).length > 0 ? matchExpressions : [],
  };
}
