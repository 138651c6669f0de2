import type { Field } from '../jobspec/field.ts';
import type { Class, Note } from './account.ts';
import type { Use } from './rule.ts';
import type { S, Tree } from './sourced.ts';

/** A value of a manifest from a field: with its origin where somebody wrote it, plain where it is Nomad's default. */
export function carry<T extends Tree>(use: Use, field: Field<unknown> | undefined, value: T, note?: Note): S<T> {
  return field?.written ? use.take(field, value, note) : value;
}

/** Accounts for a field without output, where somebody wrote it. */
export function drop(use: Use, field: Field<unknown> | undefined, note?: Note): void {
  if (field?.written) use.leave(field, note);
}

const order: readonly Class[] = ['direct', 'dropped', 'approximate', 'manual'];

/** Several notes on one item: the worst class, and everything that they say. */
export function joined(notes: readonly Note[]): Note {
  const texts = unique(notes.flatMap(({ text }) => text ?? []));
  const todos = unique(notes.flatMap(({ todo }) => todo ?? []));
  const worst = order.findLast((each) => notes.some((note) => note.class === each));
  return {
    ...(worst === undefined ? {} : { class: worst }),
    ...(texts.length === 0 ? {} : { text: texts.join('; ') }),
    ...(todos.length === 0 ? {} : { todo: todos.join(' ') }),
  };
}

function unique(list: readonly string[]): readonly string[] {
  return [...new Set(list)];
}
