/**
 * Which directory is meant when somebody names one that was moved away. The name of a trash entry is that of a volume and
 * a moment, and no other has it; that of an archive is one that another export may have as well.
 */
import { type Unasked, unavailable } from '../export/roots.ts';
import { quote } from '../pattern.ts';
import type { Storage, TrashEntry } from '../storage.ts';
import { addressOf } from '../volume.ts';
import { refused } from './bringing-back.ts';

/** Those in which it is looked for: the named export, or all. */
export function soughtOn(storages: readonly Storage[], address: string | undefined): readonly Storage[] {
  if (address === undefined) return storages;
  const plain = address.replace(/^local:(?=\/)/, ''); // as an operator's flag writes a folder of its node
  const named = storages.filter(({ description }) => addressOf(description) === plain);
  if (named.length > 0) return named;
  const known = storages.map(({ description }) => addressOf(description)).join(', ');
  throw refused(`there is no export ${quote(address)}: there is ${known}`);
}

export interface Sought<Found> {
  /** In the words of a message. */
  readonly name: string;
  /** All that have the name. */
  readonly found: readonly (Found & { readonly storage: Storage; readonly entry: Pick<TrashEntry, 'kind'> })[];
  /** Exports that may have it as well. */
  readonly unasked: readonly Unasked[];
  /** What to type instead, up to the address of the export. */
  readonly command: string;
}

/** Undefined: nowhere. Throws where more than one is meant, or may be. */
export function theOnly<Found>({ name, found, unasked, command }: Sought<Found>): Found | undefined {
  const [first] = found;
  if (!first) return undefined;
  const addresses = found.map(({ storage }) => addressOf(storage.description));
  if (found.length > 1) {
    throw refused(
      `${name} is on ${addresses.join(' and on ')}: say which with --export, as \`${command} ${addresses[0]}\``,
    );
  }
  if (unasked.length === 0 || first.entry.kind === 'trash') return first;
  const hint = `; it may have ${name} too, and \`${command} ${addresses[0]}\` brings back what ${addresses[0]} has`;
  throw unavailable(unasked.map((each) => ({ ...each, message: `${each.message}${hint}` })));
}
