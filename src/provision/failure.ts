/** What a user reads when the export refuses, and when it is tried again. The wording is an interface: see the tests. */
import type { CloneSource } from './clone/data-source.ts';
import { formatMode } from './parameter.ts';
import type { DirectoryPath, ExportDescription, StorageProblem } from './storage.ts';
import { addressOf } from './volume.ts';

export interface FailureSubject {
  readonly export: ExportDescription;
  readonly path: DirectoryPath;
  /** What was attempted: `creating`, `moving`. */
  readonly doing: string;
  /** The id this process has on the export. */
  readonly uid: number;
  readonly mode: number;
  readonly namespace: string;
  /** What was to be copied; absent: nothing. */
  readonly clonedFrom?: CloneSource | undefined;
}

export interface Failure {
  readonly message: string;
  /**
   * `heal`: at once when the export is healthy again, at the latest after `afterMs`. `later`: on a change, else after
   * `afterMs`. `backoff`: soon, then ever more slowly.
   */
  readonly again: { readonly kind: 'heal' | 'later'; readonly afterMs: number } | { readonly kind: 'backoff' };
}

const HEAL = { kind: 'heal', afterMs: 30_000 } as const;
const LATER = { kind: 'later', afterMs: 300_000 } as const;
/** Of the export, whatever is done on it. */
const GENERAL: readonly StorageProblem['problem'][] = [
  'unavailable',
  'not-mounted',
  'no-space',
  'read-only',
  'no-quota',
];
const BY_ITSELF = 'check the server and the mount, it is retried by itself';

export function failureOf(problem: StorageProblem, subject: FailureSubject): Failure {
  const address = addressOf(subject.export);
  const directory = subject.path.join('/');
  const later = (message: string): Failure => ({ message, again: LATER });
  if (subject.clonedFrom && !GENERAL.includes(problem.problem)) {
    const copying = `cannot copy claim ${subject.clonedFrom.claim} into directory ${directory}`;
    return later(`${copying}: ${problem.detail}: correct that, it is tried again every 5 minutes`);
  }
  switch (problem.problem) {
    case 'unavailable':
      return { message: `storage unavailable: export ${address} ${problem.detail}: ${BY_ITSELF}`, again: HEAL };
    case 'not-mounted':
      return {
        message: `storage unavailable: ${subject.export.root} is not a mounted export: mount ${address} there, it is retried by itself`,
        again: HEAL,
      };
    case 'no-space':
      return {
        message: `no space left on export ${address}: ${problem.detail}: free some space, it is retried every 30s`,
        again: { kind: 'later', afterMs: 30_000 },
      };
    case 'read-only':
      return { message: `export ${address} is read-only: export it writable, it is retried by itself`, again: HEAL };
    case 'denied':
      return later(
        `permission denied ${subject.doing} ${directory} as uid ${subject.uid}: ${
          subject.uid === 0
            ? 'the export needs no_root_squash (or set dirUid)'
            : `uid ${subject.uid} needs write permission there (or run as root)`
        }`,
      );
    case 'not-a-directory':
      return later(`${directory} exists and is not a directory: move it away, or choose another name`);
    case 'symbolic-link':
      return later(`${directory} is a symbolic link (refused): put a directory there, or choose another name`);
    case 'other-filesystem':
      return later(
        `${directory} is a mount point or on another filesystem than the export (refused): unmount it, or choose another name`,
      );
    case 'not-empty':
      return later(
        `directory ${directory} exists, is not empty and was never a volume of namespace ${subject.namespace}: to adopt it, annotate the namespace with larder.dev/adopt=true or list it in the class parameter adoptable; else choose another name`,
      );
    case 'mode-differs':
      return later(
        `cannot set mode ${formatMode(subject.mode)} on ${directory}: ${problem.detail}: correct the directory by hand, or change existingMode in the class`,
      );
    case 'no-quota':
      return later(`quota cannot be enforced on ${directory} of export ${address}: ${problem.detail}`);
    case 'missing':
    case 'exists':
    case 'unexpected':
      return {
        message: `failed ${subject.doing} ${directory} on export ${address}: ${problem.detail}: see the log of Larder, it is retried by itself`,
        again: { kind: 'backoff' },
      };
    default:
      return problem.problem satisfies never;
  }
}
