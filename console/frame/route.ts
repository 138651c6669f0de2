/** An address of the console and the view that it names. Pure. */

export type View =
  | { readonly kind: 'overview' }
  | { readonly kind: 'volumes' }
  | { readonly kind: 'volume'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'policies' }
  | { readonly kind: 'policy'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'new policy' }
  | { readonly kind: 'group'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'new group' }
  | { readonly kind: 'exports' }
  | { readonly kind: 'trash' }
  | { readonly kind: 'nomad' }
  | { readonly kind: 'changes' }
  | { readonly kind: 'change'; readonly id: string }
  | { readonly kind: 'ledger' }
  | { readonly kind: 'report' }
  | { readonly kind: 'record'; readonly id: string }
  | { readonly kind: 'cluster' }
  | { readonly kind: 'setup' }
  | { readonly kind: 'nowhere' };

const plain: Readonly<Record<string, View>> = {
  '/': { kind: 'overview' },
  '/volumes': { kind: 'volumes' },
  '/policies': { kind: 'policies' },
  '/policies/new': { kind: 'new policy' },
  '/groups/new': { kind: 'new group' },
  '/exports': { kind: 'exports' },
  '/trash': { kind: 'trash' },
  '/nomad': { kind: 'nomad' },
  '/changes': { kind: 'changes' },
  '/ledger': { kind: 'ledger' },
  '/ledger/report': { kind: 'report' },
  '/cluster': { kind: 'cluster' },
  '/setup': { kind: 'setup' },
};

export function viewOf(path: string): View {
  const short = path.length > 1 ? path.replace(/\/+$/, '') : path;
  const view = Object.hasOwn(plain, short) ? plain[short] : undefined;
  if (view) return view;
  for (const [pattern, made] of named) {
    const found = pattern.exec(short);
    if (found === null) continue;
    try {
      const [first = '', second = ''] = found.slice(1).map(decodeURIComponent);
      return made(first, second);
    } catch {
      return { kind: 'nowhere' }; // a broken percent sign names nothing
    }
  }
  return { kind: 'nowhere' };
}

/** Addresses with names in them, which are decoded. */
const named: readonly (readonly [pattern: RegExp, made: (first: string, second: string) => View])[] = [
  [/^\/volumes\/([^/]+)\/([^/]+)$/, (namespace, name) => ({ kind: 'volume', namespace, name })],
  [/^\/policies\/([^/]+)\/([^/]+)$/, (namespace, name) => ({ kind: 'policy', namespace, name })],
  [/^\/groups\/([^/]+)\/([^/]+)$/, (namespace, name) => ({ kind: 'group', namespace, name })],
  [/^\/changes\/([^/]+)$/, (id) => ({ kind: 'change', id })],
  [/^\/ledger\/([^/]+)$/, (id) => ({ kind: 'record', id })],
];

export function volumePath(namespace: string, name: string): string {
  return `/volumes/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

export function policyPath(namespace: string, name: string): string {
  return `/policies/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

export function groupPath(namespace: string, name: string): string {
  return `/groups/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

export function changePath(id: string): string {
  return `/changes/${encodeURIComponent(id)}`;
}

/** `id`: of the record, or its number. */
export function recordPath(id: string): string {
  return `/ledger/${encodeURIComponent(id)}`;
}
