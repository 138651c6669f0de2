/** Members of stored objects, whose shapes nobody vouches for. */
export type Texts = Readonly<Record<string, string>>;

export function valueAt(object: unknown, ...path: readonly string[]): unknown {
  let value = object;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

export function textAt(object: unknown, ...path: readonly string[]): string {
  const value = valueAt(object, ...path);
  return typeof value === 'string' ? value : '';
}

export function textsAt(object: unknown, ...path: readonly string[]): Texts {
  const value = valueAt(object, ...path);
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
