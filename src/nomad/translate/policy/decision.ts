import type { Intention } from '../scope.ts';

/** What Consul says of one service calling another. */
export type Decision =
  | { readonly kind: 'allow' | 'deny'; readonly by: Intention }
  | { readonly kind: 'permissions'; readonly by: Intention }
  /** No intention speaks of them: Consul's default counts. */
  | { readonly kind: 'unsaid' };

/** Exact names before `*`, the destination's before the source's (Consul's precedence of intentions). */
export function precedence({ source, destination }: Pick<Intention, 'source' | 'destination'>): number {
  if (destination !== '*') return source !== '*' ? 9 : 8;
  return source !== '*' ? 6 : 5;
}

export function decide(intentions: readonly Intention[], source: string, destination: string): Decision {
  const [by] = intentions
    .filter((each) => matches(each.source, source) && matches(each.destination, destination))
    .toSorted((left, right) => precedence(right) - precedence(left));
  if (!by) return { kind: 'unsaid' };
  return by.action === undefined ? { kind: 'permissions', by } : { kind: by.action, by };
}

function matches(pattern: string, name: string): boolean {
  return pattern === '*' || pattern.toLowerCase() === name.toLowerCase();
}
