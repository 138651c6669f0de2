import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Folders of files that Larder brings along and that are no code. */
export type ShippedName = 'ansible' | 'operator-repository';

/** In the checkout below `deploy`; beside the code of a bundle, which lies in one folder. Undefined: this copy has none. */
export function shippedFolder(name: ShippedName): string | undefined {
  const places = [join(import.meta.dirname, name), resolve(import.meta.dirname, '../../deploy', name)];
  return places.find((place) => existsSync(place));
}
