/** What is asked of the Kubernetes API, as data: roles are made from it. */

/** In the order in which roles name them. */
export const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] as const;

export type Verb = (typeof verbs)[number];

export interface Access {
  /** Empty for the core group. */
  readonly group: string;
  /** A plural, or `plural/subresource`. */
  readonly resource: string;
  readonly verbs: readonly Verb[];
  /** Objects of these names only. */
  readonly names?: readonly string[];
  /** What it is for, as a person who grants it wants to know. */
  readonly why: string;
}

/** What a cache needs: `list` for servers that do not stream lists. */
export const cached = ['list', 'watch'] as const satisfies readonly Verb[];
