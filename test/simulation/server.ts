/** A server of files behind an export: its folder, what ails it, and how it limits directories. */
import type { Inode, Trouble } from './export-fs.ts';

/** How it counts and limits: by number of a project with one set of programs or another, or by directory. */
export type Counting = 'xfs' | 'ext4' | 'glusterfs';

/** Paths that are not on the first server begin with its name and this. */
export const ELSEWHERE = ':';

export class Server {
  /** Empty: the first one. */
  readonly name: string;
  readonly counting: Counting;
  readonly root: Inode;
  /** What is at its mount point while nothing is mounted there: nobody may ever write here. */
  readonly underlay: Inode;
  /** For handles: one taken in an earlier generation is stale. */
  generation = 0;
  trouble: Trouble = {};
  /** Largest sizes of projects. */
  readonly limits = new Map<number, bigint>();
  #stuck: (() => void)[] = [];

  constructor(options: Pick<Server, 'name' | 'counting' | 'root' | 'underlay'>) {
    this.name = options.name;
    this.counting = options.counting;
    this.root = options.root;
    this.underlay = options.underlay;
  }

  /** What was stuck in a hang that ends goes on. */
  afflict(trouble: Trouble): void {
    const healed = this.trouble.hang && !trouble.hang;
    if (trouble.errno === 'ESTALE' && this.trouble.errno !== 'ESTALE') this.generation += 1;
    this.trouble = trouble;
    if (!healed) return;
    const stuck = this.#stuck;
    this.#stuck = [];
    for (const resume of stuck) resume();
  }

  /** Until the hang ends, or another one might have begun. */
  hanging(): Promise<void> {
    return new Promise((resume) => void this.#stuck.push(resume));
  }

  holds(inode: Inode): boolean {
    let here: Inode | undefined = inode;
    while (here && here !== this.root && here !== this.underlay) here = here.parent;
    return here !== undefined;
  }
}
