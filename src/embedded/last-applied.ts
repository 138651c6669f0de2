/**
 * From `kubectl apply` to `kubectl apply --server-side` (k8s.io/apimachinery/pkg/util/managedfields/internal, lastapplied*.go,
 * read in 0.36): what the annotation of the former says and the object still has is not disputed, and the annotation
 * follows the latter.
 */
import { compare } from './comparison.ts';
import { difference, fieldsOf, isEmpty, union } from './field-set.ts';
import { isObject, type Json, type JsonObject, parseJson, sortedByName, textAt, withAt } from './json.ts';
import { groupVersion } from './kind.ts';
import { bare, type Manager, type Writing } from './ownership.ts';
import { shapeFor } from './schema.ts';

/** The manager for whom all this is done. */
export const KUBECTL = 'kubectl';
const PATH = ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'];

/** The disputed fields without those that client-side apply set and nobody changed since. */
export function withoutPromised(writing: Writing, live: JsonObject, disputed: readonly Manager[]): readonly Manager[] {
  const promised = parsed(textAt(live, ...PATH) ?? '');
  if (!isObject(promised) || textAt(promised, 'apiVersion') !== groupVersion(writing.kind)) return disputed;
  const shape = shapeFor(writing.kind);
  const { removed, modified, added } = compare(shape, promised, bare(live));
  const kept = difference(fieldsOf(shape, promised), union(union(removed, modified), added));
  return disputed
    .map((manager) => ({ ...manager, fields: difference(manager.fields, kept) }))
    .filter(({ fields }) => !isEmpty(fields));
}

/** With the annotation, where there is one, saying what was applied now. */
export function withLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  if (!textAt(object, ...PATH)) return object;
  const said = textAt(config, ...PATH) === undefined ? config : withAt(config, PATH, undefined);
  const text = `${JSON.stringify(sortedByName(said))}\n`;
  return withAt(object, PATH, text);
}

function parsed(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined; // an annotation that cannot be read promises nothing
  }
}
