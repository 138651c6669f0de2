/** One version of a definition as a kind: the row that the table of kinds has for others. */
import { decode } from '../decode.ts';
import type { FieldProblem } from '../field.ts';
import { isObject, type JsonObject, listAt, member, objectAt, textAt, textsAt, without } from '../json.ts';
import { groupVersion, type Kind, type Rules, type Scaling, type Subresource } from '../kind.ts';
import { metadataOf } from '../metadata.ts';
import { isSubdomain } from '../names.ts';
import { internal } from '../refusal.ts';
import { structOf } from '../schema.ts';
import { makeStored, type Stored } from '../stored.ts';
import { columnsOf } from './columns.ts';
import { fillDefaults } from './default.ts';
import { embeddedObjectProblems } from './embedded-object.ts';
import { listTypeProblems } from './list-type.ts';
import { prune } from './prune.ts';
import { replicaProblems } from './replicas.ts';
import { compileRules, type Rules as Expressions } from './rules.ts';
import { selectableFieldsOf } from './selectable-field.ts';
import { shapeOf } from './shape.ts';
import { readStructural, type Structural } from './structural.ts';
import { unplaced } from './unplaced.ts';
import { validate } from './validate.ts';
import { schemaOf, type Version, versionsOf } from './version.ts';
import { compareVersions } from './version-order.ts';
import { deprecationWarning, finalizerWarnings } from './warning.ts';

export function customKind(definition: JsonObject, names: JsonObject, version: Version): Kind {
  const group = textAt(definition, 'spec', 'group') ?? '';
  const kind = textAt(names, 'kind') ?? '';
  const root = { ...readStructural(schemaOf(version.value)), embedded: true };
  const parts = member(version.value, 'subresources');
  const status = isObject(member(parts, 'status'));
  const scaling = scalingOf(member(parts, 'scale'));
  const subresources: Subresource[] = [];
  if (status) subresources.push('status');
  if (scaling) subresources.push('scale');
  const webhook = textAt(definition, 'spec', 'conversion', 'strategy') === 'Webhook';
  const own: Own = { group, version: version.name, kind, root, webhook };
  return {
    group,
    version: version.name,
    plural: textAt(names, 'plural') ?? '',
    singular: textAt(names, 'singular') ?? '',
    kind,
    shortNames: textsAt(names, 'shortNames'),
    categories: textsAt(names, 'categories'),
    namespaced: textAt(definition, 'spec', 'scope') === 'Namespaced',
    subresources,
    schema: `${group.split('.').reverse().join('.')}.${version.name}.${kind}`,
    ...(scaling && { scaling }),
    nameRule: isSubdomain,
    counted: true,
    putNeedsVersion: true,
    returnsDeleted: false,
    fields: selectableFieldsOf(listAt(version.value, 'selectableFields')),
    rules: rulesOf(own, status, scaling),
    columns: columnsOf(version.value),
    custom: {
      listKind: textAt(names, 'listKind') ?? '',
      shape: shapeOf(root, kind),
      decode: (raw, fill) => decodeCustom(own, raw, fill),
      present: presenter(own, versionsOf(definition)),
      store: storer(own, versionsOf(definition)),
      storageVersion: versionsOf(definition).find(({ storage }) => storage)?.name ?? version.name,
      version: version.value,
      deprecation: deprecationOf(definition, version.name),
    },
  };
}

/** The newest version that is served and not deprecated is named instead. */
function deprecationOf(definition: JsonObject, name: string): string {
  const sorted = versionsOf(definition)
    .map((version) => version.name)
    .sort(compareVersions);
  const [best] = sorted.filter((other) => {
    const version = versionsOf(definition).find((each) => each.name === other);
    return version?.served && version.value['deprecated'] !== true && compareVersions(other, name) < 0;
  });
  return deprecationWarning(definition, name, (other) => other === best);
}

interface Own {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly root: Structural;
  /** Somebody else turns one version into another. */
  readonly webhook: boolean;
}

const METADATA = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

function decodeCustom(
  { version, kind, root }: Own,
  raw: JsonObject,
  fill: boolean,
): { readonly object: JsonObject; readonly unknown: readonly string[] } {
  const { object, unknown } = prune(root, raw);
  const subject = `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}`;
  const metadata = decode(structOf(METADATA), objectAt(raw, 'metadata'), { subject, fill });
  const whole = { ...object, metadata: metadata.object };
  const strange = [...unknown, ...metadata.unknown.map((name) => `metadata.${name}`)].sort();
  return { object: fill ? fillDefaults(root, whole) : whole, unknown: strange };
}

/** @throws Refusal: nobody is asked, and an object that only looks converted would be a lie. */
function refuseConversion({ kind }: Own, object: JsonObject): never {
  const from = textAt(object, 'apiVersion') ?? '';
  throw internal(
    `conversion webhook for ${from}, Kind=${kind} failed: conversion by a webhook is not supported by this server`,
  );
}

