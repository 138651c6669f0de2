import { createHash } from 'node:crypto';
import { canonicalText } from '../../ledger/canonical.ts';
import { keyOfObject, type Manifest } from './manifest.ts';

/**
 * SHA-256 of what was written, whatever its files, order, indentation and comments: an apply is about the objects that
 * the evidence was about. `namespace` is where objects go that name none.
 */
export function manifestHash(manifests: readonly Manifest[], namespace: string): string {
  const objects = [...manifests]
    .sort((one, other) => (keyOfObject(one) < keyOfObject(other) ? -1 : 1))
    .map(({ object }) => object);
  const plain = JSON.parse(JSON.stringify({ namespace, objects }));
  return createHash('sha256').update(canonicalText(plain)).digest('hex');
}
