import type { Item } from '../../jobspec/field.ts';
import { itemsOf } from '../../jobspec/items.ts';
import type { Affinity, Constraint } from '../../jobspec/job.ts';

/** A constraint or an affinity in one form, however it is spelled. */
export interface Condition {
  readonly items: readonly Item[];
  readonly attribute: string;
  readonly operator: string;
  readonly value: string;
}

/** Keys that are operator and value at once. */
const short = ['regexp', 'version', 'semver', 'set_contains', 'set_contains_any', 'set_contains_all'] as const;

export function conditionOf(block: Constraint | Affinity): Condition {
  const items = itemsOf(block);
  const attribute = block.attribute?.value ?? '';
  const base = { items, attribute, value: block.value?.value ?? '' };
  for (const key of short) {
    const field = block[key];
    if (field) return { ...base, operator: key, value: field.value };
  }
  return {
    ...base,
    ...((isConstraint(block) ? onlyConstraint(block) : undefined) ?? { operator: block.operator.value }),
  };
}

function isConstraint(block: Constraint | Affinity): block is Constraint {
  return 'distinct_hosts' in block;
}

function onlyConstraint(block: Constraint): (Partial<Condition> & { readonly operator: string }) | undefined {
  const { distinct_hosts: hosts, distinct_property: property, is_set: set, is_not_set: unset } = block;
  if (hosts) return { operator: 'distinct_hosts', value: String(hosts.value) };
  if (property) return { operator: 'distinct_property', attribute: property.value };
  if (set) return { operator: 'is_set', ...(set.value === 'true' ? {} : { attribute: set.value }) };
  if (unset) return { operator: 'is_not_set', ...(unset.value === 'true' ? {} : { attribute: unset.value }) };
  return undefined;
}
