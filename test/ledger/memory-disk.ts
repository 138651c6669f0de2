/**
 * A disk in memory that can lose its power. What a process sees is what it did; what is there after a power cut is what was
 * synchronised, and of the rest any part: a name without its folder's sync may be there or not, a file without its own may
 * be empty, half or whole. Harder than any journaling file system, so that nothing depends on one.
 */
import { dirname } from 'node:path';
import type { Disk, Entry, EntryKind } from '../../src/ledger/disk.ts';

interface Inode {
  readonly kind: 'file' | 'folder' | 'link';
  readonly number: number;
  content: Uint8Array;
  synced: boolean;
}

type Names = Map<string, Inode>;

/** A change of a name that is not on the disk yet. `inode` undefined: it goes away. */
interface Pending {
  readonly path: string;
  readonly inode: Inode | undefined;
}

/** Called before each step that changes something; what it throws happens in its place. */
export type Step = (what: string) => void | Promise<void>;

export class MemoryDisk implements Disk {
  /** What a process sees, by absolute path. */
  readonly #names: Names;
  readonly #durable: Names;
  #pending: Pending[] = [];
  #number = 0;
  step: Step = () => undefined;

  constructor(names: Names = new Map()) {
    this.#names = new Map(names);
    this.#durable = new Map(names);
    this.#number = names.size;
  }

  /** With folders that are on the disk. */
  static with(...folders: readonly string[]): MemoryDisk {
    const disk = new MemoryDisk();
    for (const folder of folders) {
      const steps = folder.split('/').slice(1);
      for (const [index] of steps.entries()) disk.#begin(`/${steps.slice(0, index + 1).join('/')}`);
    }
    return disk;
  }

  #begin(path: string): void {
    if (this.#names.has(path)) return;
    const inode = this.#inode('folder', new Uint8Array(), true);
    this.#names.set(path, inode);
    this.#durable.set(path, inode);
  }

  #inode(kind: Inode['kind'], content: Uint8Array, synced: boolean): Inode {
    this.#number += 1;
    return { kind, number: this.#number, content, synced };
  }

  /** Another disk with the same files, all of them written. */
  copy(): MemoryDisk {
    return new MemoryDisk(new Map([...this.#names].map(([path, inode]) => [path, { ...inode, synced: true }])));
  }

  /** Files by path, for tests that change them. */
  files(below = '/'): readonly string[] {
    return [...this.#names]
      .filter(([path, { kind }]) => kind !== 'folder' && path.startsWith(below))
      .map(([path]) => path)
      .sort();
  }

  put(path: string, content: Uint8Array | string, kind: 'file' | 'link' = 'file'): void {
    const steps = dirname(path).split('/').slice(1);
    for (const [index] of steps.entries()) this.#begin(`/${steps.slice(0, index + 1).join('/')}`);
    this.#names.set(path, this.#inode(kind, Buffer.from(content), true));
  }

  drop(path: string): void {
    this.#names.delete(path);
  }

  /**
   * What is there when the power is back. `choose(n)` says which of n possibilities it is, for each name and each content
   * that was on its way; always 0 loses all that can be lost.
   */
  afterPowerCut(choose: (possibilities: number) => number): MemoryDisk {
    const names = new Map(this.#durable);
    for (const [path, changes] of Map.groupBy(this.#pending, (each) => each.path)) {
      const last = choose(changes.length + 1);
      const change = changes[last - 1];
      if (change === undefined) continue;
      if (change.inode === undefined) names.delete(path);
      else names.set(path, change.inode);
    }
    const kept = [...names].filter(([path]) => isReachable(names, path));
    return new MemoryDisk(new Map(kept.map(([path, inode]) => [path, survivor(inode, choose)])));
  }

  kindOf(path: string): EntryKind | undefined {
    return this.#names.get(path)?.kind;
  }

  list(folder: string): readonly Entry[] | undefined {
    if (this.#names.get(folder)?.kind !== 'folder') return undefined;
    const entries = [...this.#names].filter(([path]) => dirname(path) === folder && path !== folder);
    return entries
      .map(([path, { kind }]) => ({ name: path.slice(folder.length + 1), kind }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  names(folder: string): readonly string[] | undefined {
    return this.list(folder)?.map(({ name }) => name);
  }

  read(path: string): Uint8Array | undefined {
    const inode = this.#names.get(path);
    if (inode !== undefined && inode.kind !== 'file') throw coded('ELOOP', path);
    return inode?.content;
  }

  stamp(path: string): string {
    return String(this.#names.get(path)?.number ?? 'gone');
  }

  async makeFolder(path: string): Promise<void> {
    await this.step(`make folder ${path}`);
    this.#parentOf(path);
    if (!this.#names.has(path)) this.#change(path, this.#inode('folder', new Uint8Array(), true));
  }

  async writeNew(path: string, content: Uint8Array): Promise<void> {
    await this.step(`create ${path}`);
    this.#parentOf(path);
    if (this.#names.has(path)) throw coded('EEXIST', path);
    const inode = this.#inode('file', new Uint8Array(), false);
    this.#change(path, inode);
    await this.step(`write half of ${path}`);
    inode.content = content.slice(0, content.length / 2);
    await this.step(`write ${path}`);
    inode.content = Uint8Array.from(content);
    await this.step(`sync ${path}`);
    inode.synced = true;
  }

  async link(from: string, to: string): Promise<'done' | 'there'> {
    await this.step(`link ${to}`);
    this.#parentOf(to);
    const inode = this.#names.get(from);
    if (inode === undefined) throw coded('ENOENT', from);
    if (this.#names.has(to)) return 'there';
    this.#change(to, inode);
    return 'done';
  }

  async replace(from: string, to: string): Promise<void> {
    await this.step(`replace ${to}`);
    const inode = this.#names.get(from);
    if (inode === undefined) throw coded('ENOENT', from);
    this.#change(to, inode);
    this.#change(from, undefined);
  }

  async remove(path: string): Promise<void> {
    await this.step(`remove ${path}`);
    if (this.#names.has(path)) this.#change(path, undefined);
  }

  async syncFolder(path: string): Promise<void> {
    await this.step(`sync folder ${path}`);
    const [here, elsewhere] = [
      this.#pending.filter((each) => dirname(each.path) === path),
      this.#pending.filter((each) => dirname(each.path) !== path),
    ];
    this.#pending = elsewhere;
    for (const { path: name, inode } of here) {
      if (inode === undefined) this.#durable.delete(name);
      else this.#durable.set(name, inode);
    }
  }

  #change(path: string, inode: Inode | undefined): void {
    if (inode === undefined) this.#names.delete(path);
    else this.#names.set(path, inode);
    this.#pending.push({ path, inode });
  }

  #parentOf(path: string): void {
    if (this.#names.get(dirname(path))?.kind !== 'folder') throw coded('ENOENT', path);
  }
}

function isReachable(names: Names, path: string): boolean {
  if (path === '/') return true;
  const parent = dirname(path);
  return parent === '/' || (names.get(parent)?.kind === 'folder' && isReachable(names, parent));
}

function survivor(inode: Inode, choose: (possibilities: number) => number): Inode {
  if (inode.synced) return inode;
  const parts = [new Uint8Array(), inode.content.slice(0, inode.content.length / 2), inode.content];
  return { ...inode, content: parts[choose(parts.length)] ?? inode.content, synced: true };
}

/** As the system would say it. */
export function coded(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
