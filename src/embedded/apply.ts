/** Server-side apply: what one manager says an object should be, merged with what others own. */

import { sameJson } from '../kube/patch.ts';
import type { Target } from './call.ts';
import { checkAddress, decodeFor, insert } from './create.ts';
import { decode, unknownFields } from './decode.ts';
import { required } from './field.ts';
import {
  describePath,
  difference,
  elementOf,
  type FieldSet,
  fieldsOf,
  filterFields,
  formatSet,
  intersection,
  isEmpty,
  NOTHING,
  pathsOf,
  union,
  valueAt,
  withoutBranch,
} from './field-set.ts';
import { at, isList, isObject, type Json, type JsonObject, member, textAt, withAt } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { shelfName } from './kinds.ts';
import { timestamp } from './metadata.ts';
import { bare, type Manager, managersOf, ownable, withManagers } from './ownership.ts';
import { badRequest, invalid, notFound, Refusal } from './refusal.ts';
import { type ListShape, memberShape, type Shape, structOf } from './schema.ts';
import type { Served } from './served.ts';
import type { Transaction } from './store.ts';
import { keyFor, type Stored } from './stored.ts';
import { store } from './update.ts';
import type { WriteParameters } from './write-options.ts';

export interface Applying {
  readonly served: Served;
  readonly target: Target;
  readonly parameters: WriteParameters;
}

export interface Applied {
  readonly stored: Stored;
  readonly created: boolean;
  readonly warnings: readonly string[];
}

/** Inside a transaction. @throws Refusal, 409 with a cause per field that another manager owns with another value. */
export function apply(transaction: Transaction, context: Applying, raw: JsonObject): Applied {
  const { served, target, parameters } = context;
  const { kind, namespace, name, subresource } = target;
  const { config, warnings } = readConfiguration(context, raw);
  const shape = structOf(kind.schema);
  const reset = subresource === 'status' ? 'f:spec' : 'f:status';
  const fields = withoutBranch(ownable(fieldsOf(shape, config)), [reset]);
  const mine: Manager = {
    name: parameters.fieldManager,
    operation: 'Apply',
    apiVersion: groupVersion(kind),
    subresource,
    time: timestamp(served.clock.now()),
    fields,
  };
  const current = transaction.get(shelfName(kind), keyFor(namespace, name));
  if (!current) {
    if (subresource !== '') throw notFound(kind, name);
    const { object } = decodeFor(kind, withAt(config, ['metadata', 'name'], name), 'Ignore');
    return {
      stored: insert(transaction, { ...context, object: withManagers(object, [mine]) }),
      created: true,
      warnings,
    };
  }
  const { merged, managers } = mergeInto(shape, { live: current.object, config, mine, force: parameters.force });
  const { object } = decodeFor(kind, merged, 'Ignore');
  const change = { served, target, parameters, current, object: withManagers(object, managers), ownershipDone: true };
  return { stored: store(transaction, change), created: false, warnings };
}

function readConfiguration(
  { target, parameters }: Applying,
  raw: JsonObject,
): { readonly config: JsonObject; readonly warnings: readonly string[] } {
  const { kind } = target;
  if (!parameters.named) {
    const options = { group: 'meta.k8s.io', kind: 'PatchOptions' };
    throw invalid(options, '', [required('fieldManager', 'is required for apply patch')]);
  }
  checkVersion(kind, raw);
  if (at(raw, 'metadata', 'managedFields') !== undefined) throw badRequest('metadata.managedFields must be nil');
  const { object: config, unknown } = decode(structOf(kind.schema), raw, {
    subject: 'failed to create typed patch object',
    fill: false,
  });
  const texts = unknownFields(unknown);
  if (texts.length > 0) {
    // the real server's typed merge refuses unknown fields whatever the validation
    const paths = unknown.map((path) => `.${path}: field not declared in schema`);
    throw new Refusal(
      500,
      '',
      `failed to create typed patch object (${describeObject(target)}; ${groupVersion(kind)}, Kind=${kind.kind}): ${paths.length === 1 ? paths[0] : `errors:\n  ${paths.join('\n  ')}`}`,
    );
  }
  checkAddress(target, config);
  return { config, warnings: [] };
}

function describeObject({ namespace, name }: Target): string {
  return `${namespace}/${name}`;
}

function checkVersion(kind: Kind, raw: JsonObject): void {
  const [version, name] = [textAt(raw, 'apiVersion') ?? '', textAt(raw, 'kind') ?? ''];
  if (version === '' || name === '') {
    throw badRequest(`error getting GVK: Object 'Kind' is missing in '${JSON.stringify(raw)}'`);
  }
  if (version === groupVersion(kind) && name === kind.kind) return;
  throw badRequest(
    `Incorrect version specified in apply patch. Specified patch version: ${version}, expected: ${groupVersion(kind)}`,
  );
}

interface Merge {
  readonly live: JsonObject;
  readonly config: JsonObject;
  readonly mine: Manager;
  readonly force: boolean;
}

