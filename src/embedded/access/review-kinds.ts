/** The kinds that are answered and not stored: questions about users and what they may do. */
import type { Kind } from '../kind.ts';

const base = {
  version: 'v1',
  categories: [],
  subresources: [],
  shortNames: [],
  namespaced: false,
  nameRule: () => [],
  counted: false,
  returnsDeleted: false,
  fields: {},
  rules: {},
  columns: [],
} satisfies Partial<Kind>;

function reviewKind(group: 'authentication' | 'authorization', kind: string, more: Partial<Kind> = {}): Kind {
  const singular = kind.toLowerCase();
  const schema = `io.k8s.api.${group}.v1.${kind}`;
  return { ...base, group: `${group}.k8s.io`, kind, singular, plural: `${singular}s`, schema, ...more };
}

export const selfSubjectReviews = reviewKind('authentication', 'SelfSubjectReview');
export const tokenReviews = reviewKind('authentication', 'TokenReview');
export const localAccessReviews = reviewKind('authorization', 'LocalSubjectAccessReview', { namespaced: true });
export const selfAccessReviews = reviewKind('authorization', 'SelfSubjectAccessReview');
export const selfRulesReviews = reviewKind('authorization', 'SelfSubjectRulesReview');
const accessReviews = reviewKind('authorization', 'SubjectAccessReview');

/** In the order of discovery. */
export const reviewKinds: readonly Kind[] = [
  selfSubjectReviews,
  tokenReviews,
  localAccessReviews,
  selfAccessReviews,
  selfRulesReviews,
  accessReviews,
];

/** What the `token` subresource of ServiceAccounts takes. */
export const tokenRequests: Kind = reviewKind('authentication', 'TokenRequest', { namespaced: true });
