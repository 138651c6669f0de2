/** The part of every object that the API itself keeps: what it fills in and what it refuses there. */
import { sameJson } from '../kube/patch.ts';
import { type FieldProblem, forbiddenField, IMMUTABLE, invalidValue, required, tooLong } from './field.ts';
import {
  at,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  stringsAt,
  textAt,
  textsAt,
  withAt,
  without,
} from './json.ts';
import { isLabelValue, isQualifiedName } from './names.ts';

export interface MetadataRules {
  readonly namespaced: boolean;
  readonly nameRule: (name: string) => readonly string[];
  /** Described by a definition: its finalizers may have any name, as the API server only warns of them. */
  readonly custom?: object | undefined;
}

const LARGEST_ANNOTATIONS = 256 * 1024;
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** RFC 3339 in seconds, as metav1.Time is written. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function metadataOf(object: JsonObject): JsonObject {
  return objectAt(object, 'metadata');
}

export function finalizersOf(object: JsonObject): readonly string[] {
  return textsAt(object, 'metadata', 'finalizers');
}

export function isTerminating(object: JsonObject): boolean {
  return at(object, 'metadata', 'deletionTimestamp') !== undefined;
}

export function metadataProblems(object: JsonObject, rules: MetadataRules): readonly FieldProblem[] {
  const meta = metadataOf(object);
  return [...nameProblems(meta, rules), ...sharedProblems(meta, rules)];
}

/** `current` is what is stored. */
export function metadataUpdateProblems(
  object: JsonObject,
  current: JsonObject,
  rules: Pick<MetadataRules, 'custom'>,
): readonly FieldProblem[] {
  const meta = metadataOf(object);
  const before = metadataOf(current);
  const problems = [...newFinalizers(meta, before), ...immutableProblems(meta, before), ...sharedProblems(meta, rules)];
  return [...problems, ...problems]; // the API server looks twice: for all kinds alike, and in the rules of the kind
}

function nameProblems(meta: JsonObject, { namespaced, nameRule }: MetadataRules): readonly FieldProblem[] {
  const name = textAt(meta, 'name') ?? '';
  const prefix = textAt(meta, 'generateName') ?? '';
  const prefixTexts = prefix === '' ? [] : nameRule(prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix);
  const problems = prefixTexts.map((text) => invalidValue('metadata.generateName', prefix, text));
  if (name === '') problems.push(required('metadata.name', 'name or generateName is required'));
  else problems.push(...nameRule(name).map((text) => invalidValue('metadata.name', name, text)));
  if (!namespaced && textAt(meta, 'namespace'))
    problems.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  return problems;
}

function sharedProblems(meta: JsonObject, { custom }: Pick<MetadataRules, 'custom'>): readonly FieldProblem[] {
  return [
    ...labelProblems(stringsAt(meta, 'labels') ?? {}, 'metadata.labels'),
    ...annotationProblems(stringsAt(meta, 'annotations') ?? {}),
    ...ownerProblems(listAt(meta, 'ownerReferences')),
    ...finalizersProblems(textsAt(meta, 'finalizers'), 'metadata.finalizers', true).filter(
      ({ body }) => !custom || !body.endsWith(NOBODYS),
    ),
  ];
}

function labelProblems(labels: Readonly<Record<string, string>>, field: string): readonly FieldProblem[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...isQualifiedName(key).map((text) => invalidValue(field, key, text)),
    ...isLabelValue(value).map((text) => invalidValue(field, value, text)),
  ]);
}

function annotationProblems(annotations: Readonly<Record<string, string>>): readonly FieldProblem[] {
  const field = 'metadata.annotations';
  const entries = Object.entries(annotations);
  const problems = entries.flatMap(([key]) =>
    isQualifiedName(key.toLowerCase()).map((text) => invalidValue(field, key, text)),
  );
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return bytes > LARGEST_ANNOTATIONS ? [...problems, tooLong(field, LARGEST_ANNOTATIONS)] : problems;
}

const NOBODYS = 'name is neither a standard finalizer name nor is it fully qualified';

/** `indexed`: whether those that nobody knows are named with their place. */
export function finalizersProblems(names: readonly string[], field: string, indexed: boolean): readonly FieldProblem[] {
  const malformed = names.flatMap((name) => isQualifiedName(name).map((text) => invalidValue(field, name, text)));
  const both = names.includes('orphan') && names.includes('foregroundDeletion');
  const text = 'finalizer orphan and foregroundDeletion cannot be both set';
  const isUnknown = (name: string): boolean =>
    !name.includes('/') && !STANDARD_FINALIZERS.has(name) && isQualifiedName(name).length === 0;
  return [
    ...malformed,
    ...(both ? [invalidValue(field, names, text)] : []),
    ...names.flatMap((name, index) =>
      isUnknown(name) ? [invalidValue(indexed ? `${field}[${index}]` : field, name, NOBODYS)] : [],
    ),
  ];
}

