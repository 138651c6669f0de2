/**
 * One export as the provisioner sees it. The real one (export.ts) talks to a child process that alone touches the mount;
 * the simulator has an in-memory child. Every expected outcome is a value: a method rejects only when its signal aborts
 * or on a defect of ours.
 */

import type { Clones } from './clone/clones.ts';
import type { Quota } from './quota/quota.ts';

/** Where an export is, in the words of PersistentVolumes and of this host. */
export interface ExportDescription {
  readonly backend: 'nfs' | 'local';
  /** The NFS server of the volumes; empty for `local`. */
  readonly server: string;
  /** The path that PersistentVolumes carry, without a trailing slash: `/storage/v`. */
  readonly path: string;
  /** Where this process sees the same directory: `/persistentvolumes`. */
  readonly root: string;
  /** The node of a `local` export, as its hostname label has it; absent: volumes of every node are taken for its own. */
  readonly node?: string;
}

/** Validated segments below the export's root (see pattern.ts); never empty. Only these ever become part of a path. */
export type DirectoryPath = readonly string[];

/** Why an operation did not happen. Nothing half-done is left behind unless `landed` says that it may land late. */
export interface StorageProblem {
  readonly kind: 'problem';
  readonly problem:
    | 'unavailable' /** no answer in time, or EIO, ETIMEDOUT, EREMOTEIO, ESTALE twice; or the breaker is open */
    | 'not-mounted' /** the root is not a mounted export */
    | 'no-space' /** ENOSPC, EDQUOT or below minFree */
    | 'read-only' /** EROFS */
    | 'denied' /** EACCES, EPERM */
    | 'not-a-directory' /** a file, FIFO, socket or device of that name */
    | 'symbolic-link'
    | 'other-filesystem' /** a mount point below the root */
    | 'not-empty' /** an existing non-empty directory and adoption was not allowed */
    | 'mode-differs' /** `existing: 'fail'` and mode or owner are not as asked */
    | 'missing' /** what should be moved, measured or read is not there, on a healthy export */
    | 'exists' /** the destination of a restore exists */
    | 'no-quota' /** a limit was asked for and cannot be set; `detail` has what is missing */
    | 'unexpected' /** anything else; `detail` has the errno */;
  /** What a user should read after the object's name: constant wording plus the errno, never a stack. */
  readonly detail: string;
  /** The errno name, for example `ENOSPC`; empty when there was none. */
  readonly errno: string;
  /** `no`: certainly not applied. `maybe`: the child was abandoned, the operation may land later. */
  readonly landed: 'no' | 'maybe';
}

export interface EnsureRequest {
  readonly path: DirectoryPath;
  /** Permission bits including setgid, for example 0o777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** `allowed`: an existing directory is used whatever it holds. `empty-only`: only when it is empty. */
  readonly adoption: 'allowed' | 'empty-only';
  /** What happens to mode and owner of an existing directory (never to anything below it). */
  readonly existing: 'correct' | 'correct-if-root-owned' | 'keep' | 'fail';
  readonly minFreeBytes: bigint;
  readonly minFreeInodes: bigint;
}

