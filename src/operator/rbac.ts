/** The roles of the operator, made from what each room says that it asks of the API. Nothing else is granted. */
import { accessTo as growing } from '../expand/registry.ts';
import { type Access, cached, type Verb, verbs } from '../kube/access.ts';
import { electionAccess, recorderAccess } from '../kube/registry.ts';
import { HEAD_NAME } from '../ledger/head-name.ts';
import { accessTo as provisioning } from '../provision/registry.ts';

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly Verb[];
}

/** An object as it is applied. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

export interface RoleOptions {
  /** Of the operator, its ServiceAccount and its Lease. */
  readonly namespace: string;
  /** As in `--kubelet`. */
  readonly kubelet: 'direct' | 'proxy' | 'off';
}

/** False: as with `--no-provisioner`, where nothing makes, changes or removes a volume. */
type Provisions = boolean;

export const LEASE_NAME = 'larder-operator';
const NAME = 'larder';
const RBAC = 'rbac.authorization.k8s.io';

const ownNamespace: Access = {
  group: '',
  resource: 'namespaces',
  verbs: ['get'],
  why: 'to see that the namespace of the Lease is there',
};

const pastEvents: Access = {
  group: '',
  resource: 'events',
  verbs: ['list'],
  why: 'to show in the console what happened before the operator began',
};

const accountReviews: readonly Access[] = [
  {
    group: 'authentication.k8s.io',
    resource: 'tokenreviews',
    verbs: ['create'],
    why: 'whose token it is that somebody signs in to the console with',
  },
  {
    group: 'authorization.k8s.io',
    resource: 'subjectaccessreviews',
    verbs: ['create'],
    why: 'what an account that is signed in to the console may see and do',
  },
];

const shownVolumes: Access = {
  group: '',
  resource: 'persistentvolumes',
  verbs: ['get'],
  why: 'to show the YAML of a volume in the console',
};

const clusterNodes: Access = {
  group: '',
  resource: 'nodes',
  verbs: ['list'],
  why: 'to show the nodes of the cluster in the console',
};

const ledgerHead: Access = {
  group: '',
  resource: 'configmaps',
  names: [HEAD_NAME],
  verbs: ['get'],
  why: 'to show in the console whether the ledger has all that the cluster remembers of it',
};

const kubelets: Readonly<Record<RoleOptions['kubelet'], readonly Access[]>> = {
  off: [],
  direct: [
    { group: '', resource: 'nodes', verbs: cached, why: 'addresses of kubelets' },
    { group: '', resource: 'nodes/stats', verbs: ['get'], why: 'usage of volumes that are not ours' },
    { group: '', resource: 'nodes/metrics', verbs: ['get'], why: 'usage of volumes that are not ours' },
  ],
  proxy: [{ group: '', resource: 'nodes/proxy', verbs: ['get'], why: 'usage of volumes that are not ours' }],
};

/** Everything that the operator asks for in all namespaces. */
export function clusterAccess(kubelet: RoleOptions['kubelet'], provisions: Provisions = true): readonly Access[] {
  return [
    ...(provisions ? provisioning : []),
    ...growing,
    ...recorderAccess,
    pastEvents,
    shownVolumes,
    ...accountReviews,
    clusterNodes,
    ledgerHead,
    ownNamespace,
    ...kubelets[kubelet],
  ];
}

/** In its own namespace only. */
export const leaseAccess: readonly Access[] = electionAccess(LEASE_NAME);

/** One rule for all resources that need the same; sorted, so that equal needs give equal text. */
export function rulesOf(accesses: readonly Access[]): readonly PolicyRule[] {
  const needs = Map.groupBy(accesses, ({ group, resource, names = [] }) => JSON.stringify([group, names, resource]));
  const single = [...needs.values()].map((same): PolicyRule => {
    const [{ group, resource, names } = { group: '', resource: '', names: undefined }] = same;
    return {
      apiGroups: [group],
      resources: [resource],
      ...(names ? { resourceNames: names } : {}),
      verbs: verbs.filter((verb) => same.some((access) => access.verbs.includes(verb))),
    };
  });
  const alike = Map.groupBy(single, ({ resources: _, ...rest }) => JSON.stringify(rest));
  const merged = [...alike.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, resources: [first, ...others].flatMap(({ resources }) => resources).sort() }] : [],
  );
  return merged.sort((one, other) => compare(JSON.stringify(one), JSON.stringify(other)));
}

/** All that an administrator applies before the operator runs as its ServiceAccount, in order. */
export function rbacManifests({ namespace, kubelet }: RoleOptions): readonly Manifest[] {
  const account = { kind: 'ServiceAccount', name: NAME, namespace };
  const role = (kind: string, rules: readonly PolicyRule[], where: object): Manifest => ({
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name: NAME, ...where },
    rules,
  });
  const binding = (kind: string, to: string, where: object): Manifest => ({
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name: NAME, ...where },
    roleRef: { apiGroup: RBAC, kind: to, name: NAME },
    subjects: [account],
  });
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace } },
    role('ClusterRole', rulesOf(clusterAccess(kubelet)), {}),
    binding('ClusterRoleBinding', 'ClusterRole', {}),
    role('Role', rulesOf(leaseAccess), { namespace }),
    binding('RoleBinding', 'Role', { namespace }),
  ];
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
