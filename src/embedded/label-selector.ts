/** A LabelSelector in an object: what it asks of labels. */
import type { LabelRequirement } from '../kube/selector.ts';
import { isObject, type Json, listAt, stringsAt, textAt, textsAt } from './json.ts';

const OPERATORS = { In: 'In', NotIn: 'NotIn', Exists: 'Exists', DoesNotExist: 'DoesNotExist' } as const;

export function labelRequirements(selector: Json): readonly LabelRequirement[] {
  const labels = Object.entries(stringsAt(selector, 'matchLabels') ?? {});
  const equal = labels.map(([key, value]) => ({ key, operator: 'In' as const, values: [value] }));
  const listed = listAt(selector, 'matchExpressions').filter(isObject);
  return [
    ...equal,
    ...listed.flatMap((expression) => {
      const operator = Object.values(OPERATORS).find((each) => each === textAt(expression, 'operator'));
      const key = textAt(expression, 'key') ?? '';
      return operator ? [{ key, operator, values: textsAt(expression, 'values') }] : [];
    }),
  ];
}
