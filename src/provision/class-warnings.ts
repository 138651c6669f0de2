/** Settings of a class that exclude each other, in words. */
import type { StorageClass } from '../kube/kinds.ts';

export function classWarningsOf(storageClass: StorageClass): readonly string[] {
  const said = ['onDelete', 'archiveOnDelete'].find((key) => Object.hasOwn(storageClass.parameters ?? {}, key));
  if (said === undefined || storageClass.reclaimPolicy !== 'Retain') return [];
  return [
    `class ${storageClass.metadata.name}: reclaimPolicy Retain keeps every volume, so parameter ${said} has no effect: remove one of the two`,
  ];
}
