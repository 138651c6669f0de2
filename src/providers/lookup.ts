/** What a cloud itself says about a volume: interface of the optional look-ups, which only read. */
import type { Modification } from '../expand/provider.ts';

export interface VolumeFacts {
  /** In the words of the tables, for example `gp3`; undefined: the answer does not say. */
  readonly type: string | undefined;
  /** Bytes. */
  readonly sizeBytes: bigint | undefined;
  /** Undefined: it was never modified, or the cloud keeps no record of it. */
  readonly modification: Modification | undefined;
  /** Attached to several nodes at once is allowed. */
  readonly shared: boolean;
}

export type LookedUp =
  /** Nothing is known yet; the question is on its way. */
  | { readonly kind: 'asked' }
  | { readonly kind: 'known'; readonly facts: VolumeFacts /** Epoch ms. */; readonly at: number }
  /** The tables go on to hold; `facts` are older ones. */
  | { readonly kind: 'failed'; readonly reason: string; readonly facts: VolumeFacts | undefined };

export interface Lookup {
  /** What is known now, without waiting; asks in the background where that is nothing or old. */
  latest(handle: string): LookedUp;
}

/** How the look-ups of a cloud are doing, for `doctor`. */
export interface LookupState {
  readonly cloud: string;
  /** Volumes of which an answer is known. */
  readonly known: number;
  /** Of the last question; empty: it went well, or none was asked yet. */
  readonly problem: string;
  /** Stable, of `problem`. */
  readonly code: string;
}
