import { convert } from './convert.ts';
import { evaluateFor, evaluateSplat, isTrue } from './elements.ts';
import { invoke } from './invoke.ts';
import { negative, not, type Operated, operate } from './operate.ts';
import { render } from './render.ts';
import { fail, lookup, type Scope, silently } from './scope.ts';
import { containsSecret, secretly } from './secret.ts';
import { type Selected, selectKey, selectStep } from './select.ts';
import type { Expression, ObjectItem, Step } from './syntax.ts';
import { objectValue, stringValue, tupleValue, type Value } from './value.ts';
import { kindText, typeOf, unify } from './value-type.ts';

type Of<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;

/** Those of a collection are marked one by one, where they came from. */
const MARKED_INSIDE: ReadonlySet<Expression['kind']> = new Set([
  'tuple',
  'object',
  'for',
  'reference',
  'parentheses',
  'wrapped',
]);

/** The value of an expression, by the rules of HCL. What has none is reported. */
export function evaluate(expression: Expression, scope: Scope): Value | undefined {
  const { progress } = scope.world;
  progress.steps--;
  if (progress.steps < 0) {
    return progress.steps === -1 ? fail(scope, expression, 'the evaluation takes too many steps') : undefined;
  }
  const before = progress.secret;
  progress.secret = false;
  const value = evaluateKind(expression, scope);
  const met = progress.secret;
  progress.secret = before || met;
  return met && value && !MARKED_INSIDE.has(expression.kind) ? secretly(value) : value;
}

function evaluateKind(expression: Expression, scope: Scope): Value | undefined {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'template':
      return here(render(expression.parts, scope), expression, scope);
    case 'wrapped':
    case 'parentheses':
      return evaluate(expression.inner, scope);
    case 'tuple':
      return here(evaluateTuple(expression.items, scope), expression, scope);
    case 'object':
      return here(evaluateObject(expression.items, scope), expression, scope);
    case 'reference':
      return here(evaluateReference(expression, scope), expression, scope);
    case 'relative':
      return here(evaluateRelative(expression, scope), expression, scope);
    case 'index':
      return here(evaluateIndex(expression, scope), expression, scope);
    case 'splat':
      return here(evaluateSplat(expression, scope), expression, scope);
    case 'element':
      return scope.element ?? fail(scope, expression, 'there is no element here');
    case 'call':
      return here(invoke(expression, scope), expression, scope);
    case 'for':
      return here(evaluateFor(expression, scope), expression, scope);
    case 'conditional':
      return here(evaluateConditional(expression, scope), expression, scope);
    case 'binary':
      return here(evaluateBinary(expression, scope), expression, scope);
    case 'unary':
      return here(evaluateUnary(expression, scope), expression, scope);
    default:
      return expression satisfies never;
  }
}

/** What a person sees is where it is used; the parts of a collection keep the place where they were written. */
function here(value: Value | undefined, expression: Expression, { world }: Scope): Value | undefined {
  return value && { ...value, at: world.source.at(expression) };
}

function evaluateTuple(items: readonly Expression[], scope: Scope): Value | undefined {
  const values = items.map((item) => evaluate(item, scope));
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? tupleValue(known) : undefined;
}

function evaluateObject(items: readonly ObjectItem[], scope: Scope): Value | undefined {
  const entries = items.map(({ key, value }): readonly [string | undefined, Value | undefined] => [
    keyOf(key, scope),
    evaluate(value, scope),
  ]);
  const known = entries.flatMap(([key, value]): (readonly [string, Value])[] =>
    key === undefined || !value ? [] : [[key, value]],
  );
  return known.length === entries.length ? objectValue(known) : undefined;
}

/** A bare name is its own text, as are `true`, `false` and `null`. */
function keyOf(key: Expression, scope: Scope): string | undefined {
  if (key.kind === 'reference') {
    if (key.steps.length === 0) return key.name;
    return fail(scope, key, 'a key with dots is written in quotes, or in parentheses where it is a reference');
  }
  const value = evaluate(key, scope);
  if (!value) return undefined;
  if (key.kind === 'literal' && value.kind === 'null') return 'null';
  const converted = convert(value, { kind: 'string' });
  if (converted.kind === 'value' && converted.value.kind === 'string') return converted.value.value;
  return fail(scope, key, `the key of an element is a string, not ${kindText(value)}`);
}

