/** Who may come to the console of a cluster. Pure. */

/** Accounts of the cluster, holders of the console's own token, or both. */
export const signInWays = ['both', 'cluster', 'token'] as const;

export interface SignIn {
  readonly who: (typeof signInWays)[number];
  /** Names under which the console is asked for, beside addresses, localhost and Services. */
  readonly hosts: readonly string[];
}
