/** What discovery says about each resource and subresource, in the order in which it says it. */
import { createHash } from 'node:crypto';
import { reviewKinds } from './access/review-kinds.ts';
import { compareVersions } from './crd/version-order.ts';
import type { Kind, Subresource } from './kind.ts';
import { kinds } from './kinds.ts';

export interface ServedResource {
  /** `pods`, `pods/status`. */
  readonly name: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly ServedSubresource[];
  /** Tells clients when objects are stored in another version. */
  readonly storageVersionHash?: string;
}

export interface ServedGroup {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ServedResource[];
  /** By a definition. */
  readonly defined?: boolean;
}

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

interface ServedSubresource {
  readonly name: string;
  /** Of what is read and written there; empty for the group and version of the resource itself. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** `kind` is absent where it is that of the resource. */
const SUBRESOURCES = {
  status: { verbs: ['get', 'patch', 'update'] },
  finalize: { verbs: ['update'] },
  binding: { verbs: ['create'], kind: 'Binding' },
  token: { verbs: ['create'], group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  scale: { verbs: ['get', 'patch', 'update'], group: 'autoscaling', version: 'v1', kind: 'Scale' },
} as const satisfies Record<Subresource, Partial<ServedSubresource>>;

function resourceOf(kind: Kind): ServedResource {
  const { plural, singular, namespaced, shortNames, categories, subresources } = kind;
  // a namespace is never deleted with others
  const verbs = plural === 'namespaces' ? VERBS.filter((verb) => verb !== 'deletecollection') : VERBS;
  return {
    name: plural,
    singular,
    kind: kind.kind,
    namespaced,
    verbs,
    shortNames,
    categories,
    subresources: subresources.map((name) => ({
      name,
      group: '',
      version: '',
      kind: kind.kind,
      ...SUBRESOURCES[name],
    })),
  };
}

/** Answered, not stored. */
function reviewGroups(): readonly ServedGroup[] {
  return [...new Set(reviewKinds.map(({ group }) => group))].map((group) => {
    const own = reviewKinds.filter((kind) => kind.group === group).map(resourceOf);
    return { group, version: 'v1', resources: own.map((resource) => ({ ...resource, verbs: ['create'] })) };
  });
}

/** As the API server has them: by how much its own clients need each. */
const ORDER: readonly string[] = [
  '',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'batch',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
];

function groupsOf(): readonly ServedGroup[] {
  const names = [...new Set(kinds.map(({ group, version }) => `${group}/${version}`))];
  const stored = names.map((name) => {
    const [group = '', version = ''] = name.split('/');
    const own = kinds.filter((kind) => kind.group === group && kind.version === version);
    return { group, version, resources: own.map(resourceOf).sort((left, right) => (left.name < right.name ? -1 : 1)) };
  });
  return [...stored, ...reviewGroups()].sort((left, right) => ORDER.indexOf(left.group) - ORDER.indexOf(right.group));
}

/** The core group, whose name is empty, comes first. */
const groups: readonly ServedGroup[] = groupsOf();

/** The groups with those that definitions add, which come last; the versions of each from the most stable on. */
export function groupsWith(defined: readonly Kind[]): readonly ServedGroup[] {
  if (defined.length === 0) return groups;
  const names = [...new Set(defined.map(({ group, version }) => `${group}/${version}`))];
  const added = names.map((name): ServedGroup => {
    const [group = '', version = ''] = name.split('/');
    const own = defined.filter((kind) => kind.group === group && kind.version === version);
    return { group, version, resources: own.map(customResource).sort(byName), defined: true };
  });
  added.sort((left, right) => byText(left.group, right.group) || compareVersions(left.version, right.version));
  return [...groups, ...added];
}

/** In the order in which the API server has the verbs of what is defined. */
const CUSTOM_VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

function customResource(kind: Kind): ServedResource {
  const stored = `${kind.group}/${kind.custom?.storageVersion ?? kind.version}/${kind.kind}`;
  const hash = createHash('sha256').update(stored).digest().subarray(0, 8).toString('base64');
  return { ...resourceOf(kind), verbs: CUSTOM_VERBS, storageVersionHash: hash };
}

function byName(left: ServedResource, right: ServedResource): number {
  return byText(left.name, right.name);
}

function byText(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}
