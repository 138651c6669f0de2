/** What the process of an export does about quotas. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../telemetry/clock.ts';
import { problem } from '../directory/problem.ts';
import type { Budget } from '../directory/walk.ts';
import type { OpenRoot } from '../export/root.ts';
import type { StorageProblem } from '../storage.ts';
import { type Backend, backendOf } from './backend.ts';
import type { RunCommand } from './command.ts';
import type { QuotaDriver } from './driver.ts';
import { createGlusterDriver } from './gluster-driver.ts';
import { Marking, projectAt } from './mark.ts';
import { findMount } from './mount-table.ts';
import { chooseProject, isProject, PROBES } from './project.ts';
import { createExt4Driver, createXfsDriver } from './project-driver.ts';
import type { LimitRequest, LimitResult, QuotaReport, Support } from './quota.ts';
import type { QuotaEntry } from './report.ts';

export interface LimiterOptions {
  readonly clock: Clock;
  readonly run: RunCommand;
  /** Default: /proc/self/mountinfo, which answers from memory. */
  readonly mountTable?: () => string;
}

const REMEMBERED_MS = 60_000;
/** Directories being marked; the oldest is given up for a new one, and begins again. */
const MARKINGS = 8;

interface Known {
  readonly mount: string;
  readonly driver: QuotaDriver;
  readonly atMs: number;
  /** Numbers that something on the filesystem is counted or limited under. */
  readonly taken: Set<number>;
}

const isProblem = (value: object): value is StorageProblem => 'kind' in value && value.kind === 'problem';

/**
 * Invariant: `#known` is of the root that was asked about last; its `taken` has what the filesystem counted when it was
 * read and every number given out since. `#giving` has those whose directory may not carry them yet.
 */
export class Limiter {
  readonly #options: LimiterOptions;
  readonly #markings = new Map<string, Marking>();
  readonly #giving = new Set<number>();
  #known: Known | undefined;
  #asking: Promise<Known | StorageProblem> | undefined;

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  async support(root: OpenRoot): Promise<Support | StorageProblem> {
    const known = await this.#know(root);
    return isProblem(known) ? known : { kind: 'supported', backend: known.driver.kind };
  }

  async report(root: OpenRoot): Promise<QuotaReport | StorageProblem> {
    const known = await this.#know(root);
    if (isProblem(known)) return known;
    const entries = await known.driver.report();
    return isProblem(entries) ? entries : { kind: 'quotas', backend: known.driver.kind, entries };
  }

  async lift(
    root: OpenRoot,
    { path, id }: { readonly path: readonly string[]; readonly id: number },
  ): Promise<{ readonly kind: 'lifted' } | StorageProblem> {
    const known = await this.#know(root);
    if (isProblem(known)) return known;
    if (known.driver.byProject && !isProject(id)) return foreign(id);
    const complaint = await known.driver.limit({ path, id }, 0n);
    return complaint === '' ? { kind: 'lifted' } : problem('no-quota', complaint);
  }

  /** `fd` is the directory, open; it is not kept. */
  async limit(root: OpenRoot, fd: number, request: LimitRequest, budget: Budget): Promise<LimitResult> {
    const known = await this.#know(root);
    if (isProblem(known)) return known;
    // 0 would mean "no limit" to the tools, the contrary of what was asked.
    if (request.bytes <= 0n) return problem('no-quota', 'a limit of 0 bytes cannot be set: the claim requests nothing');
    if (!known.driver.byProject) return this.#set(known, request, 0);
    if (!isProject(request.id)) return foreign(request.id);
    if (!request.mark) return this.#set(known, request, request.id);
    const id = await this.#mark(known, fd, request, budget);
    if (typeof id === 'object') return id;
    return id === undefined ? { kind: 'limited', id: request.id, remaining: true } : this.#set(known, request, id);
  }

