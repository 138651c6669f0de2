import { convert } from './convert.ts';
import { wholeOf } from './decimal.ts';
import type { Step } from './syntax.ts';
import { isMapping, isSequence, type MappingValue, type SequenceValue, type Value } from './value.ts';
import { kindText } from './value-type.ts';

export type Selected =
  | { readonly kind: 'value'; readonly value: Value }
  /** A sentence without its end. */
  | { readonly kind: 'refused'; readonly message: string };

export function selectStep(value: Value, step: Step): Selected {
  return step.kind === 'attribute' ? selectAttribute(value, step.name) : selectKey(value, step.key);
}

/** `value.name` */
function selectAttribute(value: Value, name: string): Selected {
  if (value.kind === 'null') return refused(`the value is null and has no attribute ${name}`);
  if (isMapping(value)) return entry(value, name);
  if (isSequence(value))
    return refused(`a ${value.kind} has no attribute ${name}: write [0].${name} for one element, [*].${name} for all`);
  return refused(`${kindText(value)} has no attribute ${name}`);
}

/** `value[key]` */
export function selectKey(value: Value, key: Value): Selected {
  if (value.kind === 'null') return refused('the value is null and has no elements');
  if (key.kind === 'null') return refused('null is no key');
  if (isMapping(value)) {
    const name = convert(key, { kind: 'string' });
    return name.kind === 'value' && name.value.kind === 'string'
      ? entry(value, name.value.value)
      : refused(`${kindText(key)} is no key of ${kindText(value)}`);
  }
  if (value.kind === 'set') return refused('elements of a set have no key; [for x in … : x] makes a list of it');
  return isSequence(value) ? item(value, key) : refused(`${kindText(value)} has no elements`);
}

function entry({ entries }: MappingValue, name: string): Selected {
  const found = entries.get(name);
  if (found) return { kind: 'value', value: found };
  const names = [...entries.keys()].slice(0, 12).join(', ');
  return refused(`there is no ${JSON.stringify(name)}; there is ${names || 'nothing'}`);
}

function item({ items }: SequenceValue, key: Value): Selected {
  const number = convert(key, { kind: 'number' });
  const whole = number.kind === 'value' && number.value.kind === 'number' ? wholeOf(number.value.value) : undefined;
  if (whole === undefined) return refused('a whole number is required to select an element of a list');
  const found = whole >= 0n && whole < BigInt(items.length) ? items[Number(whole)] : undefined;
  return found
    ? { kind: 'value', value: found }
    : refused(`there is no element ${whole}; there are ${items.length}, counted from 0`);
}

function refused(message: string): Selected {
  return { kind: 'refused', message };
}
