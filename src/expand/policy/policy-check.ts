/**
 * What is wrong with a PVCPolicy or a PVCGroup as a person writes it, before an API server sees it: by the schema that the definition is
 * made of, and in the words of the reading. Pure.
 */
import type { z } from 'zod';
import type { KubeObject } from '../../kube/object.ts';
import { isObject } from '../../kube/reader.ts';
import { apiVersionOf, type Resource } from '../../kube/resource.ts';
import { type PVCGroup, pvcGroupSchema, pvcGroups } from '../api/pvc-group.ts';
import { type PVCPolicy, pvcPolicies, pvcPolicySchema } from '../api/pvc-policy.ts';
import { templateSchema } from '../api/template.ts';
import { brokenIn } from '../group/group.ts';
import { parseName } from '../settings/settings.ts';
import { nearest } from './nearest.ts';
import { problemsOf } from './policies.ts';
import type { Broken } from './policy.ts';

const MEMBERS: readonly string[] = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
const NAMED: readonly string[] = ['name', 'namespace', 'labels', 'annotations'];
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** What is longer was not meant for one of ours. */
const LONGEST_NAME = 40;
/** Nobody reads more at once. */
const MOST = 20;

/** A kind that people write. */
interface WrittenKind<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly schema: z.ZodType;
  /** Members of its spec. */
  readonly members: readonly string[];
  /** What the reading says. */
  readonly problems: (object: T) => readonly Broken[];
}

const policies: WrittenKind<PVCPolicy> = {
  resource: pvcPolicies,
  schema: pvcPolicySchema,
  members: Object.keys(pvcPolicySchema.shape.spec.shape),
  problems: problemsOf,
};

const groups: WrittenKind<PVCGroup> = {
  resource: pvcGroups,
  schema: pvcGroupSchema,
  members: Object.keys(pvcGroupSchema.shape.spec.shape).filter((member) => member !== 'status'),
  problems: (group) => [
    ...brokenIn(group),
    ...Object.values(group.spec.template.fields).flatMap((field): readonly Broken[] =>
      field && !field.ok ? [{ field: field.key ?? '', value: field.text, reason: field.reason }] : [],
    ),
  ],
};

/** Empty: it can be read as it was meant. The first is the first by its place in the object. */
export function checkPolicy(written: unknown): readonly Broken[] {
  return check(written, policies);
}

/** The same of a group. */
export function checkGroup(written: unknown): readonly Broken[] {
  return check(written, groups);
}

function check<T extends KubeObject>(written: unknown, kind: WrittenKind<T>): readonly Broken[] {
  if (!isObject(written)) {
    return [{ field: '', value: shown(written), reason: 'must be an object with apiVersion, kind, metadata and spec' }];
  }
  const all = [
    ...headProblems(written, kind),
    ...metadataProblems(written['metadata']),
    ...specProblems(written, kind),
  ];
  return all.slice(0, MOST);
}

type Members = Readonly<Record<string, unknown>>;

function headProblems<T extends KubeObject>(written: Members, { resource }: WrittenKind<T>): readonly Broken[] {
  const wanted = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  const heads = Object.entries(wanted).flatMap(([field, value]) =>
    written[field] === value ? [] : [{ field, value: shown(written[field]), reason: `must be ${value}` }],
  );
  return [...heads, ...strange(written, { known: MEMBERS, at: '' })];
}

function metadataProblems(given: unknown): readonly Broken[] {
  if (!isObject(given)) return [{ field: 'metadata', value: shown(given), reason: 'must have a name and a namespace' }];
  const { name, namespace } = given;
  const problems: Broken[] = [];
  const read = parseName(typeof name === 'string' ? name : '');
  if (!read.ok) problems.push({ field: 'metadata.name', value: shown(name), reason: read.reason });
  if (typeof namespace !== 'string' || !NAMESPACE.test(namespace)) {
    const reason = 'must be the name of a namespace: at most 63 lower-case letters, digits and "-"';
    problems.push({ field: 'metadata.namespace', value: shown(namespace), reason });
  }
  for (const field of ['labels', 'annotations']) {
    const value = given[field] ?? {};
    if (isObject(value) && Object.values(value).every((each) => typeof each === 'string')) continue;
    problems.push({ field: `metadata.${field}`, value: shown(value), reason: 'must be names with texts as values' });
  }
  return [...problems, ...strange(given, { known: NAMED, at: 'metadata.' })];
}

