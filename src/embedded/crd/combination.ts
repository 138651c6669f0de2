/** Schemas made of schemas: anyOf, oneOf, allOf and not. */
import { isObject, type Json, type JsonObject, listAt, member } from '../json.ts';
import { unplaced } from './unplaced.ts';
import type { Findings, Place } from './validate.ts';

export type Check = (schema: JsonObject, place: Place) => Findings;

/** `check` is what is asked of each schema. */
export function combinationProblems(schema: JsonObject, place: Place, check: Check): Findings {
  // alternatives say no word on what was there before
  const here = { ...place, old: undefined };
  const parts = [anyOf, oneOf, allOf, not].map((combine) => combine(schema, here, check));
  return {
    problems: parts.flatMap(({ problems }) => problems),
    checks: parts.reduce((sum, { checks }) => sum + checks, 1),
  };
}

const NOTHING: Findings = { problems: [], checks: 0 };

function tried(schemas: readonly Json[], place: Place, check: Check): readonly Findings[] {
  return schemas.flatMap((inner) => (isObject(inner) ? [check(inner, place)] : []));
}

function isValid({ problems }: Findings): boolean {
  return problems.length === 0;
}

/** Of the alternatives that failed, the one that passed most checks. */
function best(failed: readonly Findings[]): Findings {
  return failed.reduce((so, each) => (each.checks > so.checks ? each : so), failed[0] ?? NOTHING);
}

function anyOf(schema: JsonObject, place: Place, check: Check): Findings {
  const results = tried(listAt(schema, 'anyOf'), place, check);
  if (results.length === 0) return NOTHING;
  const first = results.find(isValid);
  if (first) return first;
  const { problems, checks } = best(results);
  return { problems: [unplaced(`"${place.path}" must validate at least one schema (anyOf)`), ...problems], checks };
}

function oneOf(schema: JsonObject, place: Place, check: Check): Findings {
  const results = tried(listAt(schema, 'oneOf'), place, check);
  if (results.length === 0) return NOTHING;
  const valid = results.filter(isValid);
  const [first] = valid;
  if (first && valid.length === 1) return first;
  const found = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
  const { problems, checks } = valid.length === 0 ? best(results) : NOTHING;
  const text = `"${place.path}" must validate one and only one schema (oneOf). ${found}`;
  return { problems: [unplaced(text), ...problems], checks };
}

function allOf(schema: JsonObject, place: Place, check: Check): Findings {
  const results = tried(listAt(schema, 'allOf'), place, check);
  const valid = results.filter(isValid).length;
  const problems = results.flatMap((each) => each.problems);
  const checks = results.reduce((sum, each) => sum + each.checks, 0);
  if (valid === results.length) return { problems, checks };
  const none = valid === 0 ? '. None validated' : '';
  return { problems: [...problems, unplaced(`"${place.path}" must validate all the schemas (allOf)${none}`)], checks };
}

function not(schema: JsonObject, place: Place, check: Check): Findings {
  const inner = member(schema, 'not');
  if (!isObject(inner) || !isValid(check(inner, place))) return NOTHING;
  return { problems: [unplaced(`"${place.path}" must not validate the schema (not)`)], checks: 0 };
}
