/** What the console shows about one group, and what it would be with another text, over HTTP. */
import type { PolicyProblem, ReachedClaim, Written } from './policy-api.ts';

export interface GroupAnswer {
  /** As it is applied. */
  readonly object: Written;
}

/** A claim that is in the group, at present or as it is proposed. */
export interface GroupMemberRow
  extends Pick<
    ReachedClaim,
    'name' | 'request' | 'change' | 'growsAtPresent' | 'growsAsProposed' | 'problem' | 'settings'
  > {
  readonly namespace: string;
  /** Whether others are sized after it. */
  readonly leads: boolean;
  /** The group that it comes from or goes to, as `namespace/name`; empty: none. */
  readonly other: string;
}

export interface GroupPreview {
  /** What is wrong with the object. Where its spec cannot be read the rest is empty. */
  readonly problems: readonly PolicyProblem[];
  /** As proposed. */
  readonly members: number;
  readonly joining: number;
  readonly leaving: number;
  /** Members of namespaces that whoever asks may not see: they are in none of these figures. */
  readonly hidden: number;
  /** Claims that it asks for and whose namespace does not grant that, as `namespace/name`. */
  readonly refused: readonly string[];
  /** The size that its members have at least, bytes; empty: each goes by itself. */
  readonly presentBytes: string;
  readonly proposedBytes: string;
  /** The first of them. */
  readonly rows: readonly GroupMemberRow[];
}
