/** What roles and their bindings may say (pkg/apis/rbac, read in 1.36). */
import { sameJson } from '../../kube/patch.ts';
import { type FieldProblem, invalidValue, notAmong, required } from '../field.ts';
import { at, isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import type { Rules } from '../kind.ts';
import { isSubdomain } from '../names.ts';
import { isPathSegment } from './path-segment.ts';

const GROUP = 'rbac.authorization.k8s.io';
const PEOPLE = ['User', 'Group'];
const SUBJECTS = ['ServiceAccount', ...PEOPLE];

export const roleRules: Rules = {
  defaults: withRules,
  problems: (role) => listAt(role, 'rules').flatMap((rule, index) => ruleProblems(rule, true, `rules[${index}]`)),
};

export const clusterRoleRules: Rules = {
  defaults: withRules,
  problems: (role) => [
    ...listAt(role, 'rules').flatMap((rule, index) => ruleProblems(rule, false, `rules[${index}]`)),
    ...aggregationProblems(role),
  ],
};

/** The member is always there, if only as null. */
function withRules(role: JsonObject): JsonObject {
  return at(role, 'rules') === undefined ? { ...role, rules: null } : role;
}

function aggregationProblems(role: JsonObject): readonly FieldProblem[] {
  const rule = at(role, 'aggregationRule');
  if (!isObject(rule) || listAt(rule, 'clusterRoleSelectors').length > 0) return [];
  const text = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
  return [required('aggregationRule.clusterRoleSelectors', text)];
}

/** `namespaced`: the rules of a Role say nothing about addresses. */
function ruleProblems(rule: Json, namespaced: boolean, field: string): readonly FieldProblem[] {
  const has = (name: string): boolean => listAt(rule, name).length > 0;
  const verbs = has('verbs') ? [] : [required(`${field}.verbs`, 'verbs must contain at least one value')];
  if (has('nonResourceURLs')) {
    const refuse = (text: string): FieldProblem =>
      invalidValue(`${field}.nonResourceURLs`, listAt(rule, 'nonResourceURLs'), text);
    const mixed = has('apiGroups') || has('resources') || has('resourceNames');
    return [
      ...verbs,
      ...(namespaced ? [refuse('namespaced rules cannot apply to non-resource URLs')] : []),
      ...(mixed ? [refuse('rules cannot apply to both regular resources and non-resource URLs')] : []),
    ];
  }
  const groups = has('apiGroups')
    ? []
    : [required(`${field}.apiGroups`, 'resource rules must supply at least one api group')];
  const resources = has('resources')
    ? []
    : [required(`${field}.resources`, 'resource rules must supply at least one resource')];
  return [...verbs, ...groups, ...resources];
}

export const bindingRules: Rules = rulesOfBindings(['Role', 'ClusterRole'], true);
export const clusterBindingRules: Rules = rulesOfBindings(['ClusterRole'], false);

/** `kinds`: the roles that may be bound. */
function rulesOfBindings(kinds: readonly string[], namespaced: boolean): Rules {
  return {
    defaults: withGroups,
    problems: (binding) => [
      ...referenceProblems(objectAt(binding, 'roleRef'), kinds),
      ...listAt(binding, 'subjects').flatMap((subject, index) =>
        subjectProblems(subject, namespaced, `subjects[${index}]`),
      ),
    ],
    updateProblems: (binding, current) => {
      const role = objectAt(binding, 'roleRef');
      if (sameJson(role, objectAt(current, 'roleRef'))) return [];
      // as the server's own type prints itself
      const { apiGroup = '', kind = '', name = '' } = role;
      return [invalidValue('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')];
    },
  };
}

function withGroups(binding: JsonObject): JsonObject {
  const role = objectAt(binding, 'roleRef');
  const subjects = at(binding, 'subjects');
  return {
    ...binding,
    ...(subjects === undefined ? {} : { subjects: listAt(binding, 'subjects').map(withGroup) }),
    roleRef: { kind: '', name: '', ...role, apiGroup: textAt(role, 'apiGroup') || GROUP },
  };
}

function withGroup(subject: Json): Json {
  if (!isObject(subject) || !PEOPLE.includes(textAt(subject, 'kind') ?? '')) return subject;
  return { ...subject, apiGroup: textAt(subject, 'apiGroup') || GROUP };
}

function referenceProblems(role: JsonObject, kinds: readonly string[]): readonly FieldProblem[] {
  const [group, kind, name] = [textAt(role, 'apiGroup'), textAt(role, 'kind'), textAt(role, 'name')];
  const named = name
    ? isPathSegment(name).map((text) => invalidValue('roleRef.name', name, text))
    : [required('roleRef.name')];
  return [
    ...(group === GROUP ? [] : [notAmong('roleRef.apiGroup', group ?? '', [GROUP])]),
    ...(kinds.includes(kind ?? '') ? [] : [notAmong('roleRef.kind', kind ?? '', kinds)]),
    ...named,
  ];
}

function subjectProblems(subject: Json, namespaced: boolean, field: string): readonly FieldProblem[] {
  const kind = textAt(subject, 'kind') ?? '';
  const name = textAt(subject, 'name') ?? '';
  const group = textAt(subject, 'apiGroup') ?? '';
  const named = name === '' ? [required(`${field}.name`)] : [];
  if (!SUBJECTS.includes(kind)) return [...named, notAmong(`${field}.kind`, kind, SUBJECTS)];
  const wanted = kind === 'ServiceAccount' ? '' : GROUP;
  const grouped = group === wanted ? [] : [notAmong(`${field}.apiGroup`, group, [wanted])];
  if (kind !== 'ServiceAccount') return [...named, ...grouped];
  const texts = name === '' ? [] : isSubdomain(name).map((text) => invalidValue(`${field}.name`, name, text));
  const placed = namespaced || textAt(subject, 'namespace') ? [] : [required(`${field}.namespace`)];
  return [...named, ...texts, ...grouped, ...placed];
}
