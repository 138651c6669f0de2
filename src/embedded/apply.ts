/** Server-side apply: what one manager says an object should be, merged with what others own. */

import { sameJson } from '../kube/patch.ts';
import type { Target } from './call.ts';
import { checkAddress, insert } from './create.ts';
import { decodeAs } from './decode.ts';
import { required } from './field.ts';
import { describePath, type FieldSet, fieldsOf, pathsOf, union } from './field-set.ts';
import { at, isObject, type JsonObject, textAt, withAt } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { shelfName } from './kinds.ts';
import { KUBECTL, withLastApplied, withoutPromised } from './last-applied.ts';
import { merge } from './merge.ts';
import { timestamp } from './metadata.ts';
import {
  bare,
  cede,
  changeBetween,
  contested,
  type Manager,
  managersBeforeApply,
  ownable,
  type Writing,
  withManagers,
} from './ownership.ts';
import { presented } from './present.ts';
import { prune } from './prune.ts';
import { badRequest, conflict, invalid, notFound, Refusal } from './refusal.ts';
import { shapeFor } from './schema.ts';
import type { Served } from './served.ts';
import type { Transaction } from './store.ts';
import { keyFor, type Stored } from './stored.ts';
import { typedProblems } from './typed.ts';
import { store } from './update.ts';
import type { WriteParameters } from './write-options.ts';

const NOT_THE_ONE = 'uid mismatch: the provided object specified uid';

export interface Applying {
  readonly served: Served;
  readonly target: Target;
  readonly parameters: WriteParameters;
}

export interface Applied {
  readonly stored: Stored;
  readonly created: boolean;
}

/** Inside a transaction. @throws Refusal, 409 with a cause per field that another manager owns with another value. */
export function apply(transaction: Transaction, context: Applying, raw: JsonObject): Applied {
  const { served, target, parameters } = context;
  const { kind, namespace, name, subresource } = target;
  const config = readConfiguration(context, raw);
  const current = presented(kind, transaction.get(shelfName(kind), keyFor(namespace, name)));
  const nowMs = served.clock.now();
  const writing = { kind, subresource, parameters, nowMs };
  const fields = ownable(fieldsOf(shapeFor(kind), config), kind, subresource);
  const operation = 'Apply' as const;
  const apiVersion = groupVersion(kind);
  const mine: Manager = { name: parameters.fieldManager, operation, apiVersion, subresource, time: '', fields };
  if (!current) {
    if (subresource !== '') throw notFound(kind, name);
    const uid = textAt(config, 'metadata', 'uid') ?? '';
    if (uid !== '') throw conflict(kind, name, `${NOT_THE_ONE} ${uid}, and no existing object was found`);
    const made = completed(kind, withAt(config, ['metadata', 'name'], name));
    const object = withManagers(made, [{ ...mine, time: timestamp(nowMs) }]);
    return { stored: insert(transaction, { ...context, object, ownershipDone: true }), created: true };
  }
  const { merged, managers } = mergeInto(writing, { live: current.object, config, mine, force: parameters.force });
  const object = completed(kind, merged);
  const change = { served, target, parameters, current, object: withManagers(object, managers), ownershipDone: true };
  return { stored: store(transaction, change), created: false };
}

/** What is applied, as it was written. @throws Refusal */
function readConfiguration({ target, parameters }: Applying, raw: JsonObject): JsonObject {
  const { kind } = target;
  if (!parameters.named) {
    const options = { group: 'meta.k8s.io', kind: 'PatchOptions' };
    throw invalid(options, '', [required('fieldManager', 'is required for apply patch')]);
  }
  checkVersion(kind, raw);
  checkAddress(target, raw);
  if (at(raw, 'metadata', 'managedFields') !== undefined) throw badRequest('metadata.managedFields must be nil');
  const problems = typedProblems(shapeFor(kind), raw);
  const [first] = problems;
  const subject = `failed to create typed patch object (${describe(kind, raw)})`;
  if (problems.length > 1) throw new Refusal(500, '', `${subject}: errors:\n  ${problems.join('\n  ')}`);
  if (first !== undefined) throw new Refusal(500, '', `${subject}: ${first}`);
  return raw;
}

function describe({ group, version, kind }: Kind, raw: JsonObject): string {
  const place = `${textAt(raw, 'metadata', 'namespace') ?? ''}/${textAt(raw, 'metadata', 'name') ?? ''}`;
  return `${place}; ${group}/${version}, Kind=${kind}`;
}

function checkVersion(kind: Kind, raw: JsonObject): void {
  const [version, name] = [textAt(raw, 'apiVersion') ?? '', textAt(raw, 'kind') ?? ''];
  if (version === groupVersion(kind) && name === kind.kind) return;
  const qualified = version.includes('/') || version === '' ? version || '/' : `/${version}`;
  throw badRequest(`invalid object type: ${qualified}, Kind=${name}`);
}

/** What a merge makes, as an object of the kind. @throws Refusal 500 when it cannot be one. */
function completed(kind: Kind, merged: JsonObject): JsonObject {
  const subject = `failed to convert new object (${describe(kind, merged)}) to proper version`;
  const into = `unable to convert unstructured object to ${kind.group}/${kind.version}, Kind=${kind.kind}`;
  const refuse = (why: string): Error => new Refusal(500, '', `${subject}: ${into}: ${why}`);
  const { object } = decodeAs(kind, merged, { subject, refuse });
  return { ...object, kind: kind.kind, apiVersion: groupVersion(kind) };
}

interface Merge {
  readonly live: JsonObject;
  readonly config: JsonObject;
  readonly mine: Manager;
  readonly force: boolean;
}

interface Merged {
  readonly merged: JsonObject;
  readonly managers: readonly Manager[];
}

function mergeInto(writing: Writing, wanted: Merge): Merged {
  const { live, config, mine, force } = wanted;
  const shape = shapeFor(writing.kind);
  const managers = managersBeforeApply(writing, live);
  const previous = managers.find((manager) => isApplier(manager, mine));
  const others = managers.filter((manager) => manager !== previous);
  const before = bare(live);
  const laid = merge(shape, before, config);
  const held = others.reduce<FieldSet>((all, { fields }) => union(all, fields), mine.fields);
  const pruned = previous ? prune(shape, laid, { last: previous.fields, held }) : laid;
  const merged = isObject(pruned) ? pruned : before;
  const change = changeBetween(writing, before, merged);
  const disputed = contested(others, change);
  if (disputed.length > 0 && !force) {
    const left = mine.name === KUBECTL ? withoutPromised(writing, live, disputed) : disputed;
    if (left.length > 0) throw conflictOf(left);
    return mergeInto(writing, { ...wanted, force: true });
  }
  const time = sameJson(before, merged) ? (previous?.time ?? '') : timestamp(writing.nowMs);
  const synced = mine.name === KUBECTL ? withLastApplied(merged, config) : merged;
  return { merged: synced, managers: [...cede(others, change), { ...mine, time }] };
}

function isApplier(manager: Manager, mine: Manager): boolean {
  return manager.operation === 'Apply' && manager.name === mine.name && manager.subresource === mine.subresource;
}

function conflictOf(disputed: readonly Manager[]): Refusal {
  const found = disputed.flatMap((manager) =>
    [...pathsOf(manager.fields)].map((path) => ({ manager: describeManager(manager), path: describePath(path) })),
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
