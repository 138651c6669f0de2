import type { StorageClass } from '../kube/kinds.ts';
import { type ParsedClass, parseClass } from './class.ts';

/** Sound because what caches hold is replaced, never mutated. */
const readBefore = new WeakMap<StorageClass, ParsedClass>();

/** As `parseClass`, once for each object: a thousand claims at once ask for the same class. */
export function readClass(storageClass: StorageClass): ParsedClass {
  const before = readBefore.get(storageClass);
  if (before) return before;
  const read = parseClass(storageClass);
  readBefore.set(storageClass, read);
  return read;
}
