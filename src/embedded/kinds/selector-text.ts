/** Label selectors and labels as the columns of a table show them (k8s.io/apimachinery/pkg/labels, read in 0.36). */
import { type Json, listAt, stringsAt, textAt, textsAt } from '../json.ts';

const NONE = '<none>';

/** `a=b,c=d` of plain labels. */
export function labelsText(labels: Json | undefined): string {
  const entries = Object.entries(stringsAt(labels) ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
  return entries.length === 0 ? NONE : entries.map(([key, value]) => `${key}=${value}`).join(',');
}

/** `a=b,c in (d,e)` of a metav1.LabelSelector; `none` when it selects everything. */
export function selectorText(selector: Json | undefined, none = NONE): string {
  const equal = Object.entries(stringsAt(selector, 'matchLabels') ?? {}).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  const others = listAt(selector, 'matchExpressions').map((requirement) => {
    const key = textAt(requirement, 'key') ?? '';
    const values = [...textsAt(requirement, 'values')].sort().join(',');
    return { key, text: expressionText(key, textAt(requirement, 'operator'), values) };
  });
  const texts = [...equal, ...others].sort((left, right) => (left.key < right.key ? -1 : 1)).map(({ text }) => text);
  return texts.length === 0 ? none : texts.join(',');
}

function expressionText(key: string, operator: string | undefined, values: string): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values})`;
    case 'NotIn':
      return `${key} notin (${values})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}
