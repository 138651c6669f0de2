/** The open root of an export, inside the export's own process. */
import type { Clock } from '../../telemetry/clock.ts';
import {
  closeDescriptor,
  factsOf,
  factsOfParent,
  factsOfRoot,
  mountOf,
  openRoot,
  spaceOf,
} from '../directory/descriptor.ts';
import { errnoOf, problem, problemOfErrno, wording } from '../directory/problem.ts';
import type { Space, StorageProblem } from '../storage.ts';
import { isMounted } from './mount.ts';
import { prove } from './probe.ts';
import type { Opened } from './result.ts';

/** What a directory that this process makes looks like at first: a squashing server gives it another owner. */
export interface Fresh {
  readonly uid: number;
  /** Permission bits that mkdir(2) does not give. */
  readonly mask: number;
}

export interface OpenRoot {
  readonly fd: number;
  readonly device: bigint;
  /** Of `mountOf`. */
  readonly mount: string;
  readonly inode: bigint;
  readonly fresh: Fresh;
  /** The effective uid of this process. */
  readonly as: number;
  /** Callers that ask while an answer is under way share it. */
  readonly space: () => Promise<Space>;
}

export interface RootOptions {
  readonly root: string;
  /** Accept a directory that is not a mount. */
  readonly allowLocal: boolean;
}

const isProblem = (value: OpenRoot | StorageProblem): value is StorageProblem => 'kind' in value;

/**
 * Invariant: a descriptor is closed only when no operation uses it any more, since the kernel gives its number to the
 * next file that is opened. A root that was replaced is therefore retired, and closed by its last user.
 */
export class Root {
  readonly #clock: Clock;
  #options: RootOptions | undefined;
  #current: OpenRoot | undefined;
  readonly #users = new Map<OpenRoot, number>();
  /** Of the path, asked in this turn of the event loop. */
  #facts: ReturnType<typeof factsOfRoot> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Opens the root anew and proves that directories can be made, moved and removed in it. */
  async open(options: RootOptions, probeName: string): Promise<Opened | StorageProblem> {
    this.#options = options;
    const opened = await this.#reopen();
    if (isProblem(opened)) return opened;
    const proof = await prove(opened, probeName, this.#clock.now());
    if (proof.kind === 'problem') return proof;
    if (this.#current === opened) this.#replace({ ...opened, fresh: proof.fresh });
    return { kind: 'opened', warning: proof.warning };
  }

  /** Whether the path still leads to an export that answers; opens it anew when another one is mounted there now. */
  async check(): Promise<{ readonly kind: 'alive' } | StorageProblem> {
    const now = await this.#look();
    if (isProblem(now)) return now;
    const before = this.#current;
    if (before && before.device === now.device && before.inode === now.inode) await closeDescriptor(now.fd);
    else this.#replace(now);
    return { kind: 'alive' };
  }

  /** Runs an operation on the root. ESTALE means that the server knows its handles no longer: reopened, tried once more. */
  async use<T>(work: (root: OpenRoot) => Promise<T>): Promise<T | StorageProblem> {
    const root = this.#current ?? (await this.#reopen());
    if (isProblem(root)) return root;
    try {
      return await this.#hold(root, work);
    } catch (cause) {
      if (errnoOf(cause) !== 'ESTALE') throw cause;
      const again = await this.#reopen();
      return isProblem(again) ? again : await this.#hold(again, work);
    }
  }

  /**
   * As `use`, for what changes the export: a descriptor stays on a directory that was moved away or unmounted, and
   * whoever mounts the volume would then look for it elsewhere.
   */
  async change<T>(work: (root: OpenRoot) => Promise<T>): Promise<T | StorageProblem> {
    if (this.#current && !(await this.#isInPlace(this.#current))) {
      const checked = await this.check();
      if (checked.kind === 'problem') return checked;
    }
    return this.use(work);
  }

  async #isInPlace({ device, inode }: OpenRoot): Promise<boolean> {
    try {
      const facts = await this.#factsOfPath();
      return facts.dev === device && facts.ino === inode;
    } catch (cause) {
      if (errnoOf(cause) === '') throw cause;
      return false; // `check` says what is wrong
    }
  }

  /**
   * What came in one turn of the event loop is one question. Not what comes while the answer is under way: that may hang,
   * and speak of a mount that has been replaced meanwhile.
   */
  #factsOfPath(): ReturnType<typeof factsOfRoot> {
    if (!this.#facts) {
      this.#facts = factsOfRoot(this.#options?.root ?? '');
      setImmediate(() => {
        this.#facts = undefined;
      });
    }
    return this.#facts;
  }

  async #hold<T>(root: OpenRoot, work: (root: OpenRoot) => Promise<T>): Promise<T> {
    this.#users.set(root, (this.#users.get(root) ?? 0) + 1);
    try {
      return await work(root);
    } finally {
      const left = (this.#users.get(root) ?? 1) - 1;
      if (left > 0) this.#users.set(root, left);
      else {
        this.#users.delete(root);
        if (this.#isRetired(root)) await closeDescriptor(root.fd);
      }
    }
  }

  #isRetired(root: OpenRoot): boolean {
    return this.#current?.fd !== root.fd && ![...this.#users.keys()].some((user) => user.fd === root.fd);
  }

  #replace(next: OpenRoot): void {
    const before = this.#current;
    this.#current = next;
    if (before && this.#isRetired(before)) closeDescriptor(before.fd).catch(() => undefined); // a stale descriptor may say so
  }

  async #reopen(): Promise<OpenRoot | StorageProblem> {
    const opened = await this.#look();
    if (!isProblem(opened)) this.#replace(opened);
    return opened;
  }

  async #look(): Promise<OpenRoot | StorageProblem> {
    const options = this.#options;
    if (!options) return problem('unexpected', 'failed: the root was never opened');
    try {
      return await openChecked(options, this.#current?.fresh);
    } catch (cause) {
      const errno = errnoOf(cause);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return problem('not-mounted', wording.notMounted, errno);
      const found = problemOfErrno(cause, { doing: 'opening', path: options.root, as: effectiveUid() });
      if (found) return found;
      throw cause;
    }
  }
}

async function openChecked(options: RootOptions, fresh: Fresh | undefined): Promise<OpenRoot | StorageProblem> {
  const fd = await openRoot(options.root);
  try {
    const [facts, parent, magic] = [await factsOf(fd), await factsOfParent(fd), (await spaceOf(fd)).type];
    const mounted = isMounted({ device: facts.dev, parentDevice: parent.dev, magic });
    if (mounted || options.allowLocal) return openRootOf(fd, facts, fresh);
    await closeDescriptor(fd);
    return problem('not-mounted', wording.notMounted);
  } catch (cause) {
    await closeDescriptor(fd);
    throw cause;
  }
}

function openRootOf(fd: number, facts: { dev: bigint; ino: bigint }, fresh: Fresh | undefined): OpenRoot {
  const as = effectiveUid();
  return {
    fd,
    device: facts.dev,
    mount: mountOf(fd),
    inode: facts.ino,
    as,
    fresh: fresh ?? { uid: as, mask: 0 },
    space: sharedSpace(fd),
  };
}

function sharedSpace(fd: number): () => Promise<Space> {
  let pending: Promise<Space> | undefined;
  return () => {
    pending ??= spaceOf(fd)
      .then(
        (facts): Space => ({
          kind: 'space',
          totalBytes: facts.blocks * facts.bsize,
          freeBytes: facts.bavail * facts.bsize,
          totalInodes: facts.files,
          freeInodes: facts.ffree,
        }),
      )
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };
}

const effectiveUid = (): number => process.geteuid?.() ?? 0;
