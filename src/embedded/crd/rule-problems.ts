/** What is wrong with the rules of a schema. */

import type { CelProgram } from '../cel.ts';
import { type FieldProblem, invalidValue, notSupported, required } from '../field.ts';
import { isObject, type Json, type JsonObject, listAt, member, numberAt, objectAt, textAt } from '../json.ts';
import { celTypeOf } from './cel-type.ts';
import { costProblems, type RuleCost, totalProblems } from './rule-cost.ts';
import { compileRule } from './rules.ts';
import { readFieldPath } from './selectable-field.ts';
import { type Rule, readStructural } from './structural.ts';

/** `path` is where the schema stands in the definition. */
export function ruleProblems(schema: JsonObject, path: string): readonly FieldProblem[] {
  const costs: RuleCost[] = [];
  const problems = problemsBelow(schema, { path, name: 'self', times: 1, uncorrelated: '', costs });
  return [...problems, ...totalProblems(costs, path)];
}

interface Place {
  readonly path: string;
  /** Of the type of `self`. */
  readonly name: string;
  /** How often a value of the schema can be in an object; infinite when nothing bounds it. */
  readonly times: number;
  /** The list whose items have no counterpart before a change; empty when there is none. */
  readonly uncorrelated: string;
  /** What all rules together cost. */
  readonly costs: RuleCost[];
}

function problemsBelow(schema: JsonObject, place: Place): readonly FieldProblem[] {
  const below = [...innerPlaces(schema, place)].flatMap(([inner, where]) => problemsBelow(inner, where));
  return listAt(schema, 'x-kubernetes-validations').length === 0 ? below : [...ownProblems(schema, place), ...below];
}

function* innerPlaces(schema: JsonObject, place: Place): Generator<readonly [schema: JsonObject, place: Place]> {
  const { path, name, times, uncorrelated } = place;
  for (const [field, inner] of Object.entries(objectAt(schema, 'properties'))) {
    if (isObject(inner)) yield [inner, { ...place, path: `${path}.properties[${field}]`, name: `${name}.${field}` }];
  }
  const most = (limit: string): number => times * (numberAt(schema, limit) ?? Number.POSITIVE_INFINITY);
  const values = member(schema, 'additionalProperties');
  if (isObject(values)) {
    yield [
      values,
      { ...place, path: `${path}.additionalProperties`, name: `${name}.value`, times: most('maxProperties') },
    ];
  }
  const items = member(schema, 'items');
  if (!isObject(items)) return;
  const lost = uncorrelated !== '' || textAt(schema, 'x-kubernetes-list-type') === 'map' ? uncorrelated : path;
  const inside = { path: `${path}.items`, name: `${name}.item`, times: most('maxItems'), uncorrelated: lost };
  yield [items, { ...place, ...inside }];
}

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

function ownProblems(schema: JsonObject, place: Place): readonly FieldProblem[] {
  const { path, name } = place;
  const node = readStructural(schema);
  const written = listAt(schema, 'x-kubernetes-validations');
  const spelled = node.rules.flatMap((rule, index) =>
    spellingProblems(rule, objectOf(written[index]), { schema, path: `${path}.x-kubernetes-validations[${index}]` }),
  );
  if (spelled.length > 0) return spelled;
  const type = celTypeOf(node, name, name === 'self');
  if (!type) return [];
  return node.rules.flatMap((rule, index) => {
    const field = `${path}.x-kubernetes-validations[${index}]`;
    const { program, message, transition } = compileRule(rule, type);
    return [
      ...costProblems(program, { field: `${field}.rule`, node, place }),
      ...resultProblems(program, { field: `${field}.rule`, rule, wanted: 'bool' }),
      ...(message ? resultProblems(message, { field: `${field}.messageExpression`, rule, wanted: 'string' }) : []),
      ...(transition
        ? correlationProblems(rule, `${field}.rule`, place.uncorrelated)
        : optionalProblems(written[index], program, field)),
    ];
  });
}

