/** Objects as a version of their kind shows them, which may not be the one in which they were stored. */
import type { Kind } from './kind.ts';
import type { Stored } from './stored.ts';

export function presented<T extends Stored | undefined>(kind: Kind, stored: T): T | Stored {
  return stored && kind.custom ? kind.custom.present(stored) : stored;
}