export type EnsureResult =
  | { readonly kind: 'created'; readonly identity: string }
  | {
      /** The directory was there. An empty one holds nobody's data: it counts as reused, not as adopted. */
      readonly kind: 'existed';
      readonly identity: string;
      readonly empty: boolean;
      readonly permissions: 'as-asked' | 'corrected' | 'kept';
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | StorageProblem;

export interface TrashEntry {
  /** Name in `.larder/trash`: `<pv uid>-<UTC time>`. */
  readonly entry: string;
  readonly path: DirectoryPath;
  /** Of the directory that is there now, read when listing: a rename that landed late moved another one than was asked. */
  readonly identity: string;
  readonly volumeUid: string;
  readonly volumeName: string;
  /** `namespace/name`. */
  readonly claim: string;
  /** Epoch ms. */
  readonly trashedAt: number;
  readonly kind: 'trash' | 'archive';
  /** True when this is not the directory that was meant: a rename landed late, and belongs undone. Default false. */
  readonly mistaken?: boolean;
  /** True when its removal has begun: it is to be ended, and cannot be brought back. Default false. */
  readonly removing?: boolean;
  /** Epoch ms after which it may be purged; absent: never. */
  readonly expiresAt?: number;
  /** What the mover gave: the volume as undelete re-creates it. */
  readonly manifest?: string;
}

export interface MoveRequest {
  readonly path: DirectoryPath;
  readonly volumeUid: string;
  readonly volumeName: string;
  readonly claim: string;
  /** Epoch ms; becomes part of the entry's name. */
  readonly at: number;
  /** When given, the directory moves only if its identity is still this one, else `missing`. */
  readonly identity?: string;
  /** Epoch ms after which the entry may be purged; absent: never. */
  readonly expiresAt?: number;
  /** Opaque text of at most 16 KiB, given back by `entries`. */
  readonly manifest?: string;
}

export type MoveResult = { readonly kind: 'moved'; readonly entry: string } | StorageProblem;

export interface DirectoryState {
  readonly kind: 'directory';
  readonly identity: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly empty: boolean;
}

export interface Usage {
  readonly kind: 'usage';
  /** Blocks × 512, hard links once. */
  readonly usedBytes: bigint;
  readonly inodes: bigint;
  /** Epoch ms at which the measurement ended. */
  readonly at: number;
  /** Epoch ms: every directory of the tree was read then or later; since then only what showed a change. */
  readonly readAt: number;
  /** False when the walk hit its budget: figures are then of the last complete walk, or partial when there was none. */
  readonly complete: boolean;
  /** System calls of this slice, about. */
  readonly operations: number;
  /** Processor time of the export's process in this slice; 0 when not known. */
  readonly cpuMs: number;
}

export interface UsageRequest {
  readonly path: DirectoryPath;
  readonly maxOperations: number;
  /**
   * How long ago a directory may have been read and still count when it looks unchanged, ms; default 0: all is read.
   * What is counted on shows new, removed and renamed entries at once, files that grow in place if they were among the
   * last written or the largest, and any other such file when its directory is read again.
   */
  readonly freshMs?: number;
}

export interface Space {
  readonly kind: 'space';
  readonly totalBytes: bigint;
  readonly freeBytes: bigint;
  readonly totalInodes: bigint;
  readonly freeInodes: bigint;
}

export type ExportHealth =
  | { readonly kind: 'up' }
  | { readonly kind: 'down'; readonly problem: StorageProblem; readonly sinceMs: number /* epoch ms */ };

export interface Storage {
  readonly description: ExportDescription;
  /** The last known state; never touches the mount. */
  health(): ExportHealth;
  /** Calls back each time the export goes from down to up (after late completions were looked for). Returns the unsubscription. */
  onHealthy(listener: () => void): () => void;
  /** Runs probes and restarts the child with backoff until the signal aborts; resolves then, within a second, even when the mount hangs. */
  run(signal: AbortSignal): Promise<void>;
  /** Creates the directory and its parents, or takes the existing one. Idempotent. */
  ensure(request: EnsureRequest, signal?: AbortSignal): Promise<EnsureResult>;
  /** rmdir, never recursive: a directory with anything in it stays (`not-empty`). */
  discard(path: DirectoryPath, signal?: AbortSignal): Promise<{ readonly kind: 'discarded' } | StorageProblem>;
  /** Renames the directory into `.larder/trash`; O(1). */
  trash(request: MoveRequest, signal?: AbortSignal): Promise<MoveResult>;
  /** Renames to `archived-<basename>` beside it, with a UTC suffix when that exists. */
  archive(request: MoveRequest, signal?: AbortSignal): Promise<MoveResult>;
  /** Trash entries and archives that Larder made, oldest first. */
  entries(
    signal?: AbortSignal,
  ): Promise<{ readonly kind: 'entries'; readonly entries: readonly TrashEntry[] } | StorageProblem>;
  /** Moves an entry back to `path` (default: where it was). Replaces nothing but an empty directory. */
  restore(
    request: { readonly entry: string; readonly path?: DirectoryPath },
    signal?: AbortSignal,
  ): Promise<{ readonly kind: 'restored'; readonly path: DirectoryPath } | StorageProblem>;
  /** Removes the tree of a trash entry or archive within the budget; `remaining` says whether more is left (call again). Never follows a link. */
  purge(
    request: { readonly entry: string; readonly maxOperations: number },
    signal?: AbortSignal,
  ): Promise<{ readonly kind: 'purged'; readonly remaining: boolean } | StorageProblem>;
  readonly clones: Clones;
  inspect(path: DirectoryPath, signal?: AbortSignal): Promise<DirectoryState | StorageProblem>;
  usage(request: UsageRequest, signal?: AbortSignal): Promise<Usage | StorageProblem>;
  /** How much a trash entry or archive holds; call again until it is complete. */
  weigh(
    request: { readonly entry: string; readonly maxOperations: number },
    signal?: AbortSignal,
  ): Promise<Usage | StorageProblem>;
  space(signal?: AbortSignal): Promise<Space | StorageProblem>;
  /** Limits of directories, where the filesystem behind the export has them. */
  readonly quota: Quota;
  /** Names and kinds directly below `path` (empty array: the root), without `.larder`. */
  list(
    path: readonly string[],
    signal?: AbortSignal,
  ): Promise<
    | {
        readonly kind: 'list';
        readonly names: readonly { readonly name: string; readonly type: 'directory' | 'other' }[];
      }
    | StorageProblem
  >;
}
