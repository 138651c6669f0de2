/** What is wrong with the schema of a definition: it must say of every field what it is ("structural"). */
import { type FieldProblem, forbiddenField, invalidValue, notSupported, required } from '../field.ts';
import { at, isObject, type JsonObject, member, objectAt, textAt, textsAt } from '../json.ts';
import { defaultProblems } from './default-problems.ts';
import { junctorProblems } from './junctor.ts';
import { ruleProblems } from './rule-problems.ts';
import { expressionOf } from './validate.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** `path` is where the schema stands in the definition; `withStatus`: the status is written by itself. */
export function schemaProblems(schema: JsonObject, path: string, withStatus = false): readonly FieldProblem[] {
  const structure = [
    ...(withStatus ? statusRootProblems(schema, path) : []),
    ...rootProblems(schema, path),
    ...nodeProblems(schema, path, 'root'),
  ];
  if (structure.length > 0) return structure;
  return [...defaultProblems(schema, path), ...ruleProblems(schema, path)];
}

/** Of which Kubernetes says that they may stand at the root when the status is validated by itself. */
const ROOT_MEMBERS = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
];

/** The message ends in the names as the API server's own types have them; it also shows the whole schema, which is left out here. */
function statusRootProblems(schema: JsonObject, path: string): readonly FieldProblem[] {
  const known = new Set([
    ...ROOT_MEMBERS.map((name) => name.charAt(0).toLowerCase() + name.slice(1)),
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-validations',
  ]);
  if (Object.keys(schema).every((name) => known.has(name))) return [];
  const text = `only [${ROOT_MEMBERS.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalidValue(path, '', text)];
}

function rootProblems(schema: JsonObject, path: string): readonly FieldProblem[] {
  const type = textAt(schema, 'type') ?? '';
  if (type === '') return [required(`${path}.type`, 'must not be empty at the root')];
  const wrong = type === 'object' ? [] : [invalidValue(`${path}.type`, type, 'must be object at the root')];
  if (schema['nullable'] === true)
    wrong.push(forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root'));
  return [...wrong, ...ownMemberProblems(objectAt(schema, 'properties'), `${path}.properties`)];
}

/** apiVersion, kind and metadata are what they are. */
function ownMemberProblems(properties: JsonObject, path: string): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const types = { apiVersion: 'string', kind: 'string', metadata: 'object' };
  for (const [name, wanted] of Object.entries(types)) {
    const type = textAt(properties, name, 'type');
    if (type !== undefined && type !== wanted) {
      problems.push(invalidValue(`${path}[${name}].type`, type, `must be ${wanted}`));
    }
  }
  const more = Object.keys(objectAt(properties, 'metadata', 'properties'));
  if (more.some((name) => name !== 'name' && name !== 'generateName')) {
    const text = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    problems.push(forbiddenField(`${path}[metadata]`, text));
  }
  return problems;
}

type Level = 'root' | 'field' | 'item';

function nodeProblems(schema: JsonObject, path: string, level: Level): readonly FieldProblem[] {
  return [
    ...typeProblems(schema, path, level),
    ...unsupported(schema, path),
    ...patternProblems(schema, path),
    ...extensionProblems(schema, path),
    ...junctorProblems(schema, path),
    ...innerProblems(schema, path),
  ];
}

function typeProblems(schema: JsonObject, path: string, level: Level): readonly FieldProblem[] {
  const type = textAt(schema, 'type') ?? '';
  const open = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === '') {
    if (open || level === 'root') return [];
    return [
      required(`${path}.type`, `must not be empty for specified ${level === 'item' ? 'array items' : 'object fields'}`),
    ];
  }
  if (!TYPES.includes(type)) return [notSupported(`${path}.type`, type, TYPES)];
  return type === 'array' && !isObject(member(schema, 'items')) ? [required(`${path}.items`, 'must be specified')] : [];
}

const UNSUPPORTED = ['id', '$schema', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];

function unsupported(schema: JsonObject, path: string): readonly FieldProblem[] {
  const problems = UNSUPPORTED.filter((name) => member(schema, name) !== undefined).map((name) =>
    forbiddenField(`${path}.${name}`, `${name} is not supported`),
  );
  if (schema['uniqueItems'] === true) {
    const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    problems.push(forbiddenField(`${path}.uniqueItems`, text));
  }
  const both = isObject(member(schema, 'properties')) && isObject(member(schema, 'additionalProperties'));
  if (both && Object.keys(objectAt(schema, 'properties')).length > 0) {
    const text = 'additionalProperties and properties are mutual exclusive';
    problems.push(forbiddenField(`${path}.additionalProperties`, text));
  }
  return problems;
}

function patternProblems(schema: JsonObject, path: string): readonly FieldProblem[] {
  const pattern = textAt(schema, 'pattern') ?? '';
  if (pattern === '' || expressionOf(pattern)) return [];
  const text = `must be a valid regular expression, but isn't: error parsing regexp: ${flawOf(pattern)}: \`${pattern}\``;
  return [invalidValue(`${path}.pattern`, pattern, text)];
}

