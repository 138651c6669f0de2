/** Exports that show the same folder have the same directories and the same trash: one of them stands for all. */
import { ProvisionError } from '../registry.ts';
import type { Storage, StorageProblem } from '../storage.ts';
import { addressOf } from '../volume.ts';

/** The first storage of every root. */
export function onceEach(storages: readonly Storage[]): readonly Storage[] {
  const byRoot = new Map<string, Storage>();
  for (const storage of storages) {
    if (!byRoot.has(storage.description.root)) byRoot.set(storage.description.root, storage);
  }
  return [...byRoot.values()];
}

/** An export that could not be asked: what it has is not known, which is not the same as nothing. */
export interface Unasked {
  readonly export: string;
  /** Has an entry in the errors reference. */
  readonly code: 'LARDER_EXPORT_UNAVAILABLE';
  /** Which export, what happened, what to do. */
  readonly message: string;
}

export interface Asked<T> {
  /** Of those that answered, in the order of the exports. */
  readonly answers: readonly { readonly storage: Storage; readonly answer: T }[];
  readonly unasked: readonly Unasked[];
}

/** Asks every folder at the same time, so that one that hangs costs its own deadline and nobody else's answer. */
export async function askEach<T extends { readonly kind: string }>(
  storages: readonly Storage[],
  ask: (storage: Storage) => Promise<T | StorageProblem>,
): Promise<Asked<T>> {
  const each = await Promise.all(onceEach(storages).map(async (storage) => ({ storage, answer: await ask(storage) })));
  const answers: { readonly storage: Storage; readonly answer: T }[] = [];
  const unasked: Unasked[] = [];
  for (const { storage, answer } of each) {
    if (isProblem(answer)) unasked.push(unaskedOf(addressOf(storage.description), answer.detail));
    else answers.push({ storage, answer });
  }
  return { answers, unasked };
}

const isProblem = (answer: { readonly kind: string } | StorageProblem): answer is StorageProblem =>
  answer.kind === 'problem';

/** The export as a whole gives no answer; anything else is about the one thing that was asked for. */
export const isAway = ({ problem }: StorageProblem): boolean => problem === 'unavailable' || problem === 'not-mounted';

export const unaskedOf = (address: string, detail: string): Unasked => ({
  export: address,
  code: 'LARDER_EXPORT_UNAVAILABLE',
  message: `export ${address} ${detail}: check the server and the mount`,
});

export const unavailable = (unasked: readonly Unasked[]): ProvisionError =>
  new ProvisionError('LARDER_EXPORT_UNAVAILABLE', unasked.map(({ message }) => message).join('; '));