function ownerProblems(owners: readonly Json[]): readonly FieldProblem[] {
  const field = 'metadata.ownerReferences';
  const problems = owners.flatMap((owner) => [
    ...OWNER_MEMBERS.filter(({ name }) => !textAt(owner, name)).map(({ name, text }) =>
      invalidValue(`${field}.${name}`, textAt(owner, name) ?? '', text),
    ),
    ...(textAt(owner, 'apiVersion') === 'v1' && textAt(owner, 'kind') === 'Event'
      ? [invalidValue(field, owner, '/v1, Kind=Event is disallowed from being an owner')]
      : []),
  ]);
  const controllers = owners.filter((owner) => at(owner, 'controller') === true).map(describeOwner);
  if (controllers.length < 2) return problems;
  const text = `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]} and ${controllers[1]}`;
  return [...problems, invalidValue(field, owners, text)];
}

const OWNER_MEMBERS = [
  { name: 'apiVersion', text: 'version must not be empty' },
  { name: 'kind', text: 'must not be empty' },
  { name: 'name', text: 'must not be empty' },
  { name: 'uid', text: 'must not be empty' },
];

function describeOwner(owner: Json): string {
  return `${textAt(owner, 'kind') ?? ''}/${textAt(owner, 'name') ?? ''}`;
}

/** While an object is being deleted its finalizers can only become fewer. */
function newFinalizers(meta: JsonObject, before: JsonObject): readonly FieldProblem[] {
  if (at(before, 'deletionTimestamp') === undefined) return [];
  const known = new Set(textsAt(before, 'finalizers'));
  const extra = [...new Set(textsAt(meta, 'finalizers'))].filter((name) => !known.has(name)).sort();
  if (extra.length === 0) return [];
  const list = extra.map((name) => JSON.stringify(name)).join(', ');
  const text = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return [forbiddenField('metadata.finalizers', text)];
}

const IMMUTABLE_MEMBERS = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp'];

function immutableProblems(meta: JsonObject, before: JsonObject): readonly FieldProblem[] {
  return IMMUTABLE_MEMBERS.filter((name) => at(meta, name) !== at(before, name)).map((name) =>
    invalidValue(`metadata.${name}`, at(meta, name) ?? null, IMMUTABLE),
  );
}

/** Metadata of a new object: what the client may not choose is chosen here. */
export function newMetadata(
  object: JsonObject,
  given: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly nowMs: number;
    readonly counted: boolean;
  },
): JsonObject {
  const { labels, annotations, finalizers, ownerReferences, generateName, generation, managedFields } =
    metadataOf(object);
  return dropUndefined({
    name: given.name,
    generateName,
    namespace: given.namespace === '' ? undefined : given.namespace,
    uid: given.uid,
    generation: given.counted ? 1 : generation,
    creationTimestamp: timestamp(given.nowMs),
    labels,
    annotations,
    ownerReferences,
    finalizers,
    managedFields,
  });
}

/** Metadata of an update: what the client may not change, or left out, stays as it is. */
export function updatedMetadata(object: JsonObject, current: JsonObject): JsonObject {
  const meta = metadataOf(object);
  const before = metadataOf(current);
  return dropUndefined({
    ...meta,
    name: textAt(meta, 'name') ?? before['name'],
    namespace: meta['namespace'] ?? before['namespace'],
    uid: textAt(meta, 'uid') || before['uid'],
    generation: before['generation'],
    creationTimestamp: before['creationTimestamp'],
    deletionTimestamp: before['deletionTimestamp'] ?? meta['deletionTimestamp'],
    deletionGracePeriodSeconds: before['deletionGracePeriodSeconds'],
    selfLink: undefined,
  });
}

export function raisedGeneration(meta: JsonObject): JsonObject {
  return { ...meta, generation: (numberAt(meta, 'generation') ?? 0) + 1 };
}

function dropUndefined(object: Readonly<Record<string, Json | undefined>>): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(object)) if (value !== undefined) kept[name] = value;
  return kept;
}

/** Generated names end in five characters of an alphabet without vowels and look-alikes (k8s.io/apimachinery/pkg/util/rand). */
export function generatedName(prefix: string, next: () => number): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  let suffix = '';
  for (let index = 0; index < 5; index += 1) suffix += alphabet[Math.floor(next() * alphabet.length)] ?? 'b';
  return `${prefix.slice(0, 63 - 5)}${suffix}`;
}

/** A new object is not being deleted, whatever it says. */
export function withoutEnd(object: JsonObject): JsonObject {
  const metadata = without(metadataOf(object), 'deletionTimestamp', 'deletionGracePeriodSeconds');
  return { ...object, metadata };
}

const REPEATED_OWNERS =
  '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed:';

/** Each owner once; who comes twice is warned of. */
export function withSingleOwners(object: JsonObject): {
  readonly object: JsonObject;
  readonly warnings: readonly string[];
} {
  const owners = listAt(object, 'metadata', 'ownerReferences');
  const single = owners.filter((owner, index) => owners.findIndex((other) => sameJson(other, owner)) === index);
  if (single.length === owners.length) return { object, warnings: [] };
  const repeated = owners.filter((owner) => !single.includes(owner)).map((owner) => textAt(owner, 'uid') ?? '');
  const text = `${REPEATED_OWNERS} ${[...new Set(repeated)].join(', ')}`;
  return { object: withAt(object, ['metadata', 'ownerReferences'], single), warnings: [text] };
}