function evaluateReference(reference: Of<'reference'>, scope: Scope): Value | undefined {
  const { world } = scope;
  const local = lookup(scope, reference.name);
  const found = local
    ? ({ kind: 'value', value: local, taken: 0 } as const)
    : world.root(reference.name, reference.steps[0], reference);
  if (found.kind === 'failed') return undefined;
  if (found.kind === 'unknown') return unknownName(reference, scope);
  const value = follow(found.value, reference.steps.slice(found.taken), scope);
  if (value && world.progress.anySecret && containsSecret(value)) world.progress.secret = true;
  return value;
}

/** As Nomad keeps it, with the spaces that are between the braces. */
function unknownName(reference: Of<'reference'>, scope: Scope): Value | undefined {
  const { source, unknownNames } = scope.world;
  if (unknownNames === 'refused') {
    return fail(scope, reference, `${reference.name} cannot be used here: the value refers to nothing`);
  }
  const { text } = source;
  const opening = /\$\{ *$/.exec(text.slice(Math.max(0, reference.start - 80), reference.start))?.[0];
  const closing = opening && /^ *(?=\})/.exec(text.slice(reference.end, reference.end + 80))?.[0];
  return stringValue(`${opening ?? '${'}${text.slice(reference.start, reference.end)}${closing ?? ''}}`);
}

function follow(value: Value, steps: readonly Step[], scope: Scope): Value | undefined {
  let current = value;
  for (const step of steps) {
    const selected = selectStep(current, step);
    if (selected.kind === 'refused') return fail(scope, step, selected.message);
    current = selected.value;
  }
  return current;
}

function evaluateRelative({ source, steps }: Of<'relative'>, scope: Scope): Value | undefined {
  const value = evaluate(source, scope);
  return value && follow(value, steps, scope);
}

function evaluateIndex(expression: Of<'index'>, scope: Scope): Value | undefined {
  const collection = evaluate(expression.collection, scope);
  const key = evaluate(expression.key, scope);
  return collection && key && selected(selectKey(collection, key), expression, scope);
}

function selected(outcome: Selected, expression: Expression, scope: Scope): Value | undefined {
  return outcome.kind === 'value' ? outcome.value : fail(scope, expression, outcome.message);
}

/** Both sides become of one type, so the other side counts too; that it has no value does not matter. */
function evaluateConditional(
  { condition, consequent, alternative }: Of<'conditional'>,
  scope: Scope,
): Value | undefined {
  const holds = isTrue(condition, scope);
  if (holds === undefined) return undefined;
  const [taken, other] = holds ? [consequent, alternative] : [alternative, consequent];
  const value = evaluate(taken, scope);
  const unused = evaluate(other, silently(scope));
  if (!value || !unused) return value;
  const common = unify([typeOf(value), typeOf(unused)]);
  const converted = common && convert(value, common);
  if (converted?.kind === 'value') return converted.value;
  return fail(
    scope,
    taken,
    `both results of a condition must be of one type: ${kindText(value)} and ${kindText(unused)} are not`,
  );
}

function evaluateBinary({ operator, left, right, start, end }: Of<'binary'>, scope: Scope): Value | undefined {
  const one = evaluate(left, scope);
  const other = evaluate(right, scope);
  if (!one || !other) return undefined;
  const operated = operate(operator, one, other);
  return operated.kind === 'value'
    ? operated.value
    : fail(
        scope,
        operated.side === 'left' ? left : operated.side === 'right' ? right : { start, end },
        operated.message,
      );
}

function evaluateUnary({ operator, operand }: Of<'unary'>, scope: Scope): Value | undefined {
  const value = evaluate(operand, scope);
  if (!value) return undefined;
  const operated: Operated = operator === '-' ? negative(value) : not(value);
  return operated.kind === 'value' ? operated.value : fail(scope, operand, operated.message);
}
