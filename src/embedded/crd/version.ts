/** One version of a definition, and where problems in it are said to be. */
import { isObject, type Json, type JsonObject, listAt, member, objectAt, textAt } from '../json.ts';

export interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly value: JsonObject;
}

export function versionsOf(definition: JsonObject): readonly Version[] {
  return listAt(definition, 'spec', 'versions').map((version) => {
    const value = isObject(version) ? version : {};
    const served = value['served'] === true;
    return { name: textAt(value, 'name') ?? '', served, storage: value['storage'] === true, value };
  });
}

/** The schema of the objects; empty when there is none. */
export function schemaOf(version: JsonObject): JsonObject {
  return objectAt(version, 'schema', 'openAPIV3Schema');
}

export interface Part {
  readonly path: string;
  readonly value: Json | undefined;
}

/**
 * A member of the versions with its place. The API server keeps what all versions share in one place, and names that one
 * (its older form of definitions had nothing else).
 */
export function partsOf(versions: readonly Version[], name: string, shared: string): readonly Part[] {
  const values = versions.map(({ value }) => member(value, name));
  const texts = new Set(values.map((value) => JSON.stringify(value)));
  if (texts.size === 1) return [{ path: shared, value: values[0] }];
  return values.map((value, index) => ({ path: `spec.versions[${index}].${name}`, value }));
}
