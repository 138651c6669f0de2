/** Numbers of projects, by which XFS and ext4 count what a directory holds. */
import { createHash } from 'node:crypto';

/** Far above what people number by hand and what kubelets take for pods (from 1048577); 2^30 numbers. */
const FIRST = 0x4000_0000;
const COUNT = 0x4000_0000;
/** Numbers tried before something is wrong. A name that is made and deleted all day needs one for each of its rests in the trash. */
export const PROBES = 65_536;

/** The same directory of the same export gets the same number, whoever asks and however often. */
export function projectOf(address: string, directory: string): number {
  const digest = createHash('sha256').update(`${address}\n${directory}`).digest();
  return FIRST + (digest.readUInt32BE(0) % COUNT);
}

export const isProject = (id: number): boolean => Number.isInteger(id) && id >= FIRST && id < FIRST + COUNT;

export interface Candidate {
  readonly wanted: number;
  /** What the directory carries now; 0: nothing. */
  readonly current: number;
  /** Whether something else on the filesystem is counted or limited under the number. */
  readonly isTaken: (id: number) => boolean;
}

/**
 * The first number from `wanted` on that the directory carries already, or that nothing carries: one in use by a live
 * directory, or by one in the trash, is never given to a second. Undefined: all that were tried are taken.
 */
export function chooseProject({ wanted, current, isTaken }: Candidate): number | undefined {
  for (let probe = 0; probe < PROBES; probe += 1) {
    const id = FIRST + ((wanted - FIRST + probe) % COUNT);
    if (id === current || !isTaken(id)) return id;
  }
  return undefined;
}
