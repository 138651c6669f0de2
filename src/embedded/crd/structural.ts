/**
 * The schema of a definition, read once into nodes: which members there are, what they default to, how lists are
 * owned (k8s.io/apiextensions-apiserver/pkg/apiserver/schema, read in 0.36).
 */
import { at, isObject, type Json, type JsonObject, listAt, member, objectAt, textAt, textsAt } from '../json.ts';

export interface Rule {
  readonly rule: string;
  readonly message: string;
  readonly messageExpression: string;
  readonly reason: string;
  readonly fieldPath: string;
  readonly optionalOldSelf: boolean;
}

export interface Structural {
  /** As it was written; values are checked against it. */
  readonly schema: JsonObject;
  /** Empty for int-or-string, and for schemas that leave it open. */
  readonly type: string;
  readonly nullable: boolean;
  readonly intOrString: boolean;
  /** Members that are not named are kept. */
  readonly preserve: boolean;
  /** A whole object, with apiVersion, kind and metadata. */
  readonly embedded: boolean;
  readonly properties: ReadonlyMap<string, Structural>;
  /** Of members that are not named; undefined: there are none. */
  readonly additional: Structural | undefined;
  readonly items: Structural | undefined;
  readonly fallback: Json | undefined;
  readonly listType: string;
  readonly listKeys: readonly string[];
  readonly mapType: string;
  readonly rules: readonly Rule[];
}

export function readStructural(schema: JsonObject): Structural {
  const additional = member(schema, 'additionalProperties');
  const items = member(schema, 'items');
  const properties = Object.entries(objectAt(schema, 'properties')).flatMap(([name, inner]) =>
    isObject(inner) ? [[name, readStructural(inner)] as const] : [],
  );
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  return {
    schema,
    type: intOrString ? '' : (textAt(schema, 'type') ?? ''),
    nullable: schema['nullable'] === true,
    intOrString,
    preserve: schema['x-kubernetes-preserve-unknown-fields'] === true,
    embedded: schema['x-kubernetes-embedded-resource'] === true,
    properties: new Map(properties),
    additional: isObject(additional) ? readStructural(additional) : additional === true ? ANYTHING : undefined,
    items: isObject(items) ? readStructural(items) : undefined,
    fallback: member(schema, 'default'),
    listType: textAt(schema, 'x-kubernetes-list-type') ?? 'atomic',
    listKeys: textsAt(schema, 'x-kubernetes-list-map-keys'),
    mapType: textAt(schema, 'x-kubernetes-map-type') ?? 'granular',
    rules: listAt(schema, 'x-kubernetes-validations').map(readRule),
  };
}

function readRule(rule: Json): Rule {
  return {
    rule: textAt(rule, 'rule') ?? '',
    message: textAt(rule, 'message') ?? '',
    messageExpression: textAt(rule, 'messageExpression') ?? '',
    reason: textAt(rule, 'reason') ?? '',
    fieldPath: textAt(rule, 'fieldPath') ?? '',
    optionalOldSelf: at(rule, 'optionalOldSelf') === true,
  };
}

/** Values of which nothing is said. */
const ANYTHING: Structural = {
  schema: {},
  type: '',
  nullable: true,
  intOrString: false,
  preserve: true,
  embedded: false,
  properties: new Map(),
  additional: undefined,
  items: undefined,
  fallback: undefined,
  listType: 'atomic',
  listKeys: [],
  mapType: 'granular',
  rules: [],
};

/** What is said of a member; undefined when the schema does not know it. */
export function memberOf(node: Structural, name: string): Structural | undefined {
  return node.properties.get(name) ?? node.additional;
}

/** `spec.size`, also at the root. */
export function childPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
