/** What a real API server publishes about its resources: names, subresources, columns of their tables. */
import { at, isObject, type JsonObject, listAt, numberAt, objectAt, textAt, textsAt } from './json.ts';
import generated from './schema.generated.json' with { type: 'json' };

export interface PublishedColumn {
  readonly name: string;
  readonly type: string;
  /** `name` marks the column that names the object. */
  readonly format: string;
  readonly priority: number;
  readonly description: string;
}

export interface PublishedSubresource {
  readonly name: string;
  /** What is read and written there; the group and version are empty when they are those of the resource. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

export interface Published {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly PublishedSubresource[];
  /** The definition in the published schema. */
  readonly schema: string;
  readonly columns: readonly PublishedColumn[];
}

/** `groupVersion`: `v1`, `apps/v1`. @throws Error when the resource was not generated. */
export function published(groupVersion: string, plural: string): Published {
  const found = at(generated, 'resources', `${groupVersion}/${plural}`);
  if (!isObject(found)) throw new Error(`nothing is published about ${groupVersion} ${plural}`);
  const [version = '', group = ''] = groupVersion.split('/').reverse();
  const text = (name: string): string => textAt(found, name) ?? '';
  return {
    group,
    version,
    plural,
    singular: text('singular'),
    kind: text('kind'),
    namespaced: at(found, 'namespaced') === true,
    shortNames: textsAt(found, 'shortNames'),
    categories: textsAt(found, 'categories'),
    subresources: listAt(found, 'subresources').map((below) => readSubresource(objectAt(below))),
    schema: text('schema'),
    columns: listAt(found, 'columns').map((column) => readColumn(objectAt(column))),
  };
}

function readSubresource(below: JsonObject): PublishedSubresource {
  const text = (name: string): string => textAt(below, name) ?? '';
  const [name, group, version, kind] = [text('name'), text('group'), text('version'), text('kind')];
  return { name, group, version, kind, verbs: textsAt(below, 'verbs') };
}

function readColumn(column: JsonObject): PublishedColumn {
  const text = (name: string): string => textAt(column, name) ?? '';
  const [name, type, format, description] = [text('name'), text('type'), text('format'), text('description')];
  return { name, type, format, description, priority: numberAt(column, 'priority') ?? 0 };
}

/** All resources that were generated, as `groupVersion/plural`. */
export const publishedNames: readonly string[] = Object.keys(objectAt(generated, 'resources'));
