import { convert } from './convert.ts';
import { fail, type Scope, withNames } from './scope.ts';
import type { Expression, ForSyntax } from './syntax.ts';
import {
  inKeyOrder,
  isMapping,
  isSequence,
  listValue,
  objectValue,
  tupleValue,
  type Value,
  wholeValue,
} from './value.ts';
import { kindText } from './value-type.ts';

/** What `for`, `dynamic` and a template's `for` go through: index or name, and element. A set's elements are their own keys. */
export function elementsOf(value: Value): readonly (readonly [key: Value, value: Value])[] | undefined {
  if (isMapping(value)) return inKeyOrder(value).map(([name, inner]) => [{ kind: 'string', value: name }, inner]);
  if (!isSequence(value)) return undefined;
  return value.items.map((item, index) => [value.kind === 'set' ? item : wholeValue(index), item]);
}

/** One scope for each element, with the names of the loop. */
export function eachScope(
  { collection, keyName, valueName }: Pick<ForSyntax, 'collection' | 'keyName' | 'valueName'>,
  scope: Scope,
): readonly Scope[] | undefined {
  const value = scope.world.evaluate(collection, scope);
  if (!value) return undefined;
  const elements = elementsOf(value);
  if (!elements)
    return fail(scope, collection, `a list, a set or a map is required after "in", not ${kindText(value)}`);
  return elements.map(([key, element]) =>
    withNames(scope, [...(keyName === undefined ? [] : [[keyName, key] as const]), [valueName, element]]),
  );
}

export function evaluateFor(expression: Expression & ForSyntax, scope: Scope): Value | undefined {
  const scopes = eachScope(expression, scope);
  const chosen = scopes?.map((inner) => (expression.condition ? isTrue(expression.condition, inner) : true));
  if (!scopes || !chosen || chosen.includes(undefined)) return undefined;
  const included = scopes.filter((_, index) => chosen[index]);
  return expression.key ? evaluateObject(expression, expression.key, included) : evaluateTuple(expression, included);
}

function evaluateTuple({ value }: ForSyntax, scopes: readonly Scope[]): Value | undefined {
  const items: Value[] = [];
  for (const inner of scopes) {
    const item = inner.world.evaluate(value, inner);
    if (!item) return undefined;
    items.push(item);
  }
  return tupleValue(items);
}

function evaluateObject(syntax: ForSyntax, keySyntax: Expression, scopes: readonly Scope[]): Value | undefined {
  const groups = new Map<string, Value[]>();
  for (const inner of scopes) {
    const key = textOf(keySyntax, inner);
    const value = key === undefined ? undefined : inner.world.evaluate(syntax.value, inner);
    if (key === undefined || !value) return undefined;
    const group = groups.get(key);
    if (group && !syntax.groups) {
      return fail(
        inner,
        keySyntax,
        `two elements have the key ${JSON.stringify(key)}; "..." after the value groups them`,
      );
    }
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return objectValue(
    [...groups].flatMap(([key, values]): (readonly [string, Value])[] => {
      const [first] = values;
      if (syntax.groups) return [[key, tupleValue(values)]];
      return first ? [[key, first]] : [];
    }),
  );
}

/** `source[*].each`: what is no list is a list of one, and null is an empty one. */
export function evaluateSplat(
  { source, each }: { readonly source: Expression; readonly each: Expression },
  scope: Scope,
): Value | undefined {
  const value = scope.world.evaluate(source, scope);
  if (!value) return undefined;
  const items: Value[] = [];
  const elements = isSequence(value) ? value.items : [value].filter(({ kind }) => kind !== 'null');
  for (const element of elements) {
    const item = scope.world.evaluate(each, { ...scope, element });
    if (!item) return undefined;
    items.push(item);
  }
  return value.kind === 'list' || value.kind === 'set' ? listValue(items) : tupleValue(items);
}

/** Of a condition: undefined when it is neither true nor false, which is reported. */
export function isTrue(condition: Expression, scope: Scope): boolean | undefined {
  const value = scope.world.evaluate(condition, scope);
  if (!value) return undefined;
  const converted = convert(value, { kind: 'bool' });
  if (converted.kind === 'value' && converted.value.kind === 'bool') return converted.value.value;
  return fail(scope, condition, `a condition is true or false, not ${kindText(value)}`);
}

/** Of what names an element or a block. */
export function textOf(expression: Expression, scope: Scope): string | undefined {
  const value = scope.world.evaluate(expression, scope);
  if (!value) return undefined;
  const converted = convert(value, { kind: 'string' });
  if (converted.kind === 'value' && converted.value.kind === 'string') return converted.value.value;
  return fail(scope, expression, `a string is required here, not ${kindText(value)}`);
}
