/** Files that somebody else rotates: tokens, passwords, certificates. */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../telemetry/clock.ts';

/** What the file holds; rejects with its path in the message when it cannot be read. */
export type FollowedFile = () => Promise<string>;

/** Old by more than a rotation takes nobody by surprise with, and a thousand requests at once read it once. */
const FRESH_MS = 5_000;

/** What was read stays good for some seconds; a file that cannot be read is tried again at the next call. */
export function followFile(path: string, clock: Clock): FollowedFile {
  let known: { readonly content: Promise<string>; readonly readMono: number } | undefined;
  return () => {
    const now = clock.monotonic();
    if (known && now - known.readMono < FRESH_MS) return known.content;
    const content = readFile(path, 'utf8').catch((cause: unknown) => {
      known = undefined;
      throw new Error(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    });
    known = { content, readMono: now };
    return content;
  };
}
