/**
 * Who owns which fields, kept in metadata.managedFields (k8s.io/apimachinery/pkg/util/managedfields, read in 0.36). What
 * admission adds to an object belongs to nobody. An object that lost its managedFields is not tracked any more, until an
 * apply calls the owner of what it finds `before-first-apply`.
 */
import { type Comparison, compare } from './comparison.ts';
import { decode } from './decode.ts';
import {
  difference,
  type FieldSet,
  formatSet,
  intersection,
  isEmpty,
  NOTHING,
  parseSet,
  union,
  withoutBranch,
  withoutField,
} from './field-set.ts';
import { at, isList, type JsonObject, listAt, textAt, withAt } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { timestamp } from './metadata.ts';
import { type StructShape, shapeFor } from './schema.ts';
import type { WriteParameters } from './write-options.ts';

export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** RFC 3339; empty when the entry never changed the object. */
  readonly time: string;
  readonly fields: FieldSet;
}

/** More updaters than these are summed up as `ancient-changes`, the oldest first. */
const MOST_UPDATERS = 10;
const ANCIENT = 'ancient-changes';
const BEFORE_FIRST_APPLY = 'before-first-apply';

const SERVERS_OWN = [
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => ['f:metadata', `f:${name}`]),
];

/** Without the fields that nobody can own through an address: those that the server keeps, and those that a write there resets. */
export function ownable(fields: FieldSet, kind: Kind, subresource: string): FieldSet {
  return resetPaths(kind, subresource).reduce(withoutBranch, SERVERS_OWN.reduce(withoutField, fields));
}

function resetPaths(kind: Kind, subresource: string): readonly (readonly string[])[] {
  if (subresource !== 'status') return kind.subresources.includes('status') ? [['f:status']] : [];
  if (kind.custom) return [['f:spec'], ['f:metadata']];
  const pod = kind.group === '' && kind.plural === 'pods';
  const metadata = pod ? ['deletionTimestamp', 'ownerReferences'].map((name) => ['f:metadata', `f:${name}`]) : [];
  return [['f:spec'], ...metadata];
}

function managersOf(object: JsonObject): readonly Manager[] {
  const entries = listAt(object, 'metadata', 'managedFields').map((entry): Manager | undefined => {
    const operation = textAt(entry, 'operation');
    const apiVersion = textAt(entry, 'apiVersion') ?? '';
    if (operation !== 'Apply' && operation !== 'Update') return undefined;
    if (apiVersion === '' || textAt(entry, 'fieldsType') !== 'FieldsV1') return undefined;
    return {
      name: textAt(entry, 'manager') ?? '',
      operation,
      apiVersion,
      subresource: textAt(entry, 'subresource') ?? '',
      time: textAt(entry, 'time') ?? '',
      fields: parseSet(at(entry, 'fieldsV1')),
    };
  });
  const known = entries.filter((entry) => entry !== undefined);
  return known.length === entries.length ? known : []; // a list with an entry that makes no sense counts as none
}

/** Managers without fields leave the list. */
export function withManagers(object: JsonObject, managers: readonly Manager[]): JsonObject {
  const entries = managers
    .filter(({ fields }) => !isEmpty(fields))
    .sort(inOrder)
    .map((manager) => ({
      manager: manager.name,
      operation: manager.operation,
      apiVersion: manager.apiVersion,
      ...(manager.time === '' ? {} : { time: manager.time }),
      fieldsType: 'FieldsV1',
      fieldsV1: formatSet(manager.fields),
      ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
    }));
  return withAt(object, ['metadata', 'managedFields'], entries.length === 0 ? undefined : entries);
}

const ORDER = ['operation', 'time', 'name', 'apiVersion', 'subresource'] as const;

function inOrder(left: Manager, right: Manager): number {
  const member = ORDER.find((name) => left[name] !== right[name]);
  return member === undefined ? 0 : left[member] < right[member] ? -1 : 1;
}

export interface Writing {
  readonly kind: Kind;
  readonly subresource: string;
  readonly parameters: Pick<WriteParameters, 'fieldManager'>;
  readonly nowMs: number;
}

/** A new object, as its maker sent it, with its maker as the owner. */
export function ownCreated(kind: Kind, object: JsonObject, parameters: WriteParameters, nowMs: number): JsonObject {
  const writing = { kind, subresource: '', parameters, nowMs };
  return withManagers(object, afterUpdate(writing, emptyOf(shapeFor(kind)), object, managersOf(object)));
}

/** What an object is before anything is said about it: its structs are there. */
function emptyOf(shape: StructShape): JsonObject {
  const known = empties.get(shape);
  if (known) return known;
  const { object } = decode(shape, {}, { subject: shape.name });
  empties.set(shape, object);
  return object;
}

