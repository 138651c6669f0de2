/** Who asks the console, and what they may see and do. */
import type { Need } from './need.ts';

/** In which namespaces something is allowed. */
export type Scope = 'all' | ReadonlySet<string>;

export interface Viewer {
  /** `owner`: holder of the console's own token, who may do everything. `account`: one of the cluster's. */
  readonly kind: 'owner' | 'account';
  /** As the ledger and the log name them. */
  readonly name: string;
  /** False: the session or the token of the request ended meanwhile. Rejects as `may`. */
  isPresent(): Promise<boolean>;
  /** Whether the cluster allows it. Rejects with HttpError 503 where that cannot be found out: then it is not allowed. */
  may(need: Need): Promise<boolean>;
  /** In which of these namespaces the cluster allows it; `need` is asked in all first. Rejects as `may`. */
  scope(need: Need, namespaces: Iterable<string>): Promise<Scope>;
}

/** Everybody with the token is the same person here. */
export const owner: Viewer = {
  kind: 'owner',
  name: 'holder of the token of the console',
  isPresent: async () => true,
  may: async () => true,
  scope: async () => 'all',
};

/** Whoever was not let in. */
export const nobody: Viewer = {
  kind: 'account',
  name: 'nobody',
  isPresent: async () => false,
  may: async () => false,
  scope: async () => new Set(),
};

/** Whether something of that namespace is in the scope; what has none is in no scope but `all`. */
export function isIn(scope: Scope, namespace: string): boolean {
  return scope === 'all' || scope.has(namespace);
}
