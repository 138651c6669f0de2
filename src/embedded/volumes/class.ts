/** Which class a claim or a volume belongs to. */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import { annotation } from './annotation.ts';

/** Empty: explicitly none. Undefined: the claim leaves the choice to the default class. */
export function classOf(object: PersistentVolumeClaim | PersistentVolume): string | undefined {
  return object.metadata.annotations?.[annotation.betaClass] ?? object.spec.storageClassName;
}

/**
 * The class that a claim without one gets; undefined when it has one (the empty class included) or none is the default.
 * Of several defaults the newest counts, then the first by name, as since Kubernetes 1.26.
 */
export function defaultClass(claim: PersistentVolumeClaim, classes: Iterable<StorageClass>): StorageClass | undefined {
  if (classOf(claim) !== undefined) return undefined;
  let chosen: StorageClass | undefined;
  for (const candidate of classes) {
    if (isDefault(candidate) && (!chosen || goesBefore(candidate, chosen))) chosen = candidate;
  }
  return chosen;
}

function isDefault({ metadata }: StorageClass): boolean {
  const { annotations = {} } = metadata;
  return annotations[annotation.defaultClass] === 'true' || annotations[annotation.betaDefaultClass] === 'true';
}

function goesBefore(one: StorageClass, other: StorageClass): boolean {
  // RFC 3339 in UTC sorts as text
  const made = one.metadata.creationTimestamp ?? '';
  const otherMade = other.metadata.creationTimestamp ?? '';
  return made === otherMade ? one.metadata.name < other.metadata.name : made > otherMade;
}
