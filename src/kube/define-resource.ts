/** Resources are defined by their address and by a reader of what their objects have beyond metadata. */
import type { KubeObject, ObjectMeta, OwnerReference } from './object.ts';
import {
  flag,
  identifier,
  integer,
  listOf,
  object,
  oneOf,
  type Reader,
  repeated,
  required,
  shared,
  stringMap,
  text,
} from './reader.ts';
import { apiVersionOf, type Resource } from './resource.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const ownerReference = object<OwnerReference>({
  apiVersion: required(repeated),
  kind: required(repeated),
  name: required(identifier),
  uid: required(identifier),
  controller: flag,
  blockOwnerDeletion: flag,
});

const metadata = object<ObjectMeta>({
  name: required(identifier),
  namespace: repeated,
  generateName: repeated,
  uid: required(identifier, ''),
  resourceVersion: required(text, ''),
  generation: integer,
  creationTimestamp: repeated,
  deletionTimestamp: text,
  labels: shared(stringMap(repeated)),
  annotations: stringMap(identifier, LAST_APPLIED),
  finalizers: shared(listOf(repeated)),
  ownerReferences: listOf(ownerReference),
});

/**
 * A resource whose objects are read member by member. Items of lists carry no apiVersion and kind, so these come from
 * the resource; another kind than the expected one throws.
 */
export function defineResource<T extends KubeObject>(
  address: { group: string; version: string; plural: string; kind: string; namespaced: boolean },
  read: Reader<Omit<T, keyof KubeObject>>,
): Resource<T> {
  const apiVersion = apiVersionOf(address);
  const head = object<KubeObject>({
    apiVersion: required(oneOf(apiVersion), apiVersion),
    kind: required(oneOf(address.kind), address.kind),
    metadata: required(metadata),
  });
  return {
    ...address,
    project(raw) {
      return Object.assign(head(raw), read(raw)) as T; // its two halves have been read
    },
  };
}
