/** The path by which the kernel resolves one name in an open directory; see descriptor.ts for what that is good for. */
import { isComponent } from '../fields.ts';

/** Names as the kernel gives them are bytes: tenants need not write UTF-8. A string is a name of ours, and checked. */
export type Name = string | Buffer;

export function entryPath(fd: number, name: Name): string | Buffer {
  if (typeof name !== 'string') return Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), name]);
  if (!isComponent(name)) throw new TypeError(`${JSON.stringify(name)} is not a single name`);
  return `/proc/self/fd/${fd}/${name}`;
}
