/** Parts of manifests as tests look at them. */
import assert from 'node:assert/strict';
import type { Plain } from '../../src/nomad/source/node.ts';
import type { Translated } from './translated.ts';

/** A manifest, by its file. */
export function manifestIn({ manifests }: Translated, file: string): Plain {
  const manifest = manifests.get(file);
  if (manifest === undefined) assert.fail(`no ${file} among ${[...manifests.keys()].join(', ')}`);
  return manifest;
}

/** What stands at a path, undefined where nothing does. */
export function at(value: Plain | undefined, ...path: readonly (string | number)[]): Plain | undefined {
  const [key, ...rest] = path;
  if (key === undefined || value === undefined) return value;
  if (isList(value)) return typeof key === 'number' ? at(value[key], ...rest) : undefined;
  return isMap(value) ? at(value[key], ...rest) : undefined;
}

export function items(value: Plain | undefined): readonly Plain[] {
  return value !== undefined && isList(value) ? value : [];
}

/** All manifests of a kind. */
export function ofKind({ manifests }: Translated, kind: string): readonly Plain[] {
  return [...manifests.values()].filter((manifest) => at(manifest, 'kind') === kind);
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

function isMap(value: Plain): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