const empties = new WeakMap<StructShape, JsonObject>();

/** A changed object as its writer sent it: whoever changed a field owns it, and nobody else any more. */
export function ownUpdated(writing: Writing, object: JsonObject, current: JsonObject): JsonObject {
  const sent = at(object, 'metadata', 'managedFields');
  const isReset = isList(sent) && (sent.length === 0 || (sent.length === 1 && Object.keys(sent[0] ?? {}).length === 0));
  if (isReset && writing.subresource === '') return withManagers(object, []);
  const wanted = writing.subresource === '' ? managersOf(object) : [];
  const managers = wanted.length > 0 ? wanted : managersOf(current);
  if (managers.length === 0) return withManagers(object, []);
  return withManagers(object, afterUpdate(writing, current, object, managers));
}

function afterUpdate(
  writing: Writing,
  before: JsonObject,
  after: JsonObject,
  managers: readonly Manager[],
): readonly Manager[] {
  const { kind, subresource, parameters, nowMs } = writing;
  const change = changeBetween(writing, before, after);
  const taken = ownable(union(change.modified, change.added), kind, subresource);
  const others = cede(managers, change);
  const own = {
    name: parameters.fieldManager,
    operation: 'Update' as const,
    apiVersion: groupVersion(kind),
    subresource,
  };
  if (isEmpty(taken)) return summedUp(others, own.apiVersion);
  const mine = others.find((manager) => isSame(manager, own));
  const fields = union(mine?.fields ?? NOTHING, taken);
  const rest = others.filter((manager) => manager !== mine);
  return summedUp([...rest, { ...own, time: timestamp(nowMs), fields }], own.apiVersion);
}

/** What changed, as far as a write at the address counts. */
export function changeBetween(
  { kind, subresource }: Pick<Writing, 'kind' | 'subresource'>,
  before: JsonObject,
  after: JsonObject,
): Comparison {
  const { removed, modified, added } = compare(shapeFor(kind), bare(before), bare(after));
  const reset = (set: FieldSet): FieldSet => resetPaths(kind, subresource).reduce(withoutBranch, set);
  return { removed: reset(removed), modified: reset(modified), added: reset(added) };
}

/** The managers without what somebody else took from them or removed. */
export function cede(managers: readonly Manager[], { removed, modified, added }: Comparison): readonly Manager[] {
  const gone = union(union(modified, added), removed);
  return managers
    .map((manager) => ({ ...manager, fields: difference(manager.fields, gone) }))
    .filter(({ fields }) => !isEmpty(fields));
}

/** What each manager owns of what an apply would change. */
export function contested(managers: readonly Manager[], { modified, added }: Comparison): readonly Manager[] {
  const taken = union(modified, added);
  return managers
    .map((manager) => ({ ...manager, fields: intersection(manager.fields, taken) }))
    .filter(({ fields }) => !isEmpty(fields));
}

function summedUp(managers: readonly Manager[], apiVersion: string): readonly Manager[] {
  const updaters = managers
    .filter(({ operation }) => operation === 'Update')
    .sort((left, right) => (left.time === right.time ? inOrder(left, right) : left.time < right.time ? -1 : 1));
  const surplus = updaters.length - MOST_UPDATERS;
  if (surplus <= 0) return managers;
  const old = updaters.slice(0, surplus + 1);
  const sum: Manager = {
    name: ANCIENT,
    operation: 'Update',
    apiVersion,
    subresource: '',
    time: old.at(-1)?.time ?? '',
    fields: old.reduce((all, { fields }) => union(all, fields), NOTHING),
  };
  return [...managers.filter((manager) => !old.includes(manager)), sum];
}

function isSame(left: Omit<Manager, 'time' | 'fields'>, right: Omit<Manager, 'time' | 'fields'>): boolean {
  return (
    left.name === right.name &&
    left.operation === right.operation &&
    left.subresource === right.subresource &&
    left.apiVersion === right.apiVersion
  );
}

/** The managers of an object that somebody applies to; what nobody owned until now belongs to one of that name. */
export function managersBeforeApply(writing: Writing, live: JsonObject): readonly Manager[] {
  const known = managersOf(live);
  if (known.length > 0) return known;
  const parameters = { fieldManager: BEFORE_FIRST_APPLY };
  return afterUpdate({ ...writing, parameters }, emptyOf(shapeFor(writing.kind)), live, []);
}

/** Without the bookkeeping itself. */
export function bare(object: JsonObject): JsonObject {
  return at(object, 'metadata', 'managedFields') === undefined
    ? object
    : withAt(object, ['metadata', 'managedFields'], undefined);
}
