import { dig, type Fields, list, maps, word, words } from './dig.ts';
import type { PodIndex } from './pod-index.ts';
import type { Subject } from './subject.ts';
import type { WrittenManifest } from './tree.ts';
import { selects, textMap, type Workload } from './workload.ts';

/** Whom a rule of a policy lets in, and to which ports. */
export interface Peer {
  readonly policy: WrittenManifest;
  /** Where it stands in the manifest. */
  readonly path: readonly (string | number)[];
  readonly who:
    | { readonly kind: 'everybody' }
    /** Pods of one namespace; without a selector all of them. */
    | { readonly kind: 'pods'; readonly namespace: string; readonly selector?: unknown }
    /** Addresses, namespaces by other labels than their name: nobody of whom the jobs speak. */
    | { readonly kind: 'others'; readonly text: string };
  /** Numbers and names; absent: all. */
  readonly ports?: readonly string[];
  /** Whether only certain requests of HTTP are let through. */
  readonly http: boolean;
}

export function policiesOf({ tree }: Pick<Subject, 'tree'>): readonly WrittenManifest[] {
  return tree.modules.flatMap(({ manifests }) =>
    manifests.filter(({ kind }) => ['NetworkPolicy', 'CiliumNetworkPolicy'].includes(kind)),
  );
}

/** NetworkPolicy: podSelector; CiliumNetworkPolicy: endpointSelector, also as a list of specs. */
export function specsOf({ object }: WrittenManifest): readonly unknown[] {
  return [dig(object, 'spec'), ...list(dig(object, 'specs'))].filter((spec) => spec !== undefined);
}

/** The pods that a spec is about. */
export function ownSelector(spec: unknown): unknown {
  return plainLabels(dig(spec, 'podSelector') ?? dig(spec, 'endpointSelector') ?? {});
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

/** The policies of each workload that has some. */
export function policiesByWorkload(
  policies: readonly WrittenManifest[],
  pods: PodIndex,
): ReadonlyMap<Workload, readonly WrittenManifest[]> {
  const found = new Map<Workload, WrittenManifest[]>();
  for (const policy of policies) {
    const own = new Set(specsOf(policy).flatMap((spec) => pods(policy.namespace, ownSelector(spec))));
    for (const workload of own) {
      const known = found.get(workload);
      if (known) known.push(policy);
      else found.set(workload, [policy]);
    }
  }
  return found;
}

export function limitsIngress(policy: WrittenManifest): boolean {
  return specsOf(policy).some((spec) => {
    const types = dig(spec, 'policyTypes');
    return Array.isArray(types) ? types.includes('Ingress') : dig(spec, 'ingress') !== undefined;
  });
}

/** Everybody whom the rules of a policy let in to the pods of a workload. */
export function peersOf(policy: WrittenManifest, { labels }: Workload): readonly Peer[] {
  const several = dig(policy.object, 'specs') !== undefined;
  return specsOf(policy).flatMap((spec, at) => {
    if (!selects(ownSelector(spec), labels)) return [];
    const base = several && at > 0 ? ['specs', at - 1] : ['spec'];
    return maps(dig(spec, 'ingress')).flatMap((rule, index) => {
      const path = [...base, 'ingress', index];
      return policy.kind === 'NetworkPolicy' ? ofRule(policy, rule, path) : ofCilium(policy, rule, path);
    });
  });
}

type Path = readonly (string | number)[];

const NAMESPACE = 'kubernetes.io/metadata.name';

/** A rule without a source lets in everybody. */
function ofRule(policy: WrittenManifest, rule: Fields, path: Path): readonly Peer[] {
  const ports = maps(rule['ports']).flatMap(({ port, endPort }) => rangeOf(word(port), endPort));
  const shared = { policy, http: false, ...(rule['ports'] === undefined ? {} : { ports }) };
  const from = maps(rule['from']);
  if (from.length === 0) return [{ ...shared, path, who: { kind: 'everybody' } }];
  return from.map((each, index) => ({ ...shared, path: [...path, 'from', index], who: whoOf(policy, each) }));
}

function whoOf({ namespace: own }: WrittenManifest, peer: Fields): Peer['who'] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const cidr = word(dig(ipBlock, 'cidr'));
  if (cidr !== '') return addresses(cidr);
  const selector = podSelector === undefined ? {} : { selector: podSelector };
  if (namespaceSelector === undefined) return { kind: 'pods', namespace: own, ...selector };
  const labels = textMap(dig(namespaceSelector, 'matchLabels'));
  const expressions = maps(dig(namespaceSelector, 'matchExpressions'));
  const named = labels[NAMESPACE];
  if (named !== undefined && Object.keys(labels).length + expressions.length === 1)
    return { kind: 'pods', namespace: named, ...selector };
  const isAll = Object.keys(labels).length + expressions.length === 0;
  if (isAll && isEmpty(podSelector)) return { kind: 'everybody' };
  return { kind: 'others', text: isAll ? 'pods of all namespaces' : 'namespaces by their labels' };
}

