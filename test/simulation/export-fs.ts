/**
 * The file systems behind exports, in memory: it outlives every process of Larder. System calls of a child take time,
 * fail, hang, and may land after the child that made them was killed, as with a FUSE daemon that had already read them.
 */
import { createRandom, type SeededRandom } from './random.ts';
import type { Host, Scheduler } from './scheduler.ts';
import { type Counting, ELSEWHERE, Server } from './server.ts';

export interface Inode {
  /** Never used twice. */
  readonly number: number;
  readonly type: 'directory' | 'file' | 'link' | 'fifo';
  mode: number;
  uid: number;
  gid: number;
  /** Of a directory; empty for everything else. */
  readonly entries: Map<string, Inode>;
  /** Of a file. */
  text: string;
  /** Wall time of its creation, epoch ms. */
  readonly bornMs: number;
  /** What it takes on the disk. */
  bytes: bigint;
  /** Changes only when somebody sets it. */
  mtimeNs: bigint;
  /** What it is counted under; 0: nothing. */
  project: number;
  /** Of a directory: what is made in it is counted as it is. */
  inherits: boolean;
  /** Of a directory, where limits are those of directories; 0n: none. */
  limit: bigint;
  parent: Inode | undefined;
}

/** It holds a name until the directory that is on its way back is there, and is then replaced: no claim's directory looks so. */
export const keepsName = ({ mode, entries }: Inode): boolean => mode === 0o400 && entries.size === 0;

/** What the file system counts under one number, and where it stops: 0n is nowhere. */
export interface Project {
  readonly used: bigint;
  readonly limit: bigint;
  readonly inodes: bigint;
}

/** asm-generic/errno.h */
const NUMBERS = {
  EPERM: -1,
  ENOENT: -2,
  EIO: -5,
  EBADF: -9,
  EACCES: -13,
  EEXIST: -17,
  EXDEV: -18,
  ENOTDIR: -20,
  EISDIR: -21,
  ENOSPC: -28,
  EROFS: -30,
  ENOTEMPTY: -39,
  ELOOP: -40,
  ETIMEDOUT: -110,
  ESTALE: -116,
  EOPNOTSUPP: -95,
  EREMOTEIO: -121,
  EDQUOT: -122,
} as const;
export type ErrnoName = keyof typeof NUMBERS;

/** A system call that failed, as Node throws it. */
export class Errno extends Error {
  override readonly name = 'Errno';
  readonly code: ErrnoName;
  readonly errno: number;
  constructor(code: ErrnoName, call: string) {
    super(`${code}: ${call}`);
    this.code = code;
    this.errno = NUMBERS[code];
  }
}

export interface Trouble {
  /** A share of the calls fails with this. */
  readonly errno?: 'EIO' | 'EACCES' | 'ESTALE' | 'ETIMEDOUT' | 'EREMOTEIO' | 'EDQUOT' | undefined;
  /** Which share of the calls `errno` hits, default all. */
  readonly share?: number;
  readonly full?: boolean;
  readonly readOnly?: boolean;
  readonly hang?: boolean;
  /** Hangs as soon as a call begins with this word. */
  readonly hangAt?: 'rename' | 'mkdir' | 'rmdir' | 'create' | 'limit' | undefined;
  readonly unmounted?: boolean;
  /** Modes and owners are accepted, and stay as they are. */
  readonly keepsLooks?: boolean;
  /** Every call takes about this long. */
  readonly slowMs?: number;
}

/** A rename that was carried out for a process that was dead by then. */
export interface LateMove {
  readonly inode: Inode;
  readonly from: string;
  readonly to: string;
  readonly atMs: number;
}

type Kind = 'read' | 'write';

/** Invariant: an inode that has a parent is in that parent's entries exactly once, under one name. */
export class ExportFs {
  readonly servers: readonly Server[];
  readonly lateMoves: LateMove[] = [];
  /** Files can have blocks in common, as on XFS and Btrfs. */
  readonly sharesBlocks: boolean;
  /** Called after every change of the tree. */
  onChange: () => void = () => undefined;
  readonly #scheduler: Scheduler;
  readonly #host: Host;
  readonly #random: SeededRandom;
  #nextNumber = 2;
  /** Processes that have another folder than the first. */
  readonly #served = new Map<Host, Server>();
  /** Calls under way, by process. */
  readonly #busy = new Map<Host, number>();
  #late = false;

