/** The schema of a definition as it is published, for `kubectl explain` and other clients. */
import { isObject, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import { schemaOf } from './version.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
export const OBJECT_META = `${META}.ObjectMeta`;
export const LIST_META = `${META}.ListMeta`;

const CONVENTIONS = 'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

const API_VERSION: JsonObject = {
  description: `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. ${CONVENTIONS}#resources`,
  type: 'string',
};

const KIND: JsonObject = {
  description: `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. ${CONVENTIONS}#types-kinds`,
  type: 'string',
};

function reference(name: string, description: string): JsonObject {
  return { description, allOf: [{ $ref: `#/components/schemas/${name}` }] };
}

/** Of the kind and of its list, by name. */
export function customSchemas(kind: Kind): readonly [name: string, schema: JsonObject][] {
  const { custom, schema, group, version } = kind;
  if (!custom) return [];
  const place = (name: string): JsonObject[string] => [{ group, kind: name, version }];
  const selectable = listAt(custom.version, 'selectableFields').map((field) => ({
    fieldPath: (textAt(field, 'jsonPath') ?? '').replace(/^\./, ''),
  }));
  const fields: JsonObject = selectable.length === 0 ? {} : { 'x-kubernetes-selectable-fields': selectable };
  const list: JsonObject = {
    description: `${custom.listKind} is a list of ${kind.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: API_VERSION,
      items: {
        description: `List of ${kind.plural}. ${CONVENTIONS}`,
        type: 'array',
        items: { $ref: `#/components/schemas/${schema}` },
      },
      kind: KIND,
      metadata: reference(LIST_META, `Standard list metadata. ${CONVENTIONS}#types-kinds`),
    },
    'x-kubernetes-group-version-kind': place(custom.listKind),
    ...fields,
  };
  const own = {
    ...withOwnMembers(schemaOf(custom.version), OWN),
    'x-kubernetes-group-version-kind': place(kind.kind),
    ...fields,
  };
  return [
    [schema, own],
    [schema.replace(/[^.]+$/, custom.listKind), list],
  ];
}

const OWN: JsonObject = {
  apiVersion: API_VERSION,
  kind: KIND,
  metadata: reference(OBJECT_META, `Standard object's metadata. ${CONVENTIONS}#metadata`),
};

/** A schema that keeps everything describes nothing: clients are told that members may be anything. */
function withOwnMembers(schema: JsonObject, own: JsonObject): JsonObject {
  const properties = Object.entries(objectAt(schema, 'properties')).map(
    ([name, inner]) => [name, isObject(inner) ? published(inner) : inner] as const,
  );
  return { ...schema, properties: { ...Object.fromEntries(properties), ...own } };
}

function published(schema: JsonObject): JsonObject {
  const properties = Object.entries(objectAt(schema, 'properties')).map(
    ([name, inner]) => [name, isObject(inner) ? published(inner) : inner] as const,
  );
  const whole = properties.length === 0 ? schema : { ...schema, properties: Object.fromEntries(properties) };
  const { items } = whole;
  const listed = isObject(items) ? { ...whole, items: published(items) } : whole;
  return schema['x-kubernetes-embedded-resource'] === true ? withOwnMembers(listed, OWN) : listed;
}
