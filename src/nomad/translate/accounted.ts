import type { Item } from '../jobspec/field.ts';
import type { Account } from './account.ts';

interface Seen {
  count: number;
  readonly keys: Set<string>;
}

/** The list only grows, so that what was seen once is not read again: with many jobs that would take the square of the time. */
const seen = new WeakMap<readonly Account[], Seen>();

/** Whether an item has an account in this list. */
export function accounted(accounts: readonly Account[], item: Item): boolean {
  const known = seen.get(accounts) ?? { count: 0, keys: new Set<string>() };
  for (; known.count < accounts.length; known.count += 1) {
    const account = accounts[known.count];
    if (account) known.keys.add(keyOf(account.item));
  }
  seen.set(accounts, known);
  return known.keys.has(keyOf(item));
}

function keyOf({ path, at }: Item): string {
  return `${at.file}\n${path}`;
}