  async #set(known: Known, { path, bytes }: LimitRequest, id: number): Promise<LimitResult> {
    const complaint = await known.driver.limit({ path, id }, bytes);
    return complaint === '' ? { kind: 'limited', id, remaining: false } : problem('no-quota', complaint);
  }

  /** The number that all of the directory has now; undefined while some of it has not. */
  async #mark(
    known: Known,
    fd: number,
    request: LimitRequest,
    budget: Budget,
  ): Promise<number | StorageProblem | undefined> {
    const key = request.path.join('/');
    const marking = this.#markings.get(key) ?? (await this.#startMarking(known, fd, request));
    if (!(marking instanceof Marking)) return marking;
    this.#markings.delete(key);
    let done: boolean | StorageProblem = true;
    try {
      done = await marking.advance(budget);
      if (done === false) this.#markings.set(key, marking);
    } finally {
      if (this.#markings.get(key) !== marking) await marking.close();
    }
    await this.#giveUpOldest();
    if (done !== false) this.#giving.delete(marking.id);
    if (typeof done === 'object') return done;
    return done ? marking.id : undefined;
  }

  async #startMarking(known: Known, fd: number, request: LimitRequest): Promise<Marking | StorageProblem> {
    const { run } = this.#options;
    const current = await projectAt(run, fd);
    if (typeof current === 'object') return current;
    const id = chooseProject({ wanted: request.id, current, isTaken: (candidate) => known.taken.has(candidate) });
    if (id === undefined) {
      return problem('no-quota', `${PROBES} project numbers from ${request.id} on are in use: remove unused quotas`);
    }
    known.taken.add(id); // before anything is waited for: nobody else may choose it
    this.#giving.add(id);
    const started = await Marking.start(run, fd, id);
    if (!(started instanceof Marking)) this.#giving.delete(id);
    return started;
  }

  async #giveUpOldest(): Promise<void> {
    const [oldest] = this.#markings;
    if (!oldest || this.#markings.size <= MARKINGS) return;
    this.#markings.delete(oldest[0]);
    this.#giving.delete(oldest[1].id);
    await oldest[1].close();
  }

  /** Callers that ask while an answer is under way share it. */
  async #know(root: OpenRoot): Promise<Known | StorageProblem> {
    const { clock } = this.#options;
    const known = this.#known;
    if (known?.mount === root.mount && clock.monotonic() - known.atMs < REMEMBERED_MS) return known;
    this.#asking ??= this.#find(root).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #find(root: OpenRoot): Promise<Known | StorageProblem> {
    const { clock, run, mountTable = readMountTable } = this.#options;
    const backend = backendOf(findMount(mountTable(), root.mount));
    if (backend.kind === 'none') return problem('no-quota', backend.reason);
    const driver = driverOf(run, backend);
    const entries = await driver.report();
    if (isProblem(entries)) return problem('no-quota', `${entries.detail}: ${remedyOf(driver)}`);
    const readable = driver.byProject ? await projectAt(run, root.fd) : 0;
    if (typeof readable === 'object') return problem('no-quota', `${readable.detail}: ${remedyOf(driver)}`);
    this.#known = {
      mount: root.mount,
      driver,
      atMs: clock.monotonic(),
      taken: new Set([...this.#giving, ...entries.filter(isInUse).map(({ id }) => id)]),
    };
    return this.#known;
  }
}

/** Some filesystems list numbers that nothing carries any more. */
const isInUse = ({ usedBytes, limitBytes, inodes = 1n }: QuotaEntry): boolean =>
  usedBytes > 0n || limitBytes > 0n || inodes > 0n;

const readMountTable = (): string => readFileSync('/proc/self/mountinfo', 'utf8');

/** A number that is not of Larder's range belongs to somebody else. */
const foreign = (id: number): StorageProblem =>
  problem(
    'no-quota',
    `project ${id} is not one of Larder's: correct the annotation larder.dev/project-id of the volume`,
  );

function driverOf(run: RunCommand, backend: Exclude<Backend, { kind: 'none' }>): QuotaDriver {
  switch (backend.kind) {
    case 'xfs':
      return createXfsDriver(run, backend.target);
    case 'ext4':
      return createExt4Driver(run, backend.target);
    case 'glusterfs':
      return createGlusterDriver(run, backend);
    default:
      return backend satisfies never;
  }
}

function remedyOf({ kind }: QuotaDriver): string {
  switch (kind) {
    case 'xfs':
      return 'Larder needs the package xfsprogs, the block device in its /dev, and CAP_SYS_ADMIN';
    case 'ext4':
      return 'Larder needs the packages quota and xfsprogs, the block device in its /dev, and CAP_SYS_ADMIN';
    case 'glusterfs':
      return 'Larder needs the gluster command on a server of the volume, and quota enabled on it';
    default:
      return kind satisfies never;
  }
}
