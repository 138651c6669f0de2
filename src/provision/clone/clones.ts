/**
 * Copies of volumes as the provisioner asks an export for them. A copy grows in slices under `.larder/clone`, where
 * nobody sees it, and gets its name in one rename when it is complete.
 */
import type { Fields } from '../fields.ts';
import type { DirectoryPath, StorageProblem } from '../storage.ts';

export interface CloneRequest {
  /** Of the claim that gets the copy: there is one copy at a time for each. */
  readonly uid: string;
  readonly source: DirectoryPath;
  /**
   * The claim of the source was seen alive after an answer said that the copy is begun. What was opened then was that
   * claim's directory: of a claim that goes, the name may be another's before the next look at it. Nothing is copied before.
   */
  readonly sourceSeen: boolean;
  /** Missing, or an empty directory. */
  readonly path: DirectoryPath;
  /** After so many bytes written, or operations, the slice ends; it may go beyond by one small file. */
  readonly maxBytes: number;
  readonly maxOperations: number;
  /** Must be free before the first byte of a copy that shares no blocks, in addition to the next two. */
  readonly neededBytes: bigint;
  readonly minFreeBytes: bigint;
  readonly minFreeInodes: bigint;
}

/** What a copy has done so far. */
export interface CloneFigures {
  /** Everything but directories. */
  readonly files: number;
  readonly directories: number;
  readonly copiedBytes: bigint;
  /** Of files that share the blocks of the source. */
  readonly sharedBytes: bigint;
  /** Blocks × 512 of what was passed in the source, as `Usage` counts it. */
  readonly passedBytes: bigint;
  /** Sockets, FIFOs and devices: there is no copy of those. */
  readonly skipped: number;
  /** Entries that changed, came or went while they were copied. */
  readonly changed: number;
  /** Entries that belong to this process now, because it may not give them to their owner. */
  readonly disowned: number;
}

export type CloneResult =
  /** `fresh`: it was begun just now, and nothing is copied yet; what an earlier process had copied is given up. */
  | { readonly kind: 'cloning'; readonly fresh: boolean; readonly figures: CloneFigures }
  | { readonly kind: 'cloned'; readonly identity: string; readonly figures: CloneFigures }
  | StorageProblem;

/** Something under `.larder/clone`. */
export interface CloneEntry {
  readonly name: string;
  /** Of the claim. */
  readonly uid: string;
  /** `growing` can still become a volume; `left` cannot, and only waits for its removal. */
  readonly state: 'growing' | 'left' | 'note';
  /** Epoch ms of the last slice. */
  readonly touchedAt: number;
}

export interface Clones {
  /** One slice; call again while it says `cloning`. Idempotent: a complete copy is said to be complete again. */
  advance(request: CloneRequest, signal?: AbortSignal): Promise<CloneResult>;
  list(
    signal?: AbortSignal,
  ): Promise<{ readonly kind: 'clones'; readonly entries: readonly CloneEntry[] } | StorageProblem>;
  /** From the first call on the entry can become no volume any more; `remaining` says whether some of it is left. */
  remove(
    request: { readonly name: string; readonly maxOperations: number },
    signal?: AbortSignal,
  ): Promise<{ readonly kind: 'removed'; readonly remaining: boolean } | StorageProblem>;
}

/** What the process of an export is asked. */
export type CloneOperation =
  | ({ readonly kind: 'clone' } & CloneRequest)
  | { readonly kind: 'clones' }
  | { readonly kind: 'unclone'; readonly name: string; readonly maxOperations: number };

export function cloneOperationOf(kind: CloneOperation['kind'], fields: Fields): CloneOperation {
  switch (kind) {
    case 'clone':
      return { kind, ...cloneRequestOf(fields) };
    case 'clones':
      return { kind };
    case 'unclone':
      return { kind, name: fields.component('name'), maxOperations: fields.count('maxOperations') };
    default:
      return kind satisfies never;
  }
}

/** How the uids of claims are written: they become names. */
const UID = /^[A-Za-z0-9-]{1,64}$/;

function cloneRequestOf(fields: Fields): CloneRequest {
  const uid = fields.text('uid');
  if (!UID.test(uid)) throw fields.wrong('uid', 'a uid');
  return {
    uid,
    source: fields.path('source'),
    sourceSeen: fields.flag('sourceSeen'),
    path: fields.path('path'),
    maxBytes: fields.count('maxBytes'),
    maxOperations: fields.count('maxOperations'),
    neededBytes: fields.size('neededBytes'),
    minFreeBytes: fields.size('minFreeBytes'),
    minFreeInodes: fields.size('minFreeInodes'),
  };
}

export const cloneFiguresOf = (fields: Fields): CloneFigures => ({
  files: fields.count('files'),
  directories: fields.count('directories'),
  copiedBytes: fields.size('copiedBytes'),
  sharedBytes: fields.size('sharedBytes'),
  passedBytes: fields.size('passedBytes'),
  skipped: fields.count('skipped'),
  changed: fields.count('changed'),
  disowned: fields.count('disowned'),
});

export const cloneEntryOf = (fields: Fields): CloneEntry => ({
  name: fields.component('name'),
  uid: fields.text('uid'),
  state: fields.oneOf('state', ['growing', 'left', 'note']),
  touchedAt: fields.count('touchedAt'),
});
