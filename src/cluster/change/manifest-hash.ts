import { createHash, scryptSync } from 'node:crypto';
import { isObject } from '../../kube/reader.ts';
import { canonicalText } from '../../ledger/canonical.ts';
import { type JsonObject, keyOfObject, type Manifest } from './manifest.ts';
import { holdsValues } from './masking.ts';

/**
 * SHA-256 of what was written, whatever its files, order, indentation and comments: an apply is about the objects that
 * the evidence was about. `namespace` is where objects go that name none. Values of Secrets enter as slow hashes: the
 * hash is in a record that anybody may read, and whoever knows all the rest must not try values by the million.
 */
export function manifestHash(manifests: readonly Manifest[], namespace: string): string {
  const objects = [...manifests]
    .sort((one, other) => (keyOfObject(one) < keyOfObject(other) ? -1 : 1))
    .map((manifest) => (isSecret(manifest) ? withSlowHashes(manifest) : manifest.object));
  const plain = JSON.parse(JSON.stringify({ namespace, objects }));
  return createHash('sha256').update(canonicalText(plain)).digest('hex');
}

function isSecret({ apiVersion, kind }: Manifest): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

function withSlowHashes(manifest: Manifest): JsonObject {
  const { object } = manifest;
  const fields = Object.keys(object).filter(holdsValues);
  const hashed = fields.map((field) => [field, slowHash(object[field], `${keyOfObject(manifest)}/${field}`)]);
  return { ...object, ...Object.fromEntries(hashed) };
}

/** Node's defaults: some 30 ms and 16 MiB for each value. The salt makes that work worthless for the next object. */
function slowHash(value: unknown, salt: string): unknown {
  if (typeof value === 'string') return scryptSync(value, salt, 32).toString('hex');
  if (typeof value === 'number') return scryptSync(String(value), `number ${salt}`, 32).toString('hex');
  if (Array.isArray(value)) return value.map((each, index) => slowHash(each, `${salt}/${index}`));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, slowHash(inside, `${salt}/${name}`)]));
}
