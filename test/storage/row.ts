/** One row of the table of failures: what is done to the storage, and what a user then reads and gets. */
import { readdirSync } from 'node:fs';
import type { Mount } from '../e2e/fuse.ts';
import type { Room } from './room.ts';
import type { Stage } from './stage.ts';

export interface At {
  readonly stage: Stage;
  /** FUSE filesystems by the name of their export. */
  readonly fuse: (name: string) => Mount;
  readonly room: () => Room;
}

export interface Row {
  readonly name: string;
  readonly needs: 'fuse' | 'room';
  readonly run: (at: At) => Promise<void>;
}

/** The directories of claims, whose class names them so. */
export const volumesIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith('x-'))
    .sort();
