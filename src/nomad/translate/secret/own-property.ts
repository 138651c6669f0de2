import type { GroupScope } from '../scope.ts';

/** Values of a module that somebody has to store, by the property that they are stored under. */
const stored = new WeakMap<GroupScope['module'], Map<string, string>>();

/** The first of the names that is free, or holds the same value: two values never share a property. */
export function ownProperty({ module }: Pick<GroupScope, 'module'>, wanted: readonly string[], value: string): string {
  const known = stored.get(module) ?? new Map<string, string>();
  stored.set(module, known);
  for (let count = 0; ; count += 1) {
    const name = wanted[count] ?? `${wanted.at(-1)}_${count - wanted.length + 2}`;
    const before = known.get(name);
    if (before !== undefined && before !== value) continue;
    known.set(name, value);
    return name;
  }
}