function strange(given: Members, { known, at }: { readonly known: readonly string[]; readonly at: string }) {
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .slice(0, MOST)
    .map((key) => unknownField(`${at}${key}`, given[key], known));
}

function unknownField(field: string, value: unknown, known: readonly string[]): Broken {
  const name = field.slice(field.lastIndexOf('.') + 1);
  const likely = name.length > LONGEST_NAME ? undefined : nearest(name, known);
  const hint = likely === undefined ? '' : `; did you mean ${likely}?`;
  return { field: shown(field), value: shown(value), reason: `is no field that can be written here${hint}` };
}

/** What the reading says of a setting is better than what the schema says; the schema knows of the rest. */
function specProblems<T extends KubeObject>(written: Members, kind: WrittenKind<T>): readonly Broken[] {
  const { problems, resource, schema } = kind;
  const { metadata } = written;
  const name = isObject(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : 'new';
  const head = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  const whole = { ...head, metadata: { name, namespace: 'any', uid: 'none', resourceVersion: '0' } };
  const read = problems(resource.project({ ...whole, spec: written['spec'] })).filter(
    ({ field }) => field !== 'spec.selector',
  );
  const { error } = schema.safeParse({ spec: written['spec'] });
  const covered = new Set(read.map(({ field }) => field));
  const others = (error?.issues ?? []).flatMap((issue) => issueProblems(issue, written, kind.members));
  return [...read, ...others.filter(({ field }) => !covered.has(field))].map((each) => ({
    ...each,
    value: each.value === '' ? shown(valueAt(written, each.field.split('.'))) : each.value,
  }));
}

type Issue = z.core.$ZodIssue;

function issueProblems(issue: Issue, written: Members, members: readonly string[]): readonly Broken[] {
  const at = issue.path.map(String);
  const field = at.join('.');
  const value = valueAt(written, at);
  if (issue.code === 'unrecognized_keys') {
    const given = isObject(value) ? value : {};
    return issue.keys.slice(0, MOST).map((key) => unknownField(`${field}.${key}`, given[key], knownAt(at, members)));
  }
  return [{ field, value: shown(value), reason: reasonOf(issue, { at, value }) }];
}

function knownAt(at: readonly string[], members: readonly string[]): readonly string[] {
  const [, , member, below] = ['', ...at];
  if (member === 'template') {
    return below === 'providerConfig' ? ['volumeType', 'iops'] : Object.keys(templateSchema.shape);
  }
  if (member === 'selector') {
    return below === 'matchExpressions' ? ['key', 'operator', 'values'] : ['matchLabels', 'matchExpressions'];
  }
  return member === 'members' ? ['name', 'namespace'] : members;
}

interface Place {
  readonly at: readonly string[];
  readonly value: unknown;
}

function reasonOf(issue: Issue, { at, value }: Place): string {
  const [, member, below] = at;
  if (value === undefined && member === 'selector' && below === undefined) {
    return 'is missing; an empty one ({}) selects every claim of the namespace';
  }
  if (member === 'selector' && below !== undefined) return selectorReason(issue, at);
  if (issue.code === 'invalid_format') return 'must be a name of lower-case letters, digits, "-" and "."';
  if (issue.code === 'invalid_type')
    return `must be ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}`;
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big')
    return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
  return issue.message.toLowerCase();
}

const LABEL = 'a label has at most 63 letters, digits, "-", "_" and "."';

function selectorReason(issue: Issue, at: readonly string[]): string {
  const last = at.at(-1) ?? '';
  if (last === 'matchLabels') return `must be labels with their values, for example workload: database; ${LABEL}`;
  if (last === 'operator') return 'must be In, NotIn, Exists or DoesNotExist';
  if (issue.code === 'custom') return 'must have values for In and NotIn, and none for Exists and DoesNotExist';
  if (last === 'key') return 'must be the name of a label, for example app.kubernetes.io/name';
  if (issue.code === 'invalid_type') return `must be of type ${issue.expected}`;
  return `cannot be on a claim: ${LABEL}`;
}

function valueAt(written: unknown, at: readonly string[]): unknown {
  let value = written;
  for (const key of at) {
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

const SHOWN = 80;

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}
