/** May this user do that? Asked about others, within one namespace, or about oneself. */
import { type FieldProblem, invalidValue } from '../field.ts';
import { at, type Json, type JsonObject, objectAt, stringsAt, textAt, textsAt, without } from '../json.ts';
import type { Kind } from '../kind.ts';
import { badRequest, invalid } from '../refusal.ts';
import type { Reading } from '../store.ts';
import type { Attributes } from './attributes.ts';
import { authorize, rulesOf } from './authorize.ts';
import { localAccessReviews, selfAccessReviews } from './review-kinds.ts';
import type { Rule } from './rule.ts';
import type { User } from './user.ts';

/** The status of a SubjectAccessReview or one of its kin. @throws Refusal 422 */
export function reviewAccess(reading: Reading, kind: Kind, object: JsonObject, asker: User): JsonObject {
  const problems = problemsOf(kind, object);
  if (problems.length > 0) throw invalid({ group: kind.group, kind: '' }, '', problems);
  const spec = objectAt(object, 'spec');
  const user = kind === selfAccessReviews ? asker : subjectOf(spec);
  const { allowed, reason } = authorize(reading, user, attributesIn(spec));
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

function problemsOf(kind: Kind, object: JsonObject): readonly FieldProblem[] {
  const spec = objectAt(object, 'spec');
  const resource = at(spec, 'resourceAttributes');
  const path = at(spec, 'nonResourceAttributes');
  const local = kind === localAccessReviews;
  const problems: FieldProblem[] = [];
  if (resource !== undefined && path !== undefined) {
    const text = 'cannot be specified in combination with resourceAttributes';
    problems.push(invalidValue('spec.nonResourceAttributes', goPath(path), text));
  }
  if (resource === undefined && path === undefined) {
    const text = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    problems.push(invalidValue('spec.resourceAttributes', null, text));
  }
  if (kind !== selfAccessReviews && !textAt(spec, 'user') && textsAt(spec, 'groups').length === 0) {
    problems.push(
      invalidValue('spec.user', textAt(spec, 'user') ?? '', 'at least one of user or group must be specified'),
    );
  }
  const metadata = objectAt(object, 'metadata');
  const extra = without(metadata, 'managedFields', 'creationTimestamp', ...(local ? ['namespace'] : []));
  if (Object.keys(extra).length > 0) {
    const text = local ? 'must be empty except for namespace' : 'must be empty';
    problems.push(invalidValue('metadata', metadata, text));
  }
  return local ? [...problems, ...localProblems(object)] : problems;
}

function localProblems(object: JsonObject): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const resource = at(object, 'spec', 'resourceAttributes');
  const own = textAt(resource, 'namespace') ?? '';
  if (resource !== undefined && own !== textAt(object, 'metadata', 'namespace')) {
    problems.push(invalidValue('spec.resourceAttributes.namespace', own, 'must match metadata.namespace'));
  }
  const path = at(object, 'spec', 'nonResourceAttributes');
  if (path !== undefined) {
    problems.push(invalidValue('spec.nonResourceAttributes', goPath(path), 'disallowed on this kind of request'));
  }
  return problems;
}

/** The API server prints its internal form, whose members have capitals. */
function goPath(value: Json): JsonObject {
  return { Path: textAt(value, 'path') ?? '', Verb: textAt(value, 'verb') ?? '' };
}

function subjectOf(spec: JsonObject): User {
  const extra = Object.keys(objectAt(spec, 'extra')).map((key) => [key, textsAt(spec, 'extra', key)] as const);
  return {
    name: textAt(spec, 'user') ?? '',
    uid: textAt(spec, 'uid') ?? '',
    groups: textsAt(spec, 'groups'),
    extra: Object.fromEntries(extra),
  };
}

function attributesIn(spec: JsonObject): Attributes {
  const path = at(spec, 'nonResourceAttributes');
  if (path !== undefined) return { kind: 'path', verb: textAt(path, 'verb') ?? '', path: textAt(path, 'path') ?? '' };
  const asked = stringsAt(spec, 'resourceAttributes') ?? {};
  const { verb = '', group = '', resource = '', subresource = '', namespace = '', name = '' } = asked;
  return { kind: 'resource', verb, group, resource, subresource, namespace, name };
}

/** The status of a SelfSubjectRulesReview. @throws Refusal 400 without a namespace. */
export function reviewRules(reading: Reading, object: JsonObject, asker: User): JsonObject {
  const namespace = textAt(object, 'spec', 'namespace') ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const { rules, problem } = rulesOf(reading, asker, namespace);
  return {
    resourceRules: rules.filter(({ resources }) => resources.length > 0).map(resourceRule),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
    ...(problem === '' ? {} : { evaluationError: problem }),
  };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: Rule): JsonObject {
  return { verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) };
}
