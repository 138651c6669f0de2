/** What is wrong with the defaults of a schema. */
import { type FieldProblem, forbiddenField, invalidValue } from '../field.ts';
import { at, isObject, type Json, type JsonObject, member, objectAt } from '../json.ts';
import { fillDefaults } from './default.ts';
import { embeddedObjectProblems } from './embedded-object.ts';
import { prune } from './prune.ts';
import { readStructural } from './structural.ts';
import { validate } from './validate.ts';

/** A default must itself be what the schema asks for. The root is a whole object. */
export function defaultProblems(schema: JsonObject, path: string, root = true): readonly FieldProblem[] {
  const fallback = member(schema, 'default');
  const whole = root ? { ...schema, 'x-kubernetes-embedded-resource': true } : schema;
  const own = fallback === undefined ? [] : valueProblems(whole, fallback, `${path}.default`);
  const meta = root && at(schema, 'properties', 'metadata', 'default') !== undefined;
  const inner = [
    ...Object.entries(objectAt(schema, 'properties'))
      .filter(([name]) => !root || name !== 'metadata')
      .map(([name, below]) => [`properties[${name}]`, below] as const),
    ...['additionalProperties', 'items'].map((name) => [name, member(schema, name) ?? null] as const),
  ];
  return [
    ...own,
    ...(meta ? [forbiddenField(`${path}.properties[metadata].default`, 'must not be set in top-level metadata')] : []),
    ...inner.flatMap(([name, below]) => (isObject(below) ? defaultProblems(below, `${path}.${name}`, false) : [])),
  ];
}

function valueProblems(schema: JsonObject, fallback: Json, path: string): readonly FieldProblem[] {
  if (!isObject(fallback)) return placed(validate(schema, { path: '', value: fallback, old: undefined }), path);
  const node = readStructural(schema);
  if (prune(node, fallback).unknown.length > 0) return [invalidValue(path, fallback, 'must not have unknown fields')];
  const value = fillDefaults(node, fallback, { keepNulls: true });
  return [
    ...placed(validate(schema, { path: '', value, old: undefined }), path),
    ...embeddedObjectProblems(node, fallback, path),
  ];
}

function placed(problems: readonly FieldProblem[], path: string): readonly FieldProblem[] {
  return problems.map((problem) => ({
    ...problem,
    field: problem.field === '' || problem.field === '<nil>' ? path : `${path}.${problem.field}`,
  }));
}
