import type { Item } from '../jobspec/field.ts';
import type { Note, Row } from './account.ts';
import type { Accounts } from './accounts.ts';
import { Sourced, type Tree } from './sourced.ts';

/**
 * One row of the mapping with the code that does it. Rules stand in ordered lists; each looks for what it maps in its
 * scope, adds to the draft, and accounts for every item that it read. What no rule accounts for is reported as manual.
 */
export interface Rule<Scope> extends Row {
  readonly apply: (scope: Scope, use: Use) => void;
}

/** How a rule accounts for what it read. */
export interface Use {
  /** The item becomes this part of a manifest. */
  take<T extends Tree>(item: Item | readonly Item[], value: T, note?: Note): Sourced<T>;
  /** The item becomes nothing of its own: it is the default, has no twin, or a person must decide. */
  leave(item: Item | readonly Item[], note?: Note): void;
}

function useOf(row: Row, accounts: Accounts): Use {
  const write = (items: readonly Item[], note: Note): void => {
    for (const { path, at } of items) {
      accounts.add({
        item: { path, at },
        row: row.id,
        class: note.class ?? row.class,
        text: note.text ?? row.kubernetes,
        ...(note.todo === undefined ? {} : { todo: note.todo }),
      });
    }
  };
  return {
    take: (item, value, note = {}) => {
      const items = listOf(item);
      write(items, note);
      return new Sourced(value, items);
    },
    leave: (item, note = {}) => write(listOf(item), note),
  };
}

function listOf(item: Item | readonly Item[]): readonly Item[] {
  return isList(item) ? item : [item];
}

function isList(item: Item | readonly Item[]): item is readonly Item[] {
  return Array.isArray(item);
}

/** Runs rules in their order. */
export function applyRules<Scope>(rules: readonly Rule<Scope>[], scope: Scope, accounts: Accounts): void {
  for (const rule of rules) rule.apply(scope, useOf(rule, accounts));
}
