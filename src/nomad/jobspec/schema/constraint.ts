import { any, integer, labelled, type Schema, text } from './spec.ts';

export const constraint = {
  attribute: text('LTarget'),
  value: text('RTarget'),
  operator: text('Operand', '='),
  // the short forms, one key instead of attribute, operator and value
  regexp: text(''),
  version: text(''),
  semver: text(''),
  set_contains: text(''),
  set_contains_any: text(''),
  set_contains_all: text(''),
  distinct_hosts: any(''),
  distinct_property: text(''),
  is_set: text(''),
  is_not_set: text(''),
} as const satisfies Schema;

export const affinity = {
  attribute: text('LTarget'),
  value: text('RTarget'),
  operator: text('Operand', '='),
  weight: integer('Weight', 50),
  // the short forms, one key instead of attribute, operator and value
  regexp: text(''),
  version: text(''),
  semver: text(''),
  set_contains: text(''),
  set_contains_any: text(''),
  set_contains_all: text(''),
} as const satisfies Schema;

const spreadTarget = {
  percent: integer('Percent'),
} as const satisfies Schema;

export const spread = {
  attribute: text('Attribute'),
  weight: integer('Weight', 50),
  target: labelled('SpreadTarget', () => spreadTarget),
} as const satisfies Schema;