function isEmpty(selector: unknown): boolean {
  return (
    Object.keys(textMap(dig(selector, 'matchLabels'))).length + maps(dig(selector, 'matchExpressions')).length === 0
  );
}

function addresses(cidr: string): Peer['who'] {
  return /\/0$/.test(cidr) ? { kind: 'everybody' } : { kind: 'others', text: `the addresses ${cidr}` };
}

function rangeOf(port: string, end: unknown): readonly string[] {
  const [from, to] = [Number(port), Number(end)];
  if (!(to > from)) return [port];
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}

const SOURCES = ['fromEndpoints', 'fromEntities', 'fromCIDR', 'fromCIDRSet', 'fromRequires', 'fromNodes', 'fromGroups'];

/** An empty rule of Cilium lets in nobody; one with ports alone lets in everybody. */
function ofCilium(policy: WrittenManifest, rule: Fields, path: Path): readonly Peer[] {
  const toPorts = maps(rule['toPorts']);
  const ports = toPorts
    .flatMap((each) => maps(each['ports']))
    .flatMap((each) => rangeOf(word(each['port']), each['endPort']));
  const http = toPorts.length > 0 && toPorts.every((each) => maps(dig(each, 'rules', 'http')).length > 0);
  const shared = { policy, http, ...(toPorts.length === 0 ? {} : { ports }) };
  if (!SOURCES.some((key) => rule[key] !== undefined))
    return toPorts.length === 0 ? [] : [{ ...shared, path, who: { kind: 'everybody' } }];
  const endpoints = maps(rule['fromEndpoints']).map((each, index): Peer => {
    return { ...shared, path: [...path, 'fromEndpoints', index], who: endpointOf(policy, each) };
  });
  const entities = words(rule['fromEntities'])
    .filter((each) => ['all', 'cluster', 'world'].includes(each))
    .map((): Peer => ({ ...shared, path: [...path, 'fromEntities'], who: { kind: 'everybody' } }));
  const cidrs = [...words(rule['fromCIDR']), ...maps(rule['fromCIDRSet']).map(({ cidr }) => word(cidr))];
  return [...endpoints, ...entities, ...cidrs.map((each): Peer => ({ ...shared, path, who: addresses(each) }))];
}

function endpointOf({ namespace: own }: WrittenManifest, selector: Fields): Peer['who'] {
  const plain = plainLabels(selector);
  const all = Object.entries(textMap(dig(plain, 'matchLabels')));
  const isNamespace = ([key]: readonly [string, string]): boolean => key === 'io.kubernetes.pod.namespace';
  const namespace = all.find(isNamespace)?.[1] ?? own;
  const labels = Object.fromEntries(all.filter((each) => !isNamespace(each)));
  const expressions = maps(dig(plain, 'matchExpressions'));
  if (Object.keys(labels).length + expressions.length === 0) return { kind: 'pods', namespace };
  return { kind: 'pods', namespace, selector: { matchLabels: labels, matchExpressions: expressions } };
}

/** Whether a peer has the pods of a workload in it. */
export function includes({ who }: Peer, { manifest, labels }: Workload): boolean {
  if (who.kind === 'everybody') return true;
  return who.kind === 'pods' && who.namespace === manifest.namespace && selects(who.selector ?? {}, labels);
}
