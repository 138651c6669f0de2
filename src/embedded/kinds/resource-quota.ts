/** ResourceQuota (pkg/apis/core/validation and pkg/printers, read in 1.36). What it limits is in ../quota.ts. */
import { type FieldProblem, invalidValue } from '../field.ts';
import { type JsonObject, objectAt, textAt } from '../json.ts';
import type { Rules } from '../kind.ts';
import { isQualifiedName } from '../names.ts';
import type { Cells } from '../row.ts';
import { amount } from './amount.ts';

export const quotaRules: Rules = {
  create: (quota) => ({ ...quota, status: {} }),
  problems: quotaProblems,
};

function quotaProblems(quota: JsonObject): readonly FieldProblem[] {
  return Object.entries(objectAt(quota, 'spec', 'hard')).flatMap(([name, value]) => {
    const field = `spec.hard[${name}]`;
    const negative = amount(String(value)) < 0n;
    return [
      ...isQualifiedName(name).map((text) => invalidValue(field, name, text)),
      ...(negative ? [invalidValue(field, String(value), 'must be greater than or equal to 0')] : []),
    ];
  });
}

function usageText(quota: JsonObject, limits: boolean): string {
  return Object.entries(objectAt(quota, 'status', 'hard'))
    .filter(([name]) => name.startsWith('limits.') === limits)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, hard]) => `${name}: ${textAt(quota, 'status', 'used', name) ?? '0'}/${String(hard)}`)
    .join(', ');
}

export const quotaCells: Cells = {
  Request: (quota) => usageText(quota, false),
  Limit: (quota) => usageText(quota, true),
};
