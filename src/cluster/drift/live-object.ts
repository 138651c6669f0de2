/** What the cluster says of an object without showing it: its name and who wrote to it when. */
import { isObject } from '../../kube/reader.ts';
import { at, listAt, type ObjectId, objectAt, textAt } from '../change/manifest.ts';

export interface Write {
  readonly manager: string;
  readonly operation: string;
  /** Empty: the object itself. */
  readonly subresource: string;
  /** Epoch milliseconds, whole seconds as the server writes them; NaN where it does not say. */
  readonly at: number;
  /** `spec.replicas`, in the order of the server. */
  readonly fields: readonly string[];
}

export interface LiveObject extends ObjectId {
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  /** A controller made it, and removes it with its owner. */
  readonly isOwned: boolean;
  readonly isGoing: boolean;
  readonly writes: readonly Write[];
}

/** Of an object or its metadata; undefined: it has no name. */
export function liveObject(
  value: unknown,
  { apiVersion, kind }: Pick<ObjectId, 'apiVersion' | 'kind'>,
): LiveObject | undefined {
  const metadata = objectAt(value, 'metadata');
  const [name, namespace] = [textAt(metadata, 'name'), textAt(metadata, 'namespace')];
  if (name === '') return undefined;
  return {
    apiVersion,
    kind,
    name,
    ...(namespace === '' ? {} : { namespace }),
    annotations: objectAt(metadata, 'annotations'),
    createdAt: Date.parse(textAt(metadata, 'creationTimestamp')),
    isOwned: listAt(metadata, 'ownerReferences').length > 0,
    isGoing: textAt(metadata, 'deletionTimestamp') !== '',
    writes: listAt(metadata, 'managedFields').map(writeOf),
  };
}

function writeOf(entry: unknown): Write {
  return {
    manager: textAt(entry, 'manager'),
    operation: textAt(entry, 'operation'),
    subresource: textAt(entry, 'subresource'),
    at: Date.parse(textAt(entry, 'time')),
    fields: fieldsIn(at(entry, 'fieldsV1'), ''),
  };
}

/** `f:` is a field, `k:` an item of a list by its keys, `v:` a value of a set, `.` the thing itself. */
function fieldsIn(value: unknown, path: string): readonly string[] {
  if (!isObject(value)) return [];
  const inside = Object.entries(value).filter(([name]) => name !== '.');
  if (inside.length === 0) return path === '' ? [] : [path];
  return inside.flatMap(([name, rest]) => fieldsIn(rest, joined(path, name)));
}

function joined(path: string, name: string): string {
  if (name.startsWith('f:')) return path === '' ? name.slice(2) : `${path}.${name.slice(2)}`;
  return `${path}[${name.slice(2)}]`;
}
