/** Whole objects inside of objects: they need a version and a kind (apiextensions' schema/objectmeta). */
import { type FieldProblem, invalidValue, required } from '../field.ts';
import { isList, isObject, type Json, type JsonObject, objectAt, textAt } from '../json.ts';
import { metadataProblems } from '../metadata.ts';
import { childPath, memberOf, type Structural } from './structural.ts';

export function embeddedObjectProblems(node: Structural, value: Json, path = ''): readonly FieldProblem[] {
  if (isList(value)) {
    const { items } = node;
    return items ? value.flatMap((item, index) => embeddedObjectProblems(items, item, `${path}[${index}]`)) : [];
  }
  if (!isObject(value)) return [];
  const inner = Object.entries(value).flatMap(([name, below]) => {
    const known = memberOf(node, name);
    const named = node.properties.has(name) ? childPath(path, name) : `${path}[${name}]`;
    return known ? embeddedObjectProblems(known, below, named) : [];
  });
  return node.embedded ? [...ownProblems(value, path), ...inner] : inner;
}

function ownProblems(object: JsonObject, path: string): readonly FieldProblem[] {
  const named = ['apiVersion', 'kind'].flatMap((name): readonly FieldProblem[] => {
    const field = childPath(path, name);
    const value = object[name];
    if (value === undefined) return [required(field)];
    if (typeof value !== 'string') return [invalidValue(field, value, 'must be a string')];
    return value === '' ? [invalidValue(field, value, 'must not be empty')] : [];
  });
  return [...named, ...metaProblems(object, childPath(path, 'metadata'))];
}

function metaProblems(object: JsonObject, path: string): readonly FieldProblem[] {
  if (!isObject(object['metadata'])) return [];
  const metadata = { name: 'fakename', ...objectAt(object, 'metadata') };
  const namespaced = (textAt(metadata, 'namespace') ?? '') !== '';
  const problems = metadataProblems({ metadata }, { namespaced, nameRule: () => [] });
  return problems.map((problem) => ({ ...problem, field: problem.field.replace(/^metadata/, path) }));
}
