/** What definitions are refused for, with the words of the API server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causesOf, create, definition, newGroup, type Schema, type Shape } from './definitions.ts';
import { connect } from './target.ts';

const api = await connect();
const group = newGroup();

const object: Schema = { type: 'object' };
const withSpec = (spec: Schema): Schema => ({ type: 'object', properties: { spec } });

interface Case {
  readonly what: string;
  readonly shape: Shape & { readonly metadata?: object; readonly group?: string; readonly plural?: string };
  readonly causes: readonly string[];
}

async function check({ shape, causes }: Case): Promise<void> {
  const { metadata, plural = 'foos', ...rest } = shape;
  const made = definition(shape.group ?? group, plural, rest);
  const answer = await create(api, metadata === undefined ? made : { ...made, metadata });
  assert.equal(answer.status, 422, answer.text);
  assert.equal(answer.json.reason, 'Invalid');
  assert.deepEqual(
    causesOf(answer),
    causes.map((cause) => cause.replaceAll('$GROUP', group)),
  );
}

const parts: readonly Case[] = [
  {
    what: 'a name that is not made of plural and group',
    shape: { metadata: { name: 'foos.other.com' } },
    causes: [
      'FieldValueInvalid metadata.name: Invalid value: "foos.other.com": must be spec.names.plural+"."+spec.group',
    ],
  },
  {
    what: 'a group without a point',
    shape: { group: 'nodots' },
    causes: ['FieldValueInvalid spec.group: Invalid value: "nodots": should be a domain with at least one dot'],
  },
  {
    what: 'a group of Kubernetes',
    shape: { group: 'x.k8s.io' },
    causes: [
      'FieldValueRequired metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  },
  {
    what: 'a scope that there is not',
    shape: { scope: 'Global' },
    causes: [
      'FieldValueNotSupported spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"',
    ],
  },
  {
    what: 'names that are no names',
    shape: {
      plural: 'Foos',
      names: { kind: 'foo bar', singular: 'Foo', shortNames: ['F'], listKind: 'foo bar', categories: ['A'] },
    },
    causes: [
      "FieldValueInvalid metadata.name: Invalid value: \"Foos.$GROUP\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "FieldValueInvalid spec.names.categories[0]: Invalid value: \"A\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      "FieldValueInvalid spec.names.kind: Invalid value: \"foo bar\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      'FieldValueInvalid spec.names.listKind: Invalid value: "foo bar": kind and listKind may not be the same',
      "FieldValueInvalid spec.names.listKind: Invalid value: \"foo bar\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      "FieldValueInvalid spec.names.plural: Invalid value: \"Foos\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      "FieldValueInvalid spec.names.shortNames[0]: Invalid value: \"F\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      "FieldValueInvalid spec.names.singular: Invalid value: \"Foo\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
  },
  {
    what: 'one name for an object and its list',
    shape: { names: { listKind: 'Foo' } },
    causes: ['FieldValueInvalid spec.names.listKind: Invalid value: "Foo": kind and listKind may not be the same'],
  },
  {
    what: 'two versions that are stored',
    shape: {
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: object } },
        { name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: object } },
      ],
    },
    causes: [
      'FieldValueInvalid spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":true,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null},{"Name":"v2","Served":true,"Storage":true,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
      'FieldValueInvalid status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
    ],
  },
  {
    what: 'no version that is stored',
    shape: { versions: [{ name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: object } }] },
    causes: [
      'FieldValueInvalid spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
      'FieldValueInvalid status.storedVersions: Invalid value: null: must have at least one stored version',
    ],
  },
  {
    what: 'one version twice',
    shape: {
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: object } },
        { name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: object } },
      ],
    },
    causes: [
      'FieldValueInvalid spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":true,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null},{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must contain unique version names',
    ],
  },
  {
    what: 'a name of a version that is none',
    shape: { versions: [{ name: 'V_1', served: true, storage: true, schema: { openAPIV3Schema: object } }] },
    causes: [
      "FieldValueInvalid spec.version: Invalid value: \"V_1\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      "FieldValueInvalid spec.versions[0].name: Invalid value: \"V_1\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
  },
  {
    what: 'a version without a schema',
    shape: { versions: [{ name: 'v1', served: true, storage: true }] },
    causes: ['FieldValueRequired spec.versions[0].schema.openAPIV3Schema: Required value'],
  },
  {
    what: 'columns that show nothing',
    shape: {
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: object },
          additionalPrinterColumns: [
            { name: '', type: 'x', jsonPath: 'spec' },
            { name: 'A', type: 'string', jsonPath: '.spec', format: 'q' },
            { name: 'B' },
          ],
        },
      ],
    },
    causes: [
      'FieldValueInvalid spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
      'FieldValueInvalid spec.additionalPrinterColumns[0].type: Invalid value: "x": must be one of boolean,date,integer,number,string',
      'FieldValueInvalid spec.additionalPrinterColumns[1].format: Invalid value: "q": must be one of byte,date,date-time,double,float,int32,int64,password',
      'FieldValueRequired spec.additionalPrinterColumns[0].name: Required value',
      'FieldValueRequired spec.additionalPrinterColumns[2].JSONPath: Required value',
      'FieldValueRequired spec.additionalPrinterColumns[2].type: Required value: must be one of boolean,date,integer,number,string',
    ],
  },
  {
    what: 'a scale that is found nowhere',
    shape: {
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: object },
          subresources: { scale: { specReplicasPath: 'spec.x', statusReplicasPath: '.foo' } },
        },
      ],
    },
    causes: [
      'FieldValueInvalid spec.subresources.scale.specReplicasPath: Invalid value: "spec.x": must be a simple json path starting with .',
      'FieldValueInvalid spec.subresources.scale.statusReplicasPath: Invalid value: ".foo": should be a json path under .status',
    ],
  },
  {
    what: 'fields to select by that cannot be',
    shape: {
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', properties: { a: { type: 'object' }, b: { type: 'string' } } } },
            },
          },
          selectableFields: [
            { jsonPath: 'spec.a' },
            { jsonPath: '.spec.a' },
            { jsonPath: '.spec.q' },
            { jsonPath: '.spec.b' },
            { jsonPath: '.spec.b' },
          ],
        },
      ],
    },
    causes: [
      'FieldValueDuplicate spec.selectableFields[4].jsonPath: Duplicate value: ".spec.b"',
      'FieldValueInvalid spec.selectableFields[0].jsonPath: Invalid value: "spec.a": is an invalid path: expected [ or . but got: spec',
      'FieldValueInvalid spec.selectableFields[1].jsonPath: Invalid value: ".spec.a": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'FieldValueInvalid spec.selectableFields[2].jsonPath: Invalid value: ".spec.q": is an invalid path: does not refer to a valid field',
    ],
  },
  {
    what: 'a conversion that there is not',
    shape: { more: { conversion: { strategy: 'Odd' } } },
    causes: [
      'FieldValueNotSupported spec.conversion.strategy: Unsupported value: "Odd": supported values: "None", "Webhook"',
    ],
  },
  {
    what: 'a conversion by a webhook that is not named',
    shape: { more: { conversion: { strategy: 'Webhook' } } },
    causes: [
      'FieldValueRequired spec.conversion.conversionReviewVersions: Required value',
      'FieldValueRequired spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
    ],
  },
  {
    what: 'no conversion, and its webhook',
    shape: { more: { conversion: { strategy: 'None', webhook: { conversionReviewVersions: ['v1'] } } } },
    causes: [
      'FieldValueForbidden spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
    ],
  },
  {
    what: 'unknown fields preserved everywhere',
    shape: { more: { preserveUnknownFields: true } },
    causes: [
      'FieldValueInvalid spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
  },
];

interface SchemaCase {
  readonly what: string;
  readonly schema: Schema;
  readonly causes: readonly string[];
}

const schemas: readonly SchemaCase[] = [
  {
    what: 'a root that is no object',
    schema: { type: 'string' },
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.type: Invalid value: "string": must be object at the root',
    ],
  },
  {
    what: 'a root without a type',
    schema: {},
    causes: ['FieldValueRequired spec.validation.openAPIV3Schema.type: Required value: must not be empty at the root'],
  },
  {
    what: 'fields without a type',
    schema: withSpec({ properties: { a: {} } }),
    causes: [
      'FieldValueRequired spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Required value: must not be empty for specified object fields',
      'FieldValueRequired spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
    ],
  },
  {
    what: 'an array without items',
    schema: withSpec({ type: 'array' }),
    causes: [
      'FieldValueRequired spec.validation.openAPIV3Schema.properties[spec].items: Required value: must be specified',
    ],
  },
  {
    what: 'a type that there is not',
    schema: withSpec({ type: 'float' }),
    causes: [
      'FieldValueNotSupported spec.validation.openAPIV3Schema.properties[spec].type: Unsupported value: "float": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ],
  },
  {
    what: 'named and other members at once',
    schema: withSpec({
      type: 'object',
      properties: { a: { type: 'string' } },
      additionalProperties: { type: 'string' },
    }),
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
  },
  {
    what: 'unique items',
    schema: withSpec({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    ],
  },
  {
    what: 'types inside of anyOf',
    schema: withSpec({
      type: 'object',
      properties: { a: { type: 'string' } },
      anyOf: [{ properties: { a: { type: 'string' } } }],
      not: { description: 'x' },
    }),
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].anyOf[0].properties[a].type: Forbidden: must be empty to be structural',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].not.description: Forbidden: must be empty to be structural',
    ],
  },
  {
    what: 'more of the metadata than its name',
    schema: {
      type: 'object',
      properties: {
        metadata: {
          type: 'object',
          properties: { name: { type: 'string', maxLength: 3 }, labels: { type: 'object' } },
        },
      },
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  },
  {
    what: 'other types of what every object has',
    schema: {
      type: 'object',
      properties: { metadata: { type: 'string' }, apiVersion: { type: 'integer' }, kind: { type: 'integer' } },
    },
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[apiVersion].type: Invalid value: "integer": must be string',
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[kind].type: Invalid value: "integer": must be string',
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[metadata].type: Invalid value: "string": must be object',
    ],
  },
  {
    what: 'a list by keys without keys',
    schema: withSpec({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      items: { type: 'object', properties: { a: { type: 'string' } } },
    }),
    causes: [
      'FieldValueRequired spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map',
    ],
  },
  {
    what: 'a list by keys that its items need not have',
    schema: withSpec({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['b', 'a'],
      items: { type: 'object', properties: { a: { type: 'string' } } },
    }),
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-list-map-keys: Invalid value: ["b","a"]: entries must all be names of item properties',
      'FieldValueRequired spec.validation.openAPIV3Schema.properties[spec].items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ],
  },
  {
    what: 'a type of list that there is not',
    schema: withSpec({ type: 'array', 'x-kubernetes-list-type': 'bag', items: { type: 'string' } }),
    causes: [
      'FieldValueNotSupported spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"',
    ],
  },
  {
    what: 'a set of objects with owners',
    schema: withSpec({
      type: 'array',
      'x-kubernetes-list-type': 'set',
      items: { type: 'object', properties: { a: { type: 'string' } } },
    }),
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set',
    ],
  },
  {
    what: 'a list type and a map type on an object',
    schema: withSpec({ type: 'object', 'x-kubernetes-list-type': 'set', 'x-kubernetes-map-type': 'odd' }),
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].type: Invalid value: "object": must be array if x-kubernetes-list-type is specified',
      'FieldValueNotSupported spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-map-type: Unsupported value: "odd": supported values: "atomic", "granular"',
    ],
  },
  {
    what: 'defaults that do not fit',
    schema: withSpec({
      type: 'object',
      properties: {
        a: { type: 'integer', default: 'x' },
        b: { type: 'object', properties: { c: { type: 'string' } }, default: { d: 1 } },
        e: { type: 'string', enum: ['x'], default: 'y' },
      },
    }),
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].properties[b].default: Invalid value: {"d":1}: must not have unknown fields',
      'FieldValueNotSupported spec.validation.openAPIV3Schema.properties[spec].properties[e].default: Unsupported value: "y": supported values: "x"',
      'FieldValueTypeInvalid spec.validation.openAPIV3Schema.properties[spec].properties[a].default: Invalid value: "string":  in body must be of type integer: "string"',
    ],
  },
  {
    what: 'a pattern that is none',
    schema: withSpec({ type: 'string', pattern: '(' }),
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
    ],
  },
  {
    what: 'a reference',
    schema: withSpec({ type: 'object', $ref: '#/x' }),
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].$ref: Forbidden: $ref is not supported',
    ],
  },
  {
    what: 'unknown fields that shall not be preserved',
    schema: withSpec({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined',
    ],
  },
  {
    what: 'a whole object that is a text',
    schema: withSpec({
      type: 'string',
      'x-kubernetes-preserve-unknown-fields': true,
      'x-kubernetes-embedded-resource': true,
    }),
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true',
    ],
  },
  {
    what: 'words of JSON schema that are not understood',
    schema: withSpec({
      type: 'object',
      patternProperties: { a: { type: 'string' } },
      dependencies: { a: ['b'] },
      definitions: { x: {} },
      id: 'x',
      additionalItems: true,
    }),
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].additionalItems: Forbidden: additionalItems is not supported',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].definitions: Forbidden: definitions is not supported',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].dependencies: Forbidden: dependencies is not supported',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].id: Forbidden: id is not supported',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].patternProperties: Forbidden: patternProperties is not supported',
    ],
  },
];

for (const each of parts) {
  test(`a definition is refused for ${each.what}`, () => check(each));
}

for (const { what, schema, causes } of schemas) {
  test(`a schema is refused for ${what}`, () => check({ what, shape: { schema }, causes }));
}
