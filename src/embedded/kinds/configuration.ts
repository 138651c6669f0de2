/** Secret and ConfigMap (pkg/apis/core/validation, read in 1.36). */
import { sameJson } from '../../kube/patch.ts';
import { type FieldProblem, forbiddenField, IMMUTABLE, invalidValue, required, tooLong } from '../field.ts';
import { at, type Json, type JsonObject, objectAt, textAt, without } from '../json.ts';
import type { Rules } from '../kind.ts';
import { isConfigKey } from '../names.ts';
import type { Cells } from '../row.ts';

const LARGEST_DATA = 1024 * 1024;

export const secretRules: Rules = {
  defaults: (secret) => ({ ...withData(secret), type: textAt(secret, 'type') || 'Opaque' }),
  problems: secretProblems,
  updateProblems: (secret, current) => [
    ...(textAt(secret, 'type') === textAt(current, 'type')
      ? []
      : [invalidValue('type', textAt(secret, 'type') ?? '', IMMUTABLE)]),
    ...sealedProblems(secret, current, ['data']),
  ],
};

/** `stringData` is for writing only: it ends up, encoded, in `data`. */
function withData(secret: JsonObject): JsonObject {
  const texts = Object.entries(objectAt(secret, 'stringData'));
  if (texts.length === 0) return without(secret, 'stringData');
  const encoded = texts.map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')] as const);
  const data = { ...objectAt(secret, 'data'), ...Object.fromEntries(encoded) };
  return { ...without(secret, 'stringData'), data };
}

/** The keys that a type of secret must have; of a list of lists, one of each. */
const NEEDED: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ['kubernetes.io/dockercfg', [['.dockercfg']]],
  ['kubernetes.io/dockerconfigjson', [['.dockerconfigjson']]],
  ['kubernetes.io/basic-auth', [['username', 'password']]],
  ['kubernetes.io/ssh-auth', [['ssh-privatekey']]],
  ['kubernetes.io/tls', [['tls.crt'], ['tls.key']]],
]);

function secretProblems(secret: JsonObject): readonly FieldProblem[] {
  const data = objectAt(secret, 'data');
  const needed = NEEDED.get(textAt(secret, 'type') ?? '') ?? [];
  const missing = needed.filter((choice) => !choice.some((key) => Object.hasOwn(data, key)));
  const bytes = Object.values(data).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value), 'base64'), 0);
  return [
    ...keyProblems(data, 'data'),
    ...(bytes > LARGEST_DATA ? [tooLong('data', LARGEST_DATA)] : []),
    ...missing.flatMap((choice) => choice.map((key) => required(`data[${key}]`))),
  ];
}

function keyProblems(data: JsonObject, field: string): readonly FieldProblem[] {
  return Object.keys(data).flatMap((key) =>
    isConfigKey(key).map((text) => invalidValue(`${field}[${key}]`, key, text)),
  );
}

/** What `immutable: true` forbids, for as long as the object exists. */
function sealedProblems(object: JsonObject, current: JsonObject, members: readonly string[]): readonly FieldProblem[] {
  if (at(current, 'immutable') !== true) return [];
  const text = 'field is immutable when `immutable` is set';
  const changed = members.filter((name) => !sameJson(objectAt(object, name), objectAt(current, name)));
  const problems = changed.map((name) => forbiddenField(name, text));
  return at(object, 'immutable') === true ? problems : [forbiddenField('immutable', text), ...problems];
}

export const configMapRules: Rules = {
  problems: (configMap) => {
    const data = objectAt(configMap, 'data');
    const binary = objectAt(configMap, 'binaryData');
    const both = Object.keys(data).filter((key) => Object.hasOwn(binary, key));
    const bytes = sizeOf(Object.values(data), 'utf8') + sizeOf(Object.values(binary), 'base64');
    return [
      ...keyProblems(data, 'data'),
      ...both.map((key) => invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')),
      ...keyProblems(binary, 'binaryData'),
      ...(bytes > LARGEST_DATA ? [tooLong('[]', LARGEST_DATA)] : []),
    ];
  },
  updateProblems: (configMap, current) => sealedProblems(configMap, current, ['data', 'binaryData']),
};

function sizeOf(values: readonly Json[], encoding: BufferEncoding): number {
  return values.reduce<number>((sum, value) => sum + Buffer.byteLength(String(value), encoding), 0);
}

export const secretCells: Cells = {
  Type: (secret) => textAt(secret, 'type') ?? '',
  Data: (secret) => Object.keys(objectAt(secret, 'data')).length,
};

export const configMapCells: Cells = {
  Data: (configMap) =>
    Object.keys(objectAt(configMap, 'data')).length + Object.keys(objectAt(configMap, 'binaryData')).length,
};
