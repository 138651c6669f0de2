/** What lies in the trash and the archives of all exports, and which of them could not be asked. */
import { askEach, type Unasked } from '../export/roots.ts';
import type { Storage, TrashEntry } from '../storage.ts';

export interface Lying {
  readonly found: readonly { readonly storage: Storage; readonly entry: TrashEntry }[];
  readonly unasked: readonly Unasked[];
}

export async function lying(storages: readonly Storage[], signal: AbortSignal | undefined): Promise<Lying> {
  const { answers, unasked } = await askEach(storages, (storage) => storage.entries(signal));
  const found = answers.flatMap(({ storage, answer }) => answer.entries.map((entry) => ({ storage, entry })));
  return { found, unasked };
}