function mergeInto(
  shape: Shape,
  { live, config, mine, force }: Merge,
): { readonly merged: JsonObject; readonly managers: readonly Manager[] } {
  const known = managersOf(live);
  const managers = known.length > 0 ? known : [beforeFirstApply(shape, live, mine)];
  const previous = managers.find((manager) => isApplier(manager, mine));
  const others = managers.filter((manager) => manager !== previous);
  const disputed = disputes(shape, { live, config, mine, others });
  if (disputed.length > 0 && !force) throw conflictOf(disputed);
  const ceded = disputed.map(({ manager, fields }) => ({ ...manager, fields: difference(manager.fields, fields) }));
  const kept = others.map(
    (manager) =>
      ceded.find(
        ({ name, operation, subresource }) =>
          name === manager.name && operation === manager.operation && subresource === manager.subresource,
      ) ?? manager,
  );
  const held = kept.reduce<FieldSet>((all, { fields }) => union(all, fields), NOTHING);
  const dropped = difference(difference(previous?.fields ?? NOTHING, mine.fields), held);
  const merged = prune(shape, mergeValues(shape, bare(live), config), dropped);
  const unchanged = previous !== undefined && sameJson(formatSet(previous.fields), formatSet(mine.fields));
  return {
    merged: isObject(merged) ? merged : live,
    managers: [...kept, unchanged ? { ...mine, time: previous.time } : mine],
  };
}

function beforeFirstApply(shape: Shape, live: JsonObject, { apiVersion, time }: Manager): Manager {
  const fields = ownable(fieldsOf(shape, bare(live)));
  return { name: 'before-first-apply', operation: 'Update', apiVersion, subresource: '', time, fields };
}

function isApplier(manager: Manager, mine: Manager): boolean {
  return manager.operation === 'Apply' && manager.name === mine.name && manager.subresource === mine.subresource;
}

interface Dispute {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** Fields that another manager owns and to which this apply would give another value. */
function disputes(
  shape: Shape,
  { live, config, mine, others }: Pick<Merge, 'live' | 'config' | 'mine'> & { readonly others: readonly Manager[] },
): readonly Dispute[] {
  const differs = (path: readonly string[]): boolean =>
    !sameJson(valueAt(shape, live, path) ?? null, valueAt(shape, config, path) ?? null);
  return others
    .map((manager) => ({ manager, fields: filterFields(intersection(mine.fields, manager.fields), [], differs) }))
    .filter(({ fields }) => !isEmpty(fields));
}

function conflictOf(disputed: readonly Dispute[]): Refusal {
  const found = disputed.flatMap(({ manager, fields }) =>
    [...pathsOf(fields)].map((path) => ({ manager: describeManager(manager), path: describePath(path) })),
  );
  const causes = found.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field: path,
  }));
  const [first] = found;
  if (found.length === 1 && first) {
    const message = `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.path}`;
    return new Refusal(409, 'Conflict', message, { causes });
  }
  const names = [...new Set(found.map(({ manager }) => manager))].sort();
  const lines = names.flatMap((name) => [
    `conflicts with ${name}:`,
    ...found.filter(({ manager }) => manager === name).map(({ path }) => `- ${path}`),
  ]);
  const message = `Apply failed with ${found.length} conflicts: ${lines.join('\n')}`;
  return new Refusal(409, 'Conflict', message, { causes });
}

function describeManager({ name, operation, apiVersion, subresource }: Manager): string {
  const place = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(name)}${place}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}

/** The live value with the applied one laid over it. */
function mergeValues(shape: Shape, live: Json | undefined, config: Json): Json {
  switch (shape.kind) {
    case 'struct':
    case 'map': {
      if (shape.atomic || !isObject(config) || !isObject(live)) return config;
      const members = new Map(Object.entries(live));
      for (const [name, value] of Object.entries(config)) {
        const inner = memberShape(shape, name);
        members.set(name, inner ? mergeValues(inner, members.get(name), value) : value);
      }
      return Object.fromEntries(members);
    }
    case 'list':
      return shape.owned === 'atomic' || !isList(config) || !isList(live) ? config : mergeLists(shape, live, config);
    case 'leaf':
      return config;
    default:
      return shape satisfies never;
  }
}

function mergeLists(shape: ListShape, live: readonly Json[], config: readonly Json[]): readonly Json[] {
  const applied = new Map(config.map((item) => [elementOf(shape, item), item]));
  const kept = live.map((item) => {
    const element = elementOf(shape, item);
    const mine = applied.get(element);
    applied.delete(element);
    return mine === undefined ? item : mergeValues(shape.items, item, mine);
  });
  return [...kept, ...applied.values()];
}

/** Without the fields of the set; what they leave empty goes with them. */
function prune(shape: Shape, value: Json, dropped: FieldSet): Json | undefined {
  if (isEmpty(dropped)) return value;
  if (dropped.self && !hasKeptParts(shape, value, dropped)) return undefined;
  if (isList(value) && shape.kind === 'list') {
    return value.flatMap((item) => {
      const below = dropped.children.get(elementOf(shape, item));
      const left = below ? prune(shape.items, item, below) : item;
      return left === undefined ? [] : [left];
    });
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([name, inner]): [string, Json][] => {
    const below = dropped.children.get(`f:${name}`);
    const left = below ? pruneMember(shape, name, { inner, below }) : inner;
    return left === undefined ? [] : [[name, left]];
  });
  return Object.fromEntries(entries);
}

function pruneMember(
  shape: Shape,
  name: string,
  { inner, below }: { readonly inner: Json; readonly below: FieldSet },
): Json | undefined {
  const innerShape = memberShape(shape, name);
  return innerShape ? prune(innerShape, inner, below) : undefined;
}

/** An item of a keyed list stays while somebody else owns one of its fields. */
function hasKeptParts(shape: Shape, value: Json, dropped: FieldSet): boolean {
  if (shape.kind !== 'struct' || !isObject(value) || dropped.children.size === 0) return false;
  return Object.keys(value).some((name) => member(value, name) !== undefined && !dropped.children.has(`f:${name}`));
}
