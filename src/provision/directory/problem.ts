/** What an errno of the export means to a user: one table, and the wording of every StorageProblem. */
import type { Space, StorageProblem } from '../storage.ts';

type Problem = StorageProblem['problem'];

interface Errno {
  readonly name: string;
  readonly problem: Problem;
}

/**
 * By number, because libuv has no name for some of them (ESTALE arrives as "Unknown system error -116"). Numbers are
 * those of Linux on every architecture that Node runs on (asm-generic/errno.h).
 */
const ERRNOS: ReadonlyMap<number, Errno> = new Map<number, Errno>([
  [-1, { name: 'EPERM', problem: 'denied' }],
  [-2, { name: 'ENOENT', problem: 'missing' }],
  [-5, { name: 'EIO', problem: 'unavailable' }],
  [-6, { name: 'ENXIO', problem: 'unavailable' }],
  [-13, { name: 'EACCES', problem: 'denied' }],
  [-16, { name: 'EBUSY', problem: 'other-filesystem' }], // rename or rmdir of a mount point
  [-17, { name: 'EEXIST', problem: 'exists' }],
  [-18, { name: 'EXDEV', problem: 'other-filesystem' }],
  [-19, { name: 'ENODEV', problem: 'unavailable' }],
  [-20, { name: 'ENOTDIR', problem: 'not-a-directory' }],
  [-21, { name: 'EISDIR', problem: 'not-a-directory' }], // rename of something else onto a directory
  [-28, { name: 'ENOSPC', problem: 'no-space' }],
  [-30, { name: 'EROFS', problem: 'read-only' }],
  [-39, { name: 'ENOTEMPTY', problem: 'not-empty' }],
  [-40, { name: 'ELOOP', problem: 'symbolic-link' }],
  [-70, { name: 'ECOMM', problem: 'unavailable' }],
  [-100, { name: 'ENETDOWN', problem: 'unavailable' }],
  [-101, { name: 'ENETUNREACH', problem: 'unavailable' }],
  [-103, { name: 'ECONNABORTED', problem: 'unavailable' }],
  [-104, { name: 'ECONNRESET', problem: 'unavailable' }],
  [-107, { name: 'ENOTCONN', problem: 'unavailable' }], // the daemon of a FUSE mount is gone
  [-108, { name: 'ESHUTDOWN', problem: 'unavailable' }],
  [-110, { name: 'ETIMEDOUT', problem: 'unavailable' }],
  [-111, { name: 'ECONNREFUSED', problem: 'unavailable' }],
  [-112, { name: 'EHOSTDOWN', problem: 'unavailable' }],
  [-113, { name: 'EHOSTUNREACH', problem: 'unavailable' }],
  [-116, { name: 'ESTALE', problem: 'unavailable' }],
  [-121, { name: 'EREMOTEIO', problem: 'unavailable' }],
  [-122, { name: 'EDQUOT', problem: 'no-space' }],
]);

/** What was tried, for the wording; `as` is the uid that the export's process runs as. */
export interface Attempt {
  /** For example `creating`. */
  readonly doing: string;
  /** The path below the export. */
  readonly path: string;
  readonly as: number;
  /** Known free space, where ENOSPC may come up. */
  readonly space?: Space | undefined;
}

/** The errno's name; empty for anything that is not a failed system call. */
export function errnoOf(cause: unknown): string {
  const number = numberOf(cause);
  if (number === undefined) return '';
  const known = ERRNOS.get(number)?.name;
  if (known) return known;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return /^E[A-Z0-9]+$/.test(code) ? code : `errno ${-number}`;
}

function numberOf(cause: unknown): number | undefined {
  return cause instanceof Error && 'errno' in cause && typeof cause.errno === 'number' ? cause.errno : undefined;
}

/** The kind that a failed system call stands for; undefined for anything else. */
export function kindOfErrno(cause: unknown): Problem | undefined {
  const number = numberOf(cause);
  return number === undefined ? undefined : (ERRNOS.get(number)?.problem ?? 'unexpected');
}

/** A failed system call as a problem; undefined for anything else, which is a defect of ours. */
export function problemOfErrno(cause: unknown, attempt: Attempt): StorageProblem | undefined {
  const kind = kindOfErrno(cause);
  if (kind === undefined) return undefined;
  const errno = errnoOf(cause);
  return problem(kind, detailOf(kind, errno, attempt), errno);
}

export function problem(kind: Problem, detail: string, errno = ''): StorageProblem {
  return { kind: 'problem', problem: kind, detail, errno, landed: 'no' };
}

function detailOf(kind: Problem, errno: string, attempt: Attempt): string {
  switch (kind) {
    case 'unavailable':
      return `failed (${errno})`;
    case 'no-space':
      return `${attempt.space ? freeText(attempt.space) : 'free space is unknown'}${errno === 'EDQUOT' ? ' (EDQUOT)' : ''}`;
    case 'denied':
      return `permission denied ${attempt.doing} ${attempt.path} as uid ${attempt.as}: ${remedyOf(attempt.as)}`;
    case 'not-mounted':
      return wording.notMounted;
    case 'read-only':
      return wording.readOnly;
    case 'not-a-directory':
      return wording.notADirectory;
    case 'symbolic-link':
      return wording.symbolicLink;
    case 'other-filesystem':
      return wording.otherFilesystem;
    case 'not-empty':
      return wording.notEmpty;
    case 'missing':
      return wording.missing;
    case 'exists':
      return wording.exists;
    case 'mode-differs':
    case 'no-quota':
    case 'unexpected':
      return `failed ${attempt.doing} ${attempt.path} (${errno})`;
    default:
      return kind satisfies never;
  }
}

/** Read after the name of the directory or of the export's root. */
export const wording = {
  notMounted: 'is not a mounted export',
  readOnly: 'is read-only',
  notADirectory: 'exists and is not a directory',
  symbolicLink: 'is a symbolic link (refused)',
  otherFilesystem: 'is a mount point or on another filesystem (refused)',
  notEmpty: 'is not empty',
  missing: 'does not exist',
  exists: 'exists already',
  rootRemoved: 'the exported directory was removed on the server',
} as const;

export const freeText = (space: Space): string => `${space.freeBytes} bytes / ${space.freeInodes} inodes free`;

const remedyOf = (uid: number): string =>
  uid === 0
    ? 'the export needs no_root_squash (or set dirUid)'
    : `uid ${uid} needs write permission there (or run as root)`;

/** `0777`, as classes write it. */
export const modeText = (mode: number): string => mode.toString(8).padStart(4, '0');

export const remedyForOwnership = remedyOf;
