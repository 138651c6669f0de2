/** Why a copy cannot go on, with the entry at which it stopped. */
import { errnoOf, kindOfErrno, problem, wording } from '../directory/problem.ts';
import type { StorageProblem } from '../storage.ts';

/** The problem's `detail` is read after the path of the entry. */
export class CopyStopped extends Error {
  override readonly name = 'CopyStopped';
  readonly problem: StorageProblem;

  constructor(found: StorageProblem) {
    super(found.detail);
    this.problem = found;
  }
}

const LONGEST = 200;
/** Of the export rather than of the entry: told as for any other operation. */
const GENERAL: readonly (StorageProblem['problem'] | undefined)[] = ['unavailable', 'no-space', 'read-only', undefined];

/** Adds the place to what goes wrong with one entry. */
export async function locating<T>(directory: string, name: Buffer, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const found = cause instanceof CopyStopped ? cause.problem : problemAt(cause);
    if (!found) throw cause;
    if (cause instanceof CopyStopped && cause.cause !== undefined) throw cause; // an inner directory has said where
    const path = `${directory}${directory === '' ? '' : '/'}${name.toString()}`;
    const shown = path.length > LONGEST ? `…${path.slice(-LONGEST)}` : path;
    const located = new CopyStopped({ ...found, detail: `${JSON.stringify(shown)} ${found.detail}` });
    located.cause = cause;
    throw located;
  }
}

function problemAt(cause: unknown): StorageProblem | undefined {
  const kind = kindOfErrno(cause);
  if (kind === undefined || GENERAL.includes(kind)) return undefined;
  const errno = errnoOf(cause);
  if (kind !== 'denied') return problem('unexpected', `cannot be copied (${errno})`, errno);
  const why = 'it may not be read, or its copy not be given to its owner (no_root_squash?)';
  return problem('denied', `cannot be copied (${errno}): ${why}`, errno);
}

export const onAnotherFilesystem = (): CopyStopped =>
  new CopyStopped(problem('other-filesystem', wording.otherFilesystem));

export const tooDeep = (levels: number): CopyStopped =>
  new CopyStopped(problem('unexpected', `lies more than ${levels} directories deep, which are not copied`));
