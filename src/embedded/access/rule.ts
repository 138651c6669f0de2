/** One rule of a role: what it allows, and whether rules cover others (k8s.io/component-helpers/auth/rbac/validation, read in 0.36). */
import { type Json, textsAt } from '../json.ts';
import { type Attributes, combined } from './attributes.ts';

export interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Empty: all. */
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

export function readRule(value: Json): Rule {
  return {
    verbs: textsAt(value, 'verbs'),
    apiGroups: textsAt(value, 'apiGroups'),
    resources: textsAt(value, 'resources'),
    resourceNames: textsAt(value, 'resourceNames'),
    nonResourceURLs: textsAt(value, 'nonResourceURLs'),
  };
}

/** Everything, everywhere. */
export const fullAuthority: readonly Rule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [], nonResourceURLs: [] },
  { verbs: ['*'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ['*'] },
];

const names = (list: readonly string[], wanted: string): boolean => list.includes('*') || list.includes(wanted);

export function ruleAllows(rule: Rule, attributes: Attributes): boolean {
  if (!names(rule.verbs, attributes.verb)) return false;
  if (attributes.kind === 'path') return rule.nonResourceURLs.some((url) => urlCovers(url, attributes.path));
  const { group, subresource, name } = attributes;
  return (
    names(rule.apiGroups, group) &&
    (names(rule.resources, combined(attributes)) ||
      (subresource !== '' && rule.resources.includes(`*/${subresource}`))) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}

function urlCovers(owned: string, path: string): boolean {
  return owned === path || (owned.endsWith('*') && path.startsWith(owned.replace(/\*+$/, '')));
}

/** The parts of the wanted rules that no owned rule covers: each with one verb, one resource or path, at most one name. */
export function uncovered(owned: readonly Rule[], wanted: readonly Rule[]): readonly Rule[] {
  return wanted.flatMap(atoms).filter((atom) => !owned.some((rule) => covers(rule, atom)));
}

function atoms({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: Rule): readonly Rule[] {
  const objects = resourceNames.length === 0 ? [[]] : resourceNames.map((name) => [name]);
  const onResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        objects.map((own) => ({
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          resourceNames: own,
          nonResourceURLs: [],
        })),
      ),
    ),
  );
  const onPaths = nonResourceURLs.flatMap((url) =>
    verbs.map((verb) => ({ verbs: [verb], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [url] })),
  );
  return [...onResources, ...onPaths];
}

function covers(owner: Rule, atom: Rule): boolean {
  const all = (owned: readonly string[], wanted: readonly string[]): boolean =>
    wanted.every((one) => names(owned, one));
  const resource = (wanted: string): boolean => {
    const mark = wanted.indexOf('/');
    return names(owner.resources, wanted) || (mark >= 0 && owner.resources.includes(`*${wanted.slice(mark)}`));
  };
  return (
    all(owner.verbs, atom.verbs) &&
    all(owner.apiGroups, atom.apiGroups) &&
    atom.resources.every(resource) &&
    atom.nonResourceURLs.every((url) => owner.nonResourceURLs.some((own) => urlCovers(own, url))) &&
    (owner.resourceNames.length === 0 ||
      (atom.resourceNames.length > 0 && atom.resourceNames.every((name) => owner.resourceNames.includes(name))))
  );
}

/** Rules as the API server names those that are missing: verbs on the same thing together, a line for each, sorted. */
export function describeRules(rules: readonly Rule[]): string {
  const bySubject = new Map<string, Rule>();
  for (const rule of rules) {
    const subject = rule.nonResourceURLs.length > 0 ? JSON.stringify(rule) : JSON.stringify({ ...rule, verbs: [] });
    const known = bySubject.get(subject);
    bySubject.set(subject, known ? { ...known, verbs: [...known.verbs, ...rule.verbs] } : rule);
  }
  return [...new Set([...bySubject.values()].map(describeRule))].sort().join('\n');
}

function describeRule({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: Rule): string {
  const parts = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ] as const;
  const said = parts.filter(([, list]) => list.length > 0).map(([name, list]) => `${name}:${quotedList(list)}`);
  return `{${said.join(', ')}}`;
}

/** As Go prints a slice of quoted strings: `["a" "b"]`. */
export function quotedList(list: readonly string[]): string {
  return `[${list.map((each) => JSON.stringify(each)).join(' ')}]`;
}