function correlationProblems(rule: Rule, field: string, uncorrelated: string): readonly FieldProblem[] {
  if (uncorrelated === '') return [];
  const text = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
  return [invalidValue(field, rule.rule, text)];
}

function optionalProblems(written: Json | undefined, program: CelProgram, field: string): readonly FieldProblem[] {
  const given = member(written, 'optionalOldSelf');
  if (given === undefined || program.kind === 'invalid') return [];
  return [invalidValue(`${field}.optionalOldSelf`, given, 'may not be set if oldSelf is not used in rule')];
}

function objectOf(value: unknown): JsonObject {
  const wrapped: JsonObject = JSON.parse(JSON.stringify(value ?? {}));
  return wrapped;
}

interface Written {
  readonly schema: JsonObject;
  readonly path: string;
}

function spellingProblems(rule: Rule, written: JsonObject, { schema, path }: Written): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const has = (name: string): boolean => member(written, name) !== undefined;
  if (rule.rule.trim() === '') problems.push(required(`${path}.rule`, 'rule is not specified'));
  if (has('message') && rule.message !== '' && rule.message.trim() === '') {
    problems.push(invalidValue(`${path}.message`, rule.message, 'must be non-empty if specified'));
  } else if (rule.message.trim().includes('\n')) {
    problems.push(invalidValue(`${path}.message`, rule.message, 'must not contain line breaks'));
  } else if (rule.message === '' && rule.rule.trim().includes('\n')) {
    problems.push(required(`${path}.message`, 'message must be specified if rule contains line breaks'));
  }
  if (rule.messageExpression !== '' && rule.messageExpression.trim() === '') {
    problems.push(required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'));
  }
  if (rule.reason !== '' && !REASONS.includes(rule.reason)) {
    problems.push(notSupported(`${path}.reason`, rule.reason, REASONS));
  }
  return [...problems, ...fieldPathProblems(rule.fieldPath, schema, `${path}.fieldPath`)];
}

function fieldPathProblems(fieldPath: string, schema: JsonObject, field: string): readonly FieldProblem[] {
  if (fieldPath === '') return [];
  const problems: FieldProblem[] = [];
  if (fieldPath.trim() === '') problems.push(invalidValue(field, fieldPath, 'must be non-empty if specified'));
  else if (fieldPath.trim().includes('\n'))
    problems.push(invalidValue(field, fieldPath, 'must not contain line breaks'));
  if (typeof readFieldPath(fieldPath, schema) === 'string') {
    problems.push(invalidValue(field, fieldPath, 'must be a valid path'));
  }
  return problems;
}

interface Wanted {
  readonly field: string;
  readonly rule: Rule;
  readonly wanted: 'bool' | 'string';
}

function resultProblems(program: CelProgram, { field, rule, wanted }: Wanted): readonly FieldProblem[] {
  const problem = (text: string): FieldProblem => ({
    reason: 'FieldValueInvalid',
    field,
    body: `Invalid value: ${goJson(describe(rule))}: ${text}`,
  });
  if (program.kind === 'invalid') {
    return [
      problem(
        wanted === 'bool' ? program.message : program.message.replace('compilation', 'messageExpression compilation'),
      ),
    ];
  }
  if (program.type === wanted || program.type === 'dyn') return [];
  return [
    problem(
      wanted === 'bool' ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string',
    ),
  ];
}

/** Go writes characters of HTML as escapes. */
function goJson(value: JsonObject): string {
  const code = (character: string): string => `\\u00${character.charCodeAt(0).toString(16)}`;
  return JSON.stringify(value).replace(/[<>&]/g, code);
}

/** As the API server writes its own form of a rule into messages. */
function describe(rule: Rule): JsonObject {
  return {
    Rule: rule.rule,
    Message: rule.message,
    MessageExpression: rule.messageExpression,
    Reason: rule.reason === '' ? null : rule.reason,
    FieldPath: rule.fieldPath,
    OptionalOldSelf: rule.optionalOldSelf ? true : null,
  };
}
