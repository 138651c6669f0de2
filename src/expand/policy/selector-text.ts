/** The selector of a policy or a group in one line, as `kubectl get -l` takes it. Pure. */
import { isKubeError } from '../../kube/error.ts';
import type { LabelSelector } from '../../kube/kinds.ts';
import { type LabelRequirement, parseLabelSelector } from '../../kube/selector.ts';
import type { Parsed } from '../settings/settings.ts';

type Expression = NonNullable<LabelSelector['matchExpressions']>[number];

/** Empty: it selects everything. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  return [...labels, ...matchExpressions.map(expressionText)].join(', ');
}

function expressionText({ key, operator, values = [] }: Expression): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.join(', ')})`;
    case 'NotIn':
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(', ')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return operator satisfies never;
  }
}

export function selectorOf(text: string): Parsed<LabelSelector> {
  let requirements: readonly LabelRequirement[];
  try {
    requirements = parseLabelSelector(text);
  } catch (failure) {
    if (!isKubeError(failure)) throw failure;
    return { ok: false, reason: failure.message };
  }
  const matchLabels: Record<string, string> = {};
  const matchExpressions: Expression[] = [];
  for (const { key, operator, values } of requirements) {
    if (operator === 'Gt' || operator === 'Lt') {
      return { ok: false, reason: `the labels of claims are not compared as numbers: ${key} ${operator}` };
    }
    const [value = ''] = values;
    const single = operator === 'In' && values.length === 1 && !Object.hasOwn(matchLabels, key);
    if (single && !inList(text, key)) matchLabels[key] = value;
    else matchExpressions.push({ key, operator, ...(values.length === 0 ? {} : { values }) });
  }
  return {
    ok: true,
    value: {
      ...(Object.keys(matchLabels).length === 0 ? {} : { matchLabels }),
      ...(matchExpressions.length === 0 ? {} : { matchExpressions }),
    },
  };
}

/** `a in (b)` stays what was written; both mean the same. */
function inList(text: string, key: string): boolean {
  const at = text.indexOf(`${key} in`);
  return at >= 0 && /^\s+in\s*\(/.test(text.slice(at + key.length));
}
