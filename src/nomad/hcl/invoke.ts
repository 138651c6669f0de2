import type { Diagnostic } from '../source/diagnostic.ts';
import { convert } from './convert.ts';
import type { Called } from './functions/call.ts';
import { fail, LONGEST, type Scope, silently } from './scope.ts';
import type { CallSyntax, Expression } from './syntax.ts';
import { readConstraint } from './type-constraint.ts';
import { boolValue, isMapping, isSequence, type Value } from './value.ts';
import { kindText } from './value-type.ts';

type Call = Expression & CallSyntax;

/** Calls a function. `try`, `can` and `convert` take expressions, the others values. */
export function invoke(expression: Call, scope: Scope): Value | undefined {
  const { call } = scope.world;
  if (!call) return fail(scope, expression, 'functions cannot be called here');
  if (expression.name === 'try') return tryEach(expression, scope);
  if (expression.name === 'can') return can(expression, scope);
  if (expression.name === 'convert') return convertTo(expression, scope);
  const values = valuesOf(expression, scope);
  if (!values) return undefined;
  const called = attempt(() => call(expression.name, values));
  return called.kind === 'value' ? sizeable(called.value, expression, scope) : refuse(called, expression, scope);
}

function valuesOf({ arguments: args, expands }: Call, scope: Scope): readonly Value[] | undefined {
  const values: Value[] = [];
  for (const [index, each] of args.entries()) {
    const value = scope.world.evaluate(each, scope);
    if (!value) return undefined;
    if (!expands || index < args.length - 1) values.push(value);
    else if (isSequence(value)) values.push(...value.items);
    else return fail(scope, each, `a list is required before "...", not ${kindText(value)}`);
  }
  return values;
}

/** Functions check what they are given, not how long a text they make; the longest string of the machine is an exception. */
function attempt(call: () => Called): Called {
  try {
    return call();
  } catch (failure) {
    if (!(failure instanceof RangeError)) throw failure;
    return { kind: 'refused', message: 'the result is too long' };
  }
}

function sizeable(value: Value, expression: Call, scope: Scope): Value | undefined {
  const size = value.kind === 'string' ? value.value.length : isSequence(value) ? value.items.length : 0;
  const entries = isMapping(value) ? value.entries.size : 0;
  return size > LONGEST || entries > LONGEST
    ? fail(scope, expression, `the result of ${expression.name}() is larger than 8 MiB`)
    : value;
}

function refuse(refused: Extract<Called, { kind: 'refused' }>, expression: Call, scope: Scope): undefined {
  if (refused.final) scope.world.progress.unknowable++;
  const at = refused.argument === undefined ? expression : (expression.arguments[refused.argument] ?? expression);
  const code = refused.about === 'file' ? 'LARDER_NOMAD_FILE' : 'LARDER_NOMAD_EXPRESSION';
  return fail(scope, at, `${expression.name}(): ${refused.message}`, code);
}

/** The first argument that has a value. What a conversion cannot know is no failure to step over. */
function tryEach(expression: Call, scope: Scope): Value | undefined {
  let last: readonly Diagnostic[] = [];
  for (const each of expression.arguments) {
    const { value, failures, final } = attemptOf(each, scope);
    if (value) return value;
    last = failures;
    if (final) break;
  }
  for (const failure of last) scope.world.report(failure);
  return expression.arguments.length > 0 ? undefined : fail(scope, expression, 'try() takes at least one argument');
}

function can(expression: Call, scope: Scope): Value | undefined {
  const [only, surplus] = expression.arguments;
  if (!only || surplus) return fail(scope, expression, 'can() takes one argument');
  const { value, failures, final } = attemptOf(only, scope);
  if (!final) return boolValue(value !== undefined);
  for (const failure of failures) scope.world.report(failure);
  return undefined;
}

interface Attempt {
  readonly value: Value | undefined;
  readonly failures: readonly Diagnostic[];
  /** A variable without a value, or something that depends on the machine: another answer would be a guess. */
  readonly final: boolean;
}

function attemptOf(expression: Expression, scope: Scope): Attempt {
  const failures: Diagnostic[] = [];
  const { progress } = scope.world;
  const before = progress.unknowable;
  const value = scope.world.evaluate(
    expression,
    silently(scope, (failure) => failures.push(failure)),
  );
  const unset = failures.some(({ code }) => code === 'LARDER_NOMAD_VARIABLE');
  return { value, failures, final: value === undefined && (unset || progress.unknowable > before) };
}

function convertTo(expression: Call, scope: Scope): Value | undefined {
  const [given, target, surplus] = expression.arguments;
  if (!given || !target || surplus) return fail(scope, expression, 'convert() takes a value and a type');
  const value = scope.world.evaluate(given, scope);
  const constraint = readConstraint(target, (each) => scope.world.evaluate(each, scope));
  if (constraint.kind === 'refused') return fail(scope, constraint.at, constraint.message);
  if (!value) return undefined;
  const converted = convert(value, constraint.type);
  return converted.kind === 'value' ? converted.value : fail(scope, given, converted.message);
}