function flawOf(pattern: string): string {
  const opened = pattern.replace(/\\./g, '').split('(').length;
  const closed = pattern.replace(/\\./g, '').split(')').length;
  if (opened > closed) return 'missing closing )';
  return opened < closed ? 'unexpected )' : 'invalid syntax';
}

function extensionProblems(schema: JsonObject, path: string): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const type = textAt(schema, 'type') ?? '';
  const preserve = schema['x-kubernetes-preserve-unknown-fields'];
  if (preserve === false) {
    problems.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  }
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  if (embedded && type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true';
    problems.push(type === '' ? required(`${path}.type`, text) : invalidValue(`${path}.type`, type, text));
  }
  if (embedded && preserve !== true && Object.keys(objectAt(schema, 'properties')).length === 0) {
    problems.push(
      required(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    );
  }
  return [...problems, ...mapTypeProblems(schema, path, type), ...listTypeProblems(schema, path, type)];
}

function mapTypeProblems(schema: JsonObject, path: string, type: string): readonly FieldProblem[] {
  const mapType = textAt(schema, 'x-kubernetes-map-type');
  if (mapType === undefined) return [];
  if (!['atomic', 'granular'].includes(mapType)) {
    return [notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular'])];
  }
  return type === 'object'
    ? []
    : [invalidValue(`${path}.type`, type, 'must be object if x-kubernetes-map-type is specified')];
}

function listTypeProblems(schema: JsonObject, path: string, type: string): readonly FieldProblem[] {
  const field = `${path}.x-kubernetes-list-type`;
  const listType = textAt(schema, 'x-kubernetes-list-type');
  const keys = textsAt(schema, 'x-kubernetes-list-map-keys');
  if (listType === undefined) {
    return keys.length === 0 ? [] : [required(field, 'must be map if x-kubernetes-list-map-keys is non-empty')];
  }
  const problems: FieldProblem[] = [];
  if (type !== 'array') {
    const text = 'must be array if x-kubernetes-list-type is specified';
    problems.push(type === '' ? required(`${path}.type`, text) : invalidValue(`${path}.type`, type, text));
  }
  if (!['atomic', 'set', 'map'].includes(listType)) {
    const body = `Unsupported value: ${JSON.stringify(listType)}: supported values: "atomic", "set", "map"`;
    problems.push({ reason: 'FieldValueNotSupported', field, body });
  }
  if (listType === 'map') problems.push(...mapKeyProblems(schema, keys, path));
  return listType === 'set' ? [...problems, ...setProblems(objectAt(schema, 'items'), `${path}.items`)] : problems;
}

function mapKeyProblems(schema: JsonObject, keys: readonly string[], path: string): readonly FieldProblem[] {
  const field = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) return [required(field, 'must not be empty if x-kubernetes-list-type is map')];
  const items = objectAt(schema, 'items');
  const properties = objectAt(items, 'properties');
  const needed = new Set(textsAt(items, 'required'));
  const problems: FieldProblem[] = [];
  if (keys.some((key) => !Object.hasOwn(properties, key))) {
    problems.push(invalidValue(field, [...keys], 'entries must all be names of item properties'));
  }
  for (const key of keys.filter((name) => Object.hasOwn(properties, name))) {
    if (needed.has(key) || at(properties, key, 'default') !== undefined) continue;
    const text = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
    problems.push(required(`${path}.items.properties[${key}].default`, text));
  }
  return problems;
}

function setProblems(items: JsonObject, path: string): readonly FieldProblem[] {
  const type = textAt(items, 'type') ?? '';
  const name = type === 'object' ? 'map' : type === 'array' ? 'list' : '';
  if (name === '') return [];
  const given = textAt(items, `x-kubernetes-${name}-type`);
  const fine = given === 'atomic' || (name === 'list' && given === undefined);
  const text = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  return fine ? [] : [invalidValue(`${path}.x-kubernetes-${name}-type`, given ?? null, text)];
}

function innerProblems(schema: JsonObject, path: string): readonly FieldProblem[] {
  const properties = Object.entries(objectAt(schema, 'properties')).flatMap(([name, inner]) =>
    isObject(inner) ? nodeProblems(inner, `${path}.properties[${name}]`, 'field') : [],
  );
  const additional = member(schema, 'additionalProperties');
  const items = member(schema, 'items');
  return [
    ...properties,
    ...(isObject(additional) ? nodeProblems(additional, `${path}.additionalProperties`, 'field') : []),
    ...(isObject(items) ? nodeProblems(items, `${path}.items`, 'item') : []),
  ];
}
