/** Which names of which definition are served: of two that want the same in a group, who came first. */
import { type JsonObject, listAt, objectAt, textAt, textsAt, withAt } from '../json.ts';
import { timestamp } from '../metadata.ts';
import { withCondition } from './condition.ts';

export interface Acceptance {
  readonly definition: JsonObject;
  readonly names: JsonObject;
  /** Of every name that somebody else has: which, and what the API server calls that. */
  readonly conflicts: readonly { readonly reason: string; readonly message: string }[];
  /** Its objects can be read and written. */
  readonly established: boolean;
}

/** Every definition, those that are served already first. */
export function acceptNames(definitions: readonly JsonObject[]): readonly Acceptance[] {
  const taken = new Map<string, { readonly resources: Set<string>; readonly kinds: Set<string> }>();
  return [...definitions].sort(inOrder).map((definition) => {
    const group = textAt(definition, 'spec', 'group') ?? '';
    const own = taken.get(group) ?? { resources: new Set(), kinds: new Set() };
    taken.set(group, own);
    const acceptance = accept(definition, own.resources, own.kinds);
    const { plural, singular, shortNames, kind, listKind } = acceptance.names;
    for (const name of [plural, singular, ...(Array.isArray(shortNames) ? shortNames : [])]) {
      if (typeof name === 'string' && name !== '') own.resources.add(name);
    }
    for (const name of [kind, listKind]) if (typeof name === 'string' && name !== '') own.kinds.add(name);
    return acceptance;
  });
}

function inOrder(left: JsonObject, right: JsonObject): number {
  const rank = (definition: JsonObject): string =>
    [
      isEstablished(definition) ? '0' : '1',
      textAt(definition, 'metadata', 'creationTimestamp') ?? '',
      textAt(definition, 'metadata', 'name') ?? '',
    ].join(' ');
  return rank(left) < rank(right) ? -1 : 1;
}

function isEstablished(definition: JsonObject): boolean {
  return listAt(definition, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Established' && textAt(condition, 'status') === 'True',
  );
}

function accept(definition: JsonObject, resources: ReadonlySet<string>, kinds: ReadonlySet<string>): Acceptance {
  const wanted = objectAt(definition, 'spec', 'names');
  const before = objectAt(definition, 'status', 'acceptedNames');
  const names: Record<string, JsonObject[string]> = { ...wanted };
  const conflicts: { reason: string; message: string }[] = [];
  const refuse = (name: string, reason: string, value: string): void => {
    conflicts.push({ reason, message: `${JSON.stringify(value)} is already in use` });
    names[name] = before[name] ?? '';
  };
  const resource = (name: string, reason: string): void => {
    const value = textAt(wanted, name) ?? '';
    if (resources.has(value)) refuse(name, reason, value);
  };
  const spelled = (name: string, reason: string): void => {
    const value = textAt(wanted, name) ?? '';
    if (kinds.has(value)) refuse(name, reason, value);
  };
  resource('plural', 'PluralConflict');
  resource('singular', 'SingularConflict');
  const short = textsAt(wanted, 'shortNames').filter((name) => resources.has(name));
  if (short.length > 0) {
    conflicts.push({
      reason: 'ShortNamesConflict',
      message: `[${short.map(inUse).join(', ')}]`.replace(/^\[([^,]*)\]$/, '$1'),
    });
    names['shortNames'] = before['shortNames'] ?? [];
  }
  spelled('kind', 'KindConflict');
  spelled('listKind', 'ListKindConflict');
  return {
    definition,
    names: withoutEmpty(names),
    conflicts,
    established: isEstablished(definition) || conflicts.length === 0,
  };
}

/** Only the plural and the kind are always said. */
function withoutEmpty(names: JsonObject): JsonObject {
  const isSaid = (name: string, value: JsonObject[string]): boolean =>
    name === 'plural' || name === 'kind' || (value !== '' && !(Array.isArray(value) && value.length === 0));
  return Object.fromEntries(Object.entries(names).filter(([name, value]) => isSaid(name, value)));
}

function inUse(name: string): string {
  return `${JSON.stringify(name)} is already in use`;
}

/** The definition with its status as the names say. */
export function withAcceptance({ definition, names, conflicts, established }: Acceptance, nowMs: number): JsonObject {
  const time = { lastTransitionTime: timestamp(nowMs) };
  const last = conflicts.at(-1);
  const named = withCondition(withAt(definition, ['status', 'acceptedNames'], names), {
    ...time,
    type: 'NamesAccepted',
    status: last ? 'False' : 'True',
    reason: last?.reason ?? 'NoConflicts',
    message: last?.message ?? 'no conflicts found',
  });
  if (isEstablished(definition)) return named;
  return withCondition(named, {
    ...time,
    type: 'Established',
    status: established ? 'True' : 'False',
    reason: established ? 'InitialNamesAccepted' : 'NotAccepted',
    message: established ? 'the initial names have been accepted' : 'not all names are accepted',
  });
}
