/** An address of the console and the view that it names. Pure. */

export type View =
  | { readonly kind: 'overview' }
  | { readonly kind: 'volumes' }
  | { readonly kind: 'volume'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'exports' }
  | { readonly kind: 'trash' }
  | { readonly kind: 'setup' }
  | { readonly kind: 'nowhere' };

const plain: Readonly<Record<string, View>> = {
  '/': { kind: 'overview' },
  '/volumes': { kind: 'volumes' },
  '/exports': { kind: 'exports' },
  '/trash': { kind: 'trash' },
  '/setup': { kind: 'setup' },
};

export function viewOf(path: string): View {
  const short = path.length > 1 ? path.replace(/\/+$/, '') : path;
  const view = Object.hasOwn(plain, short) ? plain[short] : undefined;
  if (view) return view;
  const [, namespace, name] = /^\/volumes\/([^/]+)\/([^/]+)$/.exec(short) ?? [];
  if (namespace === undefined || name === undefined) return { kind: 'nowhere' };
  try {
    return { kind: 'volume', namespace: decodeURIComponent(namespace), name: decodeURIComponent(name) };
  } catch {
    return { kind: 'nowhere' }; // a broken percent sign names nothing
  }
}

export function volumePath(namespace: string, name: string): string {
  return `/volumes/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}
