/** What discovery says about each resource and subresource, in the order in which it says it. */
import type { Kind } from './kind.ts';
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
  readonly subresources: readonly { readonly name: string; readonly kind: string; readonly verbs: readonly string[] }[];
}

export interface ServedGroup {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ServedResource[];
}

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const SUBRESOURCE_VERBS = {
  status: ['get', 'patch', 'update'],
  finalize: ['update'],
  binding: ['create'],
} as const satisfies Record<Kind['subresources'][number], readonly string[]>;

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
      kind: name === 'binding' ? 'Binding' : kind.kind,
      verbs: SUBRESOURCE_VERBS[name],
    })),
  };
}

/** Answered, not stored. */
const reviews: ServedGroup = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resources: [
    {
      name: 'selfsubjectaccessreviews',
      singular: 'selfsubjectaccessreview',
      kind: 'SelfSubjectAccessReview',
      namespaced: false,
      verbs: ['create'],
      shortNames: [],
      categories: [],
      subresources: [],
    },
  ],
};

function groupsOf(): readonly ServedGroup[] {
  const names = [...new Set(kinds.map(({ group, version }) => `${group}/${version}`))];
  const stored = names.map((name) => {
    const [group = '', version = ''] = name.split('/');
    const own = kinds.filter((kind) => kind.group === group && kind.version === version);
    return { group, version, resources: own.map(resourceOf).sort((left, right) => (left.name < right.name ? -1 : 1)) };
  });
  return [...stored, reviews];
}

/** The core group, whose name is empty, comes first. */
export const groups: readonly ServedGroup[] = groupsOf();