  constructor(scheduler: Scheduler, seed: string, second?: Counting) {
    this.#scheduler = scheduler;
    this.#host = scheduler.host('export');
    this.#random = createRandom(`${seed}/export`);
    this.sharesBlocks = createRandom(`${seed}/blocks`).chance(0.3);
    const serverOf = (name: string, counting: Counting): Server =>
      new Server({ name, counting, root: this.#inode('directory', 0o755), underlay: this.#inode('directory', 0o755) });
    this.servers = [serverOf('', 'xfs'), ...(second ? [serverOf('second', second)] : [])];
  }

  serverNamed(name: string): Server {
    const found = this.servers.find((server) => server.name === name);
    if (!found) throw new RangeError(`no server is called ${JSON.stringify(name)}`);
    return found;
  }

  /** That of what is in its tree. */
  serverWith(inode: Inode): Server | undefined {
    return this.servers.find((server) => server.holds(inode));
  }

  /** From now on this process works on that server. */
  serve(host: Host, server: Server): void {
    this.#served.set(host, server);
  }

  serverOf(host: Host): Server {
    return this.#served.get(host) ?? this.serverNamed('');
  }

  isUnderlay(inode: Inode): boolean {
    return this.servers.some(({ underlay }) => underlay === inode);
  }

  /**
   * One system call of `caller`. `work` runs at one moment, later, if the call gets that far. The result is never seen by
   * a caller that is dead by then.
   */
  async call<T>(caller: Host, kind: Kind, what: string, work: () => T): Promise<T> {
    const landsAnyway = this.#random.chance(0.7);
    this.#busy.set(caller, (this.#busy.get(caller) ?? 0) + 1);
    const server = this.serverOf(caller);
    const { slowMs } = server.trouble;
    await this.#host.park(`fs ${what}`, slowMs === undefined ? undefined : slowMs * (0.5 + this.#random.next()));
    const { hangAt } = server.trouble;
    if (hangAt && what.startsWith(hangAt)) server.trouble = { ...server.trouble, hang: true };
    while (server.trouble.hang) {
      await server.hanging();
      // A server that comes back works off what it had read in its own time, also for processes that are gone.
      const slow = !caller.alive && this.#random.chance(0.5);
      await this.#host.park(`fs ${what} resumes`, slow ? this.#random.between(0, 90_000) : undefined);
    }
    this.#leave(caller);
    if (!caller.alive && !landsAnyway) return caller.forever();
    const outcome = this.#attempt(caller, kind, what, work);
    await caller.park(`${what} returns`);
    if (outcome.error) throw outcome.error;
    return outcome.value;
  }

  /** Resolves when no call of a dead process can hold it up any more: a hang keeps it from ending. */
  async letGo(caller: Host): Promise<void> {
    const server = this.serverOf(caller);
    while (server.trouble.hang && this.#busy.has(caller)) await server.hanging();
  }

  #attempt<T>(caller: Host, kind: Kind, what: string, work: () => T): Outcome<T> {
    this.#late = !caller.alive;
    try {
      this.#refuse(this.serverOf(caller), kind, what);
      const value = work();
      return { value, error: undefined };
    } catch (error) {
      if (error instanceof Errno) return { value: undefined, error };
      throw error;
    } finally {
      this.#late = false;
    }
  }

  #leave(caller: Host): void {
    const left = (this.#busy.get(caller) ?? 1) - 1;
    if (left > 0) this.#busy.set(caller, left);
    else this.#busy.delete(caller);
  }

  #refuse({ trouble }: Server, kind: Kind, what: string): void {
    const { errno, share = 1, full, readOnly } = trouble;
    if (errno && this.#random.chance(share)) throw new Errno(errno, what);
    if (kind === 'read') return;
    if (readOnly) throw new Errno('EROFS', what);
    if (full && /^(mkdir|write|create|share into)/.test(what)) throw new Errno('ENOSPC', what);
  }

  mkdir(parent: Inode, name: string, mode: number): Inode {
    this.#checkDirectory(parent, `mkdir ${name}`);
    if (parent.entries.has(name)) throw new Errno('EEXIST', `mkdir ${name}`);
    const made = this.#inode('directory', mode);
    this.#inherit(parent, made);
    this.#link(parent, name, made);
    return made;
  }

  /** As for a file that a tenant or an administrator makes. */
  create(parent: Inode, name: string, type: Exclude<Inode['type'], 'directory'>, text = '', bytes = 4096n): Inode {
    this.#checkDirectory(parent, `create ${name}`);
    if (parent.entries.has(name)) throw new Errno('EEXIST', `create ${name}`);
    const made = this.#inode(type, 0o644);
    this.#inherit(parent, made);
    if (bytes > this.room(made, parent)) throw new Errno('ENOSPC', `create ${name}`); // XFS says so, not EDQUOT
    made.text = text;
    made.bytes = bytes;
    this.#link(parent, name, made);
    return made;
  }

  /** How much more may be written to what is counted with this one; as much as one likes where nothing limits it. */
  room({ project }: Inode, within: Inode | undefined): bigint {
    let least = UNLIMITED;
    for (let above = within; above; above = above.parent) {
      if (above.limit > 0n) least = lesser(least, above.limit - this.measure(above).bytes);
    }
    const limit = this.limitOf(project);
    if (limit > 0n) least = lesser(least, limit - (this.projects().get(project)?.used ?? 0n));
    return least > 0n ? least : 0n;
  }

  /** Replaces the limit; 0n: none. */
  limit({ limits }: Server, project: number, bytes: bigint): void {
    if (bytes === 0n) limits.delete(project);
    else limits.set(project, bytes);
    this.onChange();
  }

  /** The same where directories have limits. */
  limitDirectory(directory: Inode, bytes: bigint): void {
    directory.limit = bytes;
    this.onChange();
  }

  limitOf(project: number): bigint {
    for (const { limits } of this.servers) {
      const limit = limits.get(project);
      if (limit !== undefined) return limit;
    }
    return 0n;
  }

  /** Directories that are counted under the number, and not only because the one above is. */
  pathsOf(project: number): readonly string[] {
    const found: string[] = [];
    const look = (inode: Inode): void => {
      if (inode.project === project && inode.parent?.project !== project) found.push(this.pathOf(inode));
      else for (const entry of inode.entries.values()) look(entry);
    };
    for (const { root } of this.servers) look(root);
    return found;
  }

  /** Directories that have limits themselves. */
  limited({ root }: Server): readonly Inode[] {
    const found: Inode[] = [];
    const look = (inode: Inode): void => {
      if (inode.limit > 0n) found.push(inode);
      for (const entry of inode.entries.values()) look(entry);
    };
    look(root);
    return found;
  }

  /** All that is counted or limited, whatever became of what carries it. */
  projects(servers: readonly Server[] = this.servers): ReadonlyMap<number, Project> {
    const found = new Map<number, Project>();
    for (const { limits } of servers) {
      for (const [project, limit] of limits) found.set(project, { used: 0n, limit, inodes: 0n });
    }
    const count = ({ project, bytes, entries }: Inode): void => {
      const { used, limit, inodes } = found.get(project) ?? { used: 0n, limit: 0n, inodes: 0n };
      if (project > 0) found.set(project, { used: used + bytes, limit, inodes: inodes + 1n });
      for (const entry of entries.values()) count(entry);
    };
    for (const { root } of servers) count(root);
    return found;
  }

  /** Replaces what is in a file. */
  fill(file: Inode, text: string, bytes: bigint): void {
    file.text = text;
    file.bytes = bytes;
    this.onChange();
  }

  child(parent: Inode, name: string): Inode {
    this.#checkDirectory(parent, `lookup ${name}`);
    const found = parent.entries.get(name);
    if (!found) throw new Errno('ENOENT', `lookup ${name}`);
    return found;
  }

  /** As rename(2): replaces an empty directory. */
  rename(from: Inode, name: string, to: Inode, newName: string): Inode {
    const moved = this.child(from, name);
    this.#checkDirectory(to, `rename ${newName}`);
    if (to.inherits && to.project !== moved.project) throw new Errno('EXDEV', `rename ${newName}`);
    const there = to.entries.get(newName);
    if (there === moved) return moved;
    if (there && there.type === 'directory' && there.entries.size > 0)
      throw new Errno('ENOTEMPTY', `rename ${newName}`);
    if (there && there.type !== 'directory' && moved.type === 'directory') {
      throw new Errno('ENOTDIR', `rename ${newName}`);
    }
    const before = this.pathOf(moved);
    if (there) this.#unlink(to, newName, there);
    from.entries.delete(name);
    moved.parent = undefined;
    this.#link(to, newName, moved);
    if (this.#late) {
      const atMs = this.#scheduler.elapsedMs;
      this.lateMoves.push({ inode: moved, from: before, to: this.pathOf(moved), atMs });
    }
    return moved;
  }

  rmdir(parent: Inode, name: string): void {
    const found = this.child(parent, name);
    if (found.type !== 'directory') throw new Errno('ENOTDIR', `rmdir ${name}`);
    if (found.entries.size > 0) throw new Errno('ENOTEMPTY', `rmdir ${name}`);
    this.#unlink(parent, name, found);
  }

  unlink(parent: Inode, name: string): void {
    const found = this.child(parent, name);
    if (found.type === 'directory') throw new Errno('EISDIR', `unlink ${name}`);
    this.#unlink(parent, name, found);
  }

  /** At once and without trouble, for those who look from outside; undefined when nothing is there. */
  at(path: string): Inode | undefined {
    const { server, below } = this.place(path);
    let found: Inode | undefined = server.root;
    for (const name of below.split('/')) found = name === '' ? found : found?.entries.get(name);
    return found;
  }

  /** The server that a path is on, and the rest of it. */
  place(path: string): { readonly server: Server; readonly below: string } {
    const [before = '', after] = path.split(ELSEWHERE, 2);
    return after === undefined
      ? { server: this.serverNamed(''), below: before }
      : { server: this.serverNamed(before), below: after };
  }

  /** Relative to its root, without a leading slash; `(removed)` for what is not in a tree. */
  pathOf(inode: Inode): string {
    const names: string[] = [];
    let here: Inode | undefined = inode;
    const isRoot = (each: Inode): boolean => this.servers.some(({ root }) => root === each);
    while (here && !isRoot(here)) {
      const { parent }: Inode = here;
      const name = [...(parent?.entries ?? [])].find(([, entry]) => entry === here)?.[0];
      if (!parent || name === undefined) return '(removed)';
      names.push(name);
      here = parent;
    }
    const name = this.servers.find(({ root }) => root === here)?.name ?? '';
    return `${name === '' ? '' : `${name}${ELSEWHERE}`}${names.reverse().join('/')}`;
  }

  /** Bytes and inodes of a tree. */
  measure(inode: Inode): { bytes: bigint; inodes: bigint } {
    let bytes = inode.bytes;
    let inodes = 1n;
    for (const entry of inode.entries.values()) {
      const below = this.measure(entry);
      bytes += below.bytes;
      inodes += below.inodes;
    }
    return { bytes, inodes };
  }

  #inode(type: Inode['type'], mode: number): Inode {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    const owner = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
    const bornMs = this.#host.clock.now();
    const empty = {
      entries: new Map(),
      text: '',
      bytes: 4096n,
      parent: undefined,
      project: 0,
      inherits: false,
      limit: 0n,
    };
    return { number, type, mode, ...owner, ...empty, bornMs, mtimeNs: BigInt(bornMs) * 1_000_000n };
  }

  #inherit(parent: Inode, made: Inode): void {
    if (!parent.inherits) return;
    made.project = parent.project;
    made.inherits = made.type === 'directory';
  }

  #checkDirectory(inode: Inode, call: string): void {
    if (inode.type === 'link') throw new Errno('ELOOP', call);
    if (inode.type !== 'directory') throw new Errno('ENOTDIR', call);
    const isTop = this.servers.some(({ root, underlay }) => root === inode || underlay === inode);
    if (!isTop && inode.parent === undefined) throw new Errno('ENOENT', call);
  }

  #link(parent: Inode, name: string, inode: Inode): void {
    parent.entries.set(name, inode);
    inode.parent = parent;
    this.onChange();
  }

  #unlink(parent: Inode, name: string, inode: Inode): void {
    parent.entries.delete(name);
    inode.parent = undefined;
    this.onChange();
  }
}

const UNLIMITED = 1n << 60n;
const lesser = (one: bigint, other: bigint): bigint => (one < other ? one : other);

type Outcome<T> =
  | { readonly value: T; readonly error: undefined }
  | { readonly value: undefined; readonly error: Errno };
