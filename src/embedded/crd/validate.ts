/**
 * Values against a schema, with the texts of k8s.io/kube-openapi/pkg/validation (read in 0.36). What an update leaves
 * as it was is not held against it ("ratcheting").
 */
import { sameJson } from '../../kube/patch.ts';
import { type FieldProblem, invalidValue, required } from '../field.ts';
import { isList, isObject, type Json, type JsonObject, listAt, member, numberAt, objectAt, textAt } from '../json.ts';
import { combinationProblems } from './combination.ts';
import { hasFormat } from './format.ts';
import { rangeProblems } from './range.ts';
import { childPath } from './structural.ts';

export interface Findings {
  readonly problems: readonly FieldProblem[];
  /** How many checks were made: of several alternatives the one that got farthest is reported. */
  readonly checks: number;
}

/** A value with where it is, and what was there before when that is known. */
export interface Place {
  readonly path: string;
  readonly value: Json;
  readonly old: Json | undefined;
}

/** Of a whole object, or of one part of it. */
export function validate(schema: JsonObject, place: Place): readonly FieldProblem[] {
  return findings(schema, place).problems;
}

function findings(schema: JsonObject, place: Place): Findings {
  const { value, old } = place;
  if (old !== undefined && sameJson(value, old)) return { problems: [], checks: 0 };
  const typed = typeProblems(schema, place);
  if (value === null)
    return { problems: [...typed, ...enumProblems(schema, place)], checks: typed.length === 0 ? 1 : 0 };
  const parts: Findings[] = [
    { problems: typed, checks: typed.length === 0 ? 2 : 1 },
    combinationProblems(schema, place, findings),
    ownFindings(schema, place),
    { problems: enumProblems(schema, place), checks: 1 },
  ];
  if (isObject(value)) parts.push(objectFindings(schema, { ...place, value }));
  return {
    problems: parts.flatMap(({ problems }) => problems),
    checks: parts.reduce((sum, { checks }) => sum + checks, 1),
  };
}

function ownFindings(schema: JsonObject, place: Place): Findings {
  const { value } = place;
  if (typeof value === 'string') return { problems: textProblems(schema, place.path, value), checks: 2 };
  if (typeof value === 'number') return { problems: rangeProblems(schema, place.path, value), checks: 1 };
  return isList(value) ? listFindings(schema, { ...place, value }) : { problems: [], checks: 0 };
}

function typesOf(schema: JsonObject): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  const type = textAt(schema, 'type') ?? '';
  return type === '' ? [] : [type];
}

function typeProblems(schema: JsonObject, { path, value }: Place): readonly FieldProblem[] {
  const types = typesOf(schema);
  if (types.length === 0) return [];
  if (value === null) return schema['nullable'] === true ? [] : [mistyped(path, types.join(','), 'null')];
  const found = typeOf(value);
  const whole = typeof value === 'number' && Number.isInteger(value);
  const numeric = types.includes('number') || types.includes('integer');
  const formatted = textAt(schema, 'format') ?? '';
  // the format is looked at instead, as the API server does
  if (!numeric && formatted !== '' && (found === 'string' || found === 'array')) return [];
  const fits = types.includes(found) || (whole && numeric);
  return fits ? [] : [mistyped(path, types.join(','), found)];
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'object' ? 'object' : typeof value;
}

/** `found` is the type of the value, or the value itself when only its form is wrong. */
function mistyped(path: string, wanted: string, found: string): FieldProblem {
  const quoted = JSON.stringify(found);
  const body = `Invalid value: ${quoted}: ${path} in body must be of type ${wanted}: ${quoted}`;
  return { reason: 'FieldValueTypeInvalid', field: path, body };
}

