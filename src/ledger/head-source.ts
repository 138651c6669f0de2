/** Places beside the records that remember how far the ledger had come. */
import type { SignedHead } from './signed-head.ts';

/** What a place says. A place that could not be reached was not looked at; it never says that all is well. */
export type Remembered =
  | { readonly kind: 'looked'; readonly heads: readonly RememberedHead[]; readonly note?: string }
  | { readonly kind: 'not-looked'; readonly why: string };

export interface RememberedHead {
  /** For people: the file, the commit, the object. */
  readonly where: string;
  /** Absent: what stands there is no head. */
  readonly head?: SignedHead;
  /**
   * Whether it counts also where no record here knows its signer: the records that did may be those that are gone. Asked
   * only for a head whose record is not there. Absent: it does not.
   */
  counts?(): Promise<boolean>;
}

export interface HeadSource {
  /** For people, as "commits of this branch". */
  readonly name: string;
  look(signal?: AbortSignal): Promise<Remembered>;
}
