/** Schemas inside of allOf, anyOf, oneOf and not may only restrict what is said outside of them. */
import { sameJson } from '../../kube/patch.ts';
import { type FieldProblem, forbiddenField } from '../field.ts';
import { at, isObject, type Json, type JsonObject, listAt, member, objectAt } from '../json.ts';

const JUNCTORS = ['allOf', 'anyOf', 'oneOf'];

export function junctorProblems(schema: JsonObject, path: string): readonly FieldProblem[] {
  return nestedProblems(schema, { path, outer: schema, exempt: exemptionOf(schema) });
}

interface Nesting {
  readonly path: string;
  /** What is said outside. */
  readonly outer: JsonObject;
  /** Where an int-or-string may name its two types. */
  readonly exempt: 'here' | 'inside' | 'nowhere';
}

const BOTH: Json = [{ type: 'integer' }, { type: 'string' }];

/** Only in this form: `anyOf: [{type: integer}, {type: string}]`, alone or as the first of allOf. */
function exemptionOf(schema: JsonObject): Nesting['exempt'] {
  if (schema['x-kubernetes-int-or-string'] !== true) return 'nowhere';
  if (sameJson(schema['anyOf'] ?? null, BOTH)) return 'here';
  return sameJson(at(listAt(schema, 'allOf')[0], 'anyOf') ?? null, BOTH) ? 'inside' : 'nowhere';
}

/** Of the schemas that a schema is joined from. */
function nestedProblems(schema: JsonObject, { path, outer, exempt }: Nesting): readonly FieldProblem[] {
  const listed = JUNCTORS.flatMap((name) =>
    listAt(schema, name).flatMap((inner, index) => {
      if (!isObject(inner) || (name === 'anyOf' && exempt === 'here')) return [];
      const first = name === 'allOf' && index === 0 && exempt === 'inside';
      const below: Nesting = { path: `${path}.${name}[${index}]`, outer, exempt: first ? 'here' : 'nowhere' };
      return restrictionProblems(inner, below);
    }),
  );
  const not = member(schema, 'not');
  if (!isObject(not)) return listed;
  return [...listed, ...restrictionProblems(not, { path: `${path}.not`, outer, exempt: 'nowhere' })];
}

const DESCRIBING = ['type', 'title', 'description', 'default', 'nullable', 'additionalProperties'];

function restrictionProblems(schema: JsonObject, nesting: Nesting): readonly FieldProblem[] {
  const { path, outer } = nesting;
  const own = Object.keys(schema)
    .filter((name) => DESCRIBING.includes(name) || isForbiddenExtension(name))
    .map((name) => forbiddenField(`${path}.${name}`, 'must be empty to be structural'));
  const properties = Object.entries(objectAt(schema, 'properties')).flatMap(([name, inner]) => {
    const known = at(outer, 'properties', name) ?? member(outer, 'additionalProperties');
    return within(inner, `${path}.properties[${name}]`, known);
  });
  const items = within(member(schema, 'items'), `${path}.items`, member(outer, 'items'));
  return [...own, ...properties, ...items, ...nestedProblems(schema, nesting)];
}

function within(inner: Json | undefined, path: string, outer: Json | undefined): readonly FieldProblem[] {
  if (!isObject(inner)) return [];
  return restrictionProblems(inner, { path, outer: isObject(outer) ? outer : {}, exempt: 'nowhere' });
}

function isForbiddenExtension(name: string): boolean {
  return name.startsWith('x-kubernetes-') && name !== 'x-kubernetes-validations';
}