function textProblems(schema: JsonObject, path: string, value: string): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const length = [...value].length;
  const { maxLength, minLength } = limits(schema);
  if (maxLength !== undefined && length > maxLength) {
    const body = `Too long: may not be more than ${maxLength} ${maxLength === 1 ? 'byte' : 'bytes'}`;
    problems.push({ reason: 'FieldValueTooLong', field: path, body });
  } else if (minLength !== undefined && length < minLength) {
    problems.push(invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`));
  } else problems.push(...patternProblems(textAt(schema, 'pattern') ?? '', path, value));
  const format = textAt(schema, 'format') ?? '';
  const type = textAt(schema, 'type') ?? 'string';
  if (type === 'string' && format !== '' && !hasFormat(format, value)) problems.push(mistyped(path, format, value));
  return problems;
}

function patternProblems(pattern: string, path: string, value: string): readonly FieldProblem[] {
  if (pattern === '' || expressionOf(pattern)?.test(value) !== false) return [];
  return [invalidValue(path, value, `${path} in body should match '${pattern}'`)];
}

const expressions = new Map<string, RegExp | undefined>();

/** Undefined when the language of patterns here has no such expression. */
export function expressionOf(pattern: string): RegExp | undefined {
  if (!expressions.has(pattern)) {
    if (expressions.size > 10_000) expressions.clear(); // patterns of definitions that came and went
    expressions.set(pattern, compile(pattern));
  }
  return expressions.get(pattern);
}

function compile(pattern: string): RegExp | undefined {
  // (?i) and (?s) at the beginning are how Go writes flags
  const [, flags = '', rest = pattern] = /^\(\?([is]+)\)(.*)$/s.exec(pattern) ?? [];
  try {
    return new RegExp(rest.replaceAll('\\z', '$').replaceAll('\\A', '^').replaceAll('(?P<', '(?<'), `u${flags}`);
  } catch {
    return withoutUnicode(rest, flags);
  }
}

/** Escapes such as `\-` outside of classes are only known without the flag. */
function withoutUnicode(pattern: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(pattern, flags);
  } catch {
    return undefined;
  }
}

interface Limits {
  readonly maxLength: number | undefined;
  readonly minLength: number | undefined;
}

function limits(schema: JsonObject): Limits {
  return { maxLength: numberAt(schema, 'maxLength'), minLength: numberAt(schema, 'minLength') };
}

function enumProblems(schema: JsonObject, { path, value }: Place): readonly FieldProblem[] {
  const values = listAt(schema, 'enum');
  if (values.length === 0 || values.some((allowed) => sameJson(allowed, value))) return [];
  const texts = values.map((allowed) =>
    JSON.stringify(typeof allowed === 'string' ? allowed : JSON.stringify(allowed)),
  );
  const body = `Unsupported value: ${JSON.stringify(value)}: supported values: ${texts.join(', ')}`;
  return [{ reason: 'FieldValueNotSupported', field: path, body }];
}

function tooMany(path: string, count: number, most: number): FieldProblem {
  const body = `Too many: ${count}: must have at most ${most} ${most === 1 ? 'item' : 'items'}`;
  return { reason: 'FieldValueTooMany', field: path, body };
}

function listFindings(schema: JsonObject, place: Place & { readonly value: readonly Json[] }): Findings {
  const { path, value, old } = place;
  const items = objectAt(schema, 'items');
  const inner = value.map((item, index) =>
    findings(items, { path: `${path}[${index}]`, value: item, old: counterpart(schema, item, old) }),
  );
  const problems = inner.flatMap((each) => each.problems);
  const [least, most] = [numberAt(schema, 'minItems'), numberAt(schema, 'maxItems')];
  if (least !== undefined && value.length < least) {
    problems.push(invalidValue(path, value.length, `${path} in body should have at least ${least} items`));
  }
  if (most !== undefined && value.length > most) problems.push(tooMany(path, value.length, most));
  return { problems, checks: inner.reduce((sum, { checks }) => sum + checks, 2) };
}

/** The item of the old list with the same keys; lists without keys have none. */
export function counterpart(schema: JsonObject, item: Json, old: Json | undefined): Json | undefined {
  if (!isList(old) || schema['x-kubernetes-list-type'] !== 'map') return undefined;
  const keys = listAt(schema, 'x-kubernetes-list-map-keys').map(String);
  return old.find((other) => keys.every((key) => sameJson(member(other, key) ?? null, member(item, key) ?? null)));
}

function objectFindings(schema: JsonObject, place: Place & { readonly value: JsonObject }): Findings {
  const { path, value, old } = place;
  const properties = objectAt(schema, 'properties');
  const additional = member(schema, 'additionalProperties');
  const inner = Object.entries(value).flatMap(([name, item]): Findings[] => {
    const below = member(properties, name) ?? additional;
    return isObject(below)
      ? [findings(below, { path: childPath(path, name), value: item, old: member(old, name) })]
      : [];
  });
  return {
    problems: [
      ...sizeProblems(schema, path, value),
      ...inner.flatMap(({ problems }) => problems),
      ...listAt(schema, 'required')
        .map(String)
        .filter((name) => !Object.hasOwn(value, name))
        .map((name) => required(childPath(path, name))),
    ],
    checks: inner.reduce((sum, { checks }) => sum + checks, 1),
  };
}

function sizeProblems(schema: JsonObject, path: string, value: JsonObject): readonly FieldProblem[] {
  const count = Object.keys(value).length;
  const [least, most] = [numberAt(schema, 'minProperties'), numberAt(schema, 'maxProperties')];
  const problems: FieldProblem[] = [];
  if (least !== undefined && count < least) {
    problems.push(invalidValue(path, count, `${path} in body should have at least ${least} properties`));
  }
  if (most !== undefined && count > most) problems.push(tooMany(path, count, most));
  return problems;
}
