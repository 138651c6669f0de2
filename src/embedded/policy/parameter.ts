/** The objects that a policy is made more exact with: found by the binding's reference (…/plugin/policy/generic, read in 0.36). */
import { matchesRequirements } from '../../kube/selector.ts';
import type { Catalog } from '../catalog.ts';
import { at, type JsonObject, stringsAt, textAt } from '../json.ts';
import { groupVersion, type Kind } from '../kind.ts';
import { kinds, shelfName } from '../kinds.ts';
import { labelRequirements } from '../label-selector.ts';
import type { Reading } from '../store.ts';
import { keyFor } from '../stored.ts';
import type { Binding, Policy } from './policy.ts';

export type Parameters =
  /** The policy is judged once with each; undefined stands for none. */
  | { readonly kind: 'found'; readonly params: readonly (JsonObject | undefined)[] }
  | { readonly kind: 'failed'; readonly reason: string };

export interface Place {
  readonly reading: Reading;
  readonly catalog: Catalog;
  /** Of the object in question; empty when it has none. */
  readonly namespace: string;
}

export function parametersOf({ paramKind }: Policy, { paramRef }: Binding, place: Place): Parameters {
  if (!paramKind || !paramRef) return { kind: 'found', params: [undefined] };
  const kind = kindOf(paramKind, place.catalog);
  if (!kind) {
    return failed(`failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`);
  }
  const wanted = textAt(paramRef, 'namespace') ?? '';
  if (!kind.namespaced && wanted !== '') {
    return failed('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const namespace = kind.namespaced ? wanted || place.namespace : '';
  if (kind.namespaced && namespace === '') {
    return failed('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  }
  const params = find(place.reading, kind, namespace, paramRef);
  if (params.length === 0 && textAt(paramRef, 'parameterNotFoundAction') === 'Deny') {
    return failed('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return { kind: 'found', params };
}

const failed = (reason: string): Parameters => ({ kind: 'failed', reason });

function kindOf(wanted: { readonly apiVersion: string; readonly kind: string }, catalog: Catalog): Kind | undefined {
  const all = [...kinds, ...catalog.defined()];
  return all.find((kind) => kind.kind === wanted.kind && groupVersion(kind) === wanted.apiVersion);
}

function find(reading: Reading, kind: Kind, namespace: string, reference: JsonObject): readonly JsonObject[] {
  const name = textAt(reference, 'name') ?? '';
  if (name !== '') {
    const found = reading.get(shelfName(kind), keyFor(namespace, name));
    return found ? [found.object] : [];
  }
  const selector = labelRequirements(at(reference, 'selector') ?? {});
  return reading
    .list(shelfName(kind), namespace === '' ? undefined : namespace)
    .map(({ object }) => object)
    .filter((object) => matchesRequirements(selector, stringsAt(object, 'metadata', 'labels')));
}
