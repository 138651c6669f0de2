import { Exit, exitCodes } from './exit.ts';

const plainly: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'its folder does not exist: make it first'],
  ['EACCES', 'you may not write there'],
  ['EPERM', 'you may not write there'],
  ['EROFS', 'its filesystem is read-only'],
  ['ENOSPC', 'its filesystem is full'],
  ['EDQUOT', 'your quota is used up'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of its path is no folder'],
]);

/** Opens or writes a file that somebody names. Throws Exit 2 that says why, in words where there are any for it. */
export function written<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const why = plainly.get(code) ?? (cause instanceof Error ? cause.message : String(cause));
    throw new Exit(exitCodes.usage, `${path} cannot be written: ${why}`, { cause });
  }
}