/** An object as it is stored: in the one version that is, without what that one does not name. */
function storer(own: Own, versions: readonly Version[]): (object: JsonObject) => JsonObject {
  const storage = versions.find((version) => version.storage);
  if (!storage || storage.name === own.version) return (object) => object;
  if (own.webhook) return (object) => refuseConversion(own, object);
  const root = { ...readStructural(schemaOf(storage.value)), embedded: true };
  const apiVersion = `${own.group}/${storage.name}`;
  return (object) => ({ ...prune(root, object).object, apiVersion });
}

/**
 * An object as it was stored, perhaps by another version or under an older schema, as this version shows it: with the
 * defaults of the version that stored it, without what this one does not name.
 */
function presenter(own: Own, versions: readonly Version[]): (stored: Stored) => Stored {
  const seen = new WeakMap<Stored, Stored>();
  const roots = new Map<string, Structural>([[groupVersion(own), own.root]]);
  const rootOf = (apiVersion: string): Structural => {
    const known = roots.get(apiVersion);
    if (known) return known;
    const version = versions.find(({ name }) => `${own.group}/${name}` === apiVersion);
    const root = version ? readStructural(schemaOf(version.value)) : own.root;
    roots.set(apiVersion, root);
    return root;
  };
  return (stored) => {
    const known = seen.get(stored);
    if (known) return known;
    const apiVersion = groupVersion(own);
    if (own.webhook && stored.object['apiVersion'] !== apiVersion) refuseConversion(own, stored.object);
    const filled = fillDefaults(rootOf(textAt(stored.object, 'apiVersion') ?? ''), stored.object);
    const { object, unknown } = prune(own.root, filled);
    const same = unknown.length === 0 && filled === stored.object && stored.object['apiVersion'] === apiVersion;
    const { namespace, name, revision } = stored;
    const shown = same ? stored : makeStored(namespace, name, revision, { ...object, apiVersion });
    seen.set(stored, shown);
    return shown;
  };
}

/** `.spec.replicas`, and `.status.replicas` that an older field may lack. */
function scalingOf(scale: JsonObject[string] | undefined): Scaling | undefined {
  if (!isObject(scale)) return undefined;
  const path = (name: string): readonly string[] => (textAt(scale, name) ?? '').replace(/^\./, '').split('.');
  const selector = path('labelSelectorPath');
  return {
    replicas: path('specReplicasPath'),
    current: path('statusReplicasPath'),
    selector: (object) => (selector[0] === '' ? '' : (textAt(object, ...selector) ?? '')),
  };
}

function rulesOf(own: Own, status: boolean, scaling: Scaling | undefined): Rules {
  const { root } = own;
  let expressions: Expressions | undefined;
  // compiled with the first object: definitions that were only loaded cost nothing
  const rules = (): Expressions => (expressions ??= compileRules(root));
  const scaleProblems = (object: JsonObject): readonly FieldProblem[] =>
    scaling ? [scaling.replicas, scaling.current].flatMap((path) => replicaProblems(object, path)) : [];
  return {
    create: (object) => (status ? without(object, 'status') : object),
    problems: (object, current) =>
      withRules(
        [
          ...validate(root.schema, { path: '', value: object, old: current }),
          ...scaleProblems(object),
          ...nestedProblems(root, object),
          ...listProblems(root, object, current),
        ],
        rules(),
        () => rules().check(object, current),
      ),
    statusProblems: (object, current) =>
      withRules(
        [
          ...statusProblems(root, object, current),
          ...(scaling ? replicaProblems(object, scaling.current) : []),
          ...listProblems(root, object, current),
        ],
        rules(),
        () => rules().check(object, current),
      ),
    warnings: finalizerWarnings,
    updateStatus: (object, current) => ({ ...object, metadata: ownedMetadata(object, current) }),
  };
}

/** A write of the status changes no other metadata than who owns it. */
function ownedMetadata(object: JsonObject, current: JsonObject): JsonObject {
  const { managedFields } = metadataOf(object);
  const kept = without(metadataOf(current), 'managedFields');
  return managedFields === undefined ? kept : { ...kept, managedFields };
}

function nestedProblems(root: Structural, object: JsonObject): readonly FieldProblem[] {
  return embeddedObjectProblems({ ...root, embedded: false }, object);
}

/** Lists that were wrong before may stay so. */
function listProblems(root: Structural, object: JsonObject, current: JsonObject | undefined): readonly FieldProblem[] {
  return current && listTypeProblems(root, current).length > 0 ? [] : listTypeProblems(root, object);
}

/** The API server says `status` of the field, and not in the sentence. */
function statusProblems(root: Structural, object: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const node = root.properties.get('status');
  const value = member(object, 'status');
  if (!node || value === undefined) return [];
  const problems = validate(node.schema, { path: '', value, old: member(current, 'status') });
  return problems.map((problem) => ({
    ...problem,
    field: problem.field === '' ? 'status' : `status.${problem.field}`,
  }));
}

const BLOCKING = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/** Rules are not asked about objects that are not even of the right types. */
function withRules(
  problems: readonly FieldProblem[],
  rules: Expressions,
  check: () => readonly FieldProblem[],
): readonly FieldProblem[] {
  if (rules.none) return problems;
  if (!problems.some(({ reason }) => BLOCKING.has(reason))) return [...problems, ...check()];
  const text =
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
  return [...problems, { ...unplaced(text), body: `Invalid value: null: ${text}` }];
}
