import type { CallSyntax, Expression, ObjectItem } from './syntax.ts';
import { NULL, type Value } from './value.ts';
import type { AttributeType, Type } from './value-type.ts';

export type Constraint =
  | { readonly kind: 'type'; readonly type: Type }
  | { readonly kind: 'refused'; readonly at: Expression; readonly message: string };
type Refused = Extract<Constraint, { kind: 'refused' }>;

const ACCEPTED = 'a type is string, number, bool, any, list(…), set(…), map(…), object({ name = … }) or tuple([…])';

/** Reads `type = …`. `evaluate` gives the default of `optional(type, default)`, which refers to nothing. */
export function readConstraint(
  expression: Expression,
  evaluate: (expression: Expression) => Value | undefined,
): Constraint {
  const refused = (message = ACCEPTED): Refused => ({ kind: 'refused', at: expression, message });
  if (expression.kind === 'reference' && expression.steps.length === 0) return named(expression.name) ?? refused();
  if (expression.kind === 'literal' && expression.value.kind === 'string' && named(expression.value.value)) {
    return refused(`a type is written without quotes: ${expression.value.value}`);
  }
  if (expression.kind !== 'call') return refused();
  const [inner] = expression.arguments;
  if (expression.name === 'optional') return refused('optional(…) is for the attributes of an object');
  if (!inner || expression.arguments.length !== 1) return refused(`${expression.name}(…) takes one type`);
  switch (expression.name) {
    case 'list':
    case 'set':
    case 'map': {
      const element = readConstraint(inner, evaluate);
      return element.kind === 'refused' ? element : made({ kind: expression.name, element: element.type });
    }
    case 'tuple':
      return inner.kind === 'tuple' ? readTuple(inner.items, evaluate) : refused('tuple(…) takes a list of types');
    case 'object':
      return inner.kind === 'object' ? readObject(inner.items, evaluate) : refused('object(…) takes { name = type }');
    default:
      return refused();
  }
}

function named(name: string): Constraint | undefined {
  return name === 'string' || name === 'number' || name === 'bool' || name === 'any' ? made({ kind: name }) : undefined;
}

function made(type: Type): Constraint {
  return { kind: 'type', type };
}

function readTuple(items: readonly Expression[], evaluate: (expression: Expression) => Value | undefined): Constraint {
  const types: Type[] = [];
  for (const item of items) {
    const read = readConstraint(item, evaluate);
    if (read.kind === 'refused') return read;
    types.push(read.type);
  }
  return made({ kind: 'tuple', items: types });
}

function readObject(items: readonly ObjectItem[], evaluate: (expression: Expression) => Value | undefined): Constraint {
  const attributes = new Map<string, AttributeType>();
  for (const { key, value } of items) {
    const name = key.kind === 'reference' && key.steps.length === 0 ? key.name : undefined;
    if (name === undefined) return { kind: 'refused', at: key, message: 'the name of an attribute is expected' };
    if (attributes.has(name)) return { kind: 'refused', at: key, message: `${name} stands there twice` };
    const attribute = readAttribute(value, evaluate);
    if (attribute.kind === 'refused') return attribute;
    attributes.set(name, attribute.attribute);
  }
  return made({ kind: 'object', attributes });
}

function readAttribute(
  value: Expression,
  evaluate: (expression: Expression) => Value | undefined,
): Refused | { readonly kind: 'attribute'; readonly attribute: AttributeType } {
  const optional = optionalCall(value);
  const read = readConstraint(optional?.arguments[0] ?? value, evaluate);
  if (read.kind === 'refused') return read;
  if (!optional) return { kind: 'attribute', attribute: { type: read.type } };
  const [, fallback, surplus] = optional.arguments;
  if (surplus) return { kind: 'refused', at: surplus, message: 'optional(…) takes a type and a default' };
  const otherwise = fallback ? evaluate(fallback) : NULL;
  if (!otherwise) return { kind: 'refused', at: value, message: 'the default has no value' };
  return { kind: 'attribute', attribute: { type: read.type, optional: { otherwise } } };
}

function optionalCall(value: Expression): CallSyntax | undefined {
  return value.kind === 'call' && value.name === 'optional' && value.arguments.length > 0 ? value : undefined;
}
