/**
 * Who owns which fields, kept in metadata.managedFields (k8s.io/apimachinery/pkg/util/managedfields, read in 0.36). What
 * admission adds to a new object belongs to nobody. An object that lost its managedFields is not tracked any more, until
 * an apply calls the owner of what it finds `before-first-apply`.
 */
import { sameJson } from '../kube/patch.ts';
import {
  compare,
  difference,
  type FieldSet,
  fieldsOf,
  formatSet,
  isEmpty,
  NOTHING,
  parseSet,
  union,
  withoutBranch,
} from './field-set.ts';
import { at, isObject, type Json, type JsonObject, listAt, textAt, withAt } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { timestamp } from './metadata.ts';
import { structOf } from './schema.ts';
import type { WriteParameters } from './write-options.ts';

export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** RFC 3339 */
  readonly time: string;
  readonly fields: FieldSet;
}

const SERVERS_OWN = [
  ['f:apiVersion'],
  ['f:kind'],
  ...[
    'creationTimestamp',
    'deletionGracePeriodSeconds',
    'deletionTimestamp',
    'generation',
    'managedFields',
    'name',
    'namespace',
    'resourceVersion',
    'selfLink',
    'uid',
  ].map((name) => ['f:metadata', `f:${name}`]),
];

/** Without the fields that nobody can own. */
export function ownable(fields: FieldSet): FieldSet {
  return SERVERS_OWN.reduce(withoutBranch, fields);
}

export function managersOf(object: JsonObject): readonly Manager[] {
  return listAt(object, 'metadata', 'managedFields').flatMap((entry): Manager[] => {
    const name = textAt(entry, 'manager');
    if (name === undefined) return [];
    return [
      {
        name,
        operation: textAt(entry, 'operation') === 'Apply' ? 'Apply' : 'Update',
        apiVersion: textAt(entry, 'apiVersion') ?? '',
        subresource: textAt(entry, 'subresource') ?? '',
        time: textAt(entry, 'time') ?? '',
        fields: parseSet(at(entry, 'fieldsV1')),
      },
    ];
  });
}

/** Managers without fields leave the list. */
export function withManagers(object: JsonObject, managers: readonly Manager[]): JsonObject {
  const entries = managers
    .filter(({ fields }) => !isEmpty(fields))
    .map((manager) => ({
      manager: manager.name,
      operation: manager.operation,
      apiVersion: manager.apiVersion,
      time: manager.time,
      fieldsType: 'FieldsV1',
      fieldsV1: formatSet(manager.fields),
      ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
    }));
  return withAt(object, ['metadata', 'managedFields'], entries.length === 0 ? undefined : entries);
}

/** A new object, as its maker sent it, with its maker as the owner. An object made by an apply has its owner already. */
export function ownCreated(kind: Kind, object: JsonObject, parameters: WriteParameters, nowMs: number): JsonObject {
  if (managersOf(object).length > 0) return object;
  const fields = withoutBranch(ownable(fieldsOf(structOf(kind.schema), object)), ['f:status']);
  const { fieldManager: name } = parameters;
  const time = timestamp(nowMs);
  return withManagers(object, [
    { name, operation: 'Update', apiVersion: groupVersion(kind), subresource: '', time, fields },
  ]);
}

export interface Versions {
  readonly object: JsonObject;
  readonly current: JsonObject;
  readonly subresource: string;
}

/** A changed object as it is stored: whoever changed a field owns it, and nobody else any more. */
export function ownUpdated(kind: Kind, versions: Versions, parameters: WriteParameters, nowMs: number): JsonObject {
  const { object, current, subresource } = versions;
  const sent = at(object, 'metadata', 'managedFields');
  const stored = at(current, 'metadata', 'managedFields');
  const before = sent === undefined ? withAt(object, ['metadata', 'managedFields'], stored) : object;
  const managers = managersOf(before);
  if (managers.length === 0) return withManagers(object, []);
  const shape = structOf(kind.schema);
  const { changed, added, removed } = compare(shape, bare(current), bare(object));
  const taken = ownable(union(changed, added));
  const gone = union(taken, removed);
  if (isEmpty(gone)) return before;
  const own = {
    name: parameters.fieldManager,
    operation: 'Update' as const,
    apiVersion: groupVersion(kind),
    subresource,
  };
  const mine = managers.find((manager) => isSame(manager, own));
  const others = managers
    .filter((manager) => manager !== mine)
    .map((manager) => ({ ...manager, fields: difference(manager.fields, gone) }));
  const fields = union(difference(mine?.fields ?? NOTHING, removed), taken);
  const unchanged = mine !== undefined && sameJson(formatSet(fields), formatSet(mine.fields));
  const time = unchanged ? mine.time : timestamp(nowMs);
  return withManagers(object, [...others, { ...own, time, fields }]);
}

function isSame(left: Omit<Manager, 'time' | 'fields'>, right: Omit<Manager, 'time' | 'fields'>): boolean {
  return (
    left.name === right.name &&
    left.operation === right.operation &&
    left.subresource === right.subresource &&
    left.apiVersion === right.apiVersion
  );
}

/** Without the bookkeeping itself. */
export function bare(object: JsonObject): JsonObject {
  const metadata: Json | undefined = at(object, 'metadata');
  return isObject(metadata) ? withAt(object, ['metadata', 'managedFields'], undefined) : object;
}
