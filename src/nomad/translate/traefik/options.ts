import type { OptionKind, OptionTable } from './option-table.ts';
import type { Option } from './tag.ts';

export type OptionValue = string | number | boolean | readonly OptionValue[] | { readonly [key: string]: OptionValue };

/** Where an option belongs in the custom resource, and its value in the type of that place. */
export type Placed =
  | { readonly kind: 'placed'; readonly path: readonly string[]; readonly value: OptionValue }
  | { readonly kind: 'strange'; readonly why: string };

/** `path` is what follows the name of the middleware's kind, in any case: `customrequestheaders.X-A`, `depth`. */
export function place(table: OptionTable, { path, value }: Pick<Option, 'path' | 'value'>): Placed {
  const [first, ...rest] = path;
  if (first === undefined) return { kind: 'strange', why: 'it names no option' };
  const [plain] = first.split('[');
  const key = Object.keys(table).find((each) => each.toLowerCase() === plain?.toLowerCase());
  const kind = key === undefined ? undefined : table[key];
  if (key === undefined || kind === undefined) return { kind: 'strange', why: `Traefik 3 has no option ${first} here` };
  if (typeof kind !== 'string') {
    // an option with options of its own may be switched on as a whole: compress=true, sticky.cookie=true
    if (rest.length === 0) return { kind: 'placed', path: [key], value: /^true$/i.test(value) ? {} : value };
    const inner = place(kind, { path: rest, value });
    return inner.kind === 'placed' ? { ...inner, path: [key, ...inner.path] } : inner;
  }
  return typed(kind, value, { key, rest });
}

interface Spot {
  readonly key: string;
  readonly rest: readonly string[];
}

function typed(kind: OptionKind, value: string, { key, rest }: Spot): Placed {
  const placed = (value: OptionValue, more: readonly string[] = []): Placed => ({
    kind: 'placed',
    path: [key, ...more],
    value,
  });
  const wrong = (accepted: string): Placed => ({ kind: 'strange', why: `${key} is ${value}; it takes ${accepted}` });
  switch (kind) {
    case 'text':
      return placed(expansion(value));
    case 'flag':
      return /^(true|false|1|0|t|f)$/i.test(value) ? placed(/^(true|1|t)$/i.test(value)) : wrong('true or false');
    case 'number':
      return /^-?\d+$/.test(value) ? placed(Number(value)) : wrong('a whole number');
    case 'number or text':
      return placed(/^\d+$/.test(value) ? Number(value) : value);
    case 'texts':
      return placed(list(value));
    case 'numbers':
      return list(value).every((each) => /^\d+$/.test(each)) ? placed(list(value).map(Number)) : wrong('whole numbers');
    case 'texts by key':
      return rest.length === 0 ? wrong('a key') : placed(value, [rest.join('.')]);
    case 'numbers by key':
      return rest.length === 0 || !/^\d+$/.test(value)
        ? wrong('a number by key')
        : placed(Number(value), [rest.join('.')]);
    case 'free':
      return placed(value, rest);
    default:
      return kind satisfies never;
  }
}

function list(value: string): readonly string[] {
  return value === '' ? [] : value.split(',').map((each) => each.trim());
}

/** `\${1}` is `$1` where nothing behind it could be read as a longer name. */
function expansion(value: string): string {
  return value.replaceAll(/\$\{(\d+)\}(?![0-9A-Za-z_])/g, '$$$1');
}

/** Puts a value into a tree of maps. */
export function put(tree: Record<string, OptionValue>, path: readonly string[], value: OptionValue): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  const before = tree[key];
  if (rest.length === 0) {
    tree[key] = isMap(before) && isMap(value) ? { ...value, ...before } : value;
    return;
  }
  const inner: Record<string, OptionValue> = isMap(before) ? { ...before } : {};
  put(inner, rest, value);
  tree[key] = inner;
}

function isMap(value: OptionValue | undefined): value is { readonly [key: string]: OptionValue } {
  return typeof value === 'object' && !Array.isArray(value);
}
