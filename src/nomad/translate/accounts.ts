import type { Item } from '../jobspec/field.ts';
import { keyOf } from '../jobspec/items.ts';
import type { Account } from './account.ts';

/** Invariant: `#keys` are those of the items in `#list`, so that whether an item was accounted for is asked without a search. */
export class Accounts {
  readonly #list: Account[] = [];
  readonly #keys = new Set<string>();

  add(account: Account): void {
    this.#list.push(account);
    this.#keys.add(keyOf(account.item));
  }

  /** Whether some row has taken the item. */
  has(item: Item): boolean {
    return this.#keys.has(keyOf(item));
  }

  /** In the order in which they were added. */
  get list(): readonly Account[] {
    return this.#list;
  }
}
