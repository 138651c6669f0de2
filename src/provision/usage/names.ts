/** The names in a directory, as bytes of one character each, as many at a time as wanted: of a huge one never all are in memory. */
import { type Facts, openNames } from '../directory/descriptor.ts';
import { errnoOf } from '../directory/problem.ts';
import type { Calls } from './calls.ts';

export interface Names {
  /** The next ones, at most so many; none: that was the last. */
  next(count: number): Promise<readonly string[]>;
  /** False when some were lost on the way. */
  readonly complete: boolean;
  /** May be called twice. */
  close(): Promise<void>;
}

/** A directory whose own list is larger is read piece by piece: 20,000 entries of ext4, 50,000 of tmpfs, at least. */
const LARGE_BYTES = 1_048_576n;

export function listed(names: string[]): Names {
  return {
    complete: true,
    next: async (count) => names.splice(-count),
    close: async () => undefined,
  };
}

export async function namesIn(calls: Calls, fd: number, { size }: Facts): Promise<Names> {
  return size < LARGE_BYTES ? listed(await calls.names(fd)) : streamed(fd);
}

async function streamed(fd: number): Promise<Names> {
  const stream = await openNames(fd);
  let open = true;
  let complete = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await stream.close();
  };
  const read = async (): Promise<string | undefined> => {
    try {
      return await stream.read();
    } catch (cause) {
      // Where the filesystem tells no types Node asks for them, and loses a batch when one of it is gone meanwhile.
      if (errnoOf(cause) !== 'ENOENT') throw cause;
      complete = false;
      return '';
    }
  };
  return {
    get complete() {
      return complete;
    },
    async next(count) {
      const names: string[] = [];
      while (open && names.length < count) {
        const name = await read();
        if (name === undefined) await close();
        else if (name !== '') names.push(name);
      }
      return names;
    },
    close,
  };
}
