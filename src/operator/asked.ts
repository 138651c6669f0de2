/** What a request says, read by a schema. Whoever sends it chooses its size and its mistakes: both are found out in little work. */
import type { z } from 'zod';
import { HttpError } from '../http/registry.ts';
import { mistakes } from './mistakes.ts';

/** Values of all kinds. The longest lists that people send name the directories of an export. */
const PARTS_AT_MOST = 60_000;
/** Functions that read it call themselves. */
const DEPTH_AT_MOST = 64;

/** @throws HttpError 400 or 413 */
export function asked<T>(schema: z.ZodType<T>, given: unknown): T {
  refuseUnwieldy(given);
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  throw new HttpError('LARDER_HTTP_BAD_REQUEST', 400, mistakes(read.error));
}

/** Counted level by level, so that no depth is too deep for the counting itself. */
function refuseUnwieldy(given: unknown): void {
  let level: readonly unknown[] = [given];
  let parts = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    parts += level.length;
    if (parts > PARTS_AT_MOST) throw tooLarge(`more than ${PARTS_AT_MOST.toLocaleString('en')} values`);
    if (depth > DEPTH_AT_MOST) throw tooLarge(`lists and objects in each other more than ${DEPTH_AT_MOST} deep`);
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
}

function tooLarge(what: string): HttpError {
  return new HttpError('LARDER_HTTP_TOO_LARGE', 413, `the body has ${what}: ask for less at once`);
}
