import { Exit, exitCodes } from './exit.ts';

/** Opens or writes a file that somebody names. Throws Exit 2 when that cannot be done. */
export function written<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Exit(exitCodes.usage, `${path} cannot be written: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}
