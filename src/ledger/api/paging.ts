/** Lists in parts. A cursor names the last thing of a part, so that things which are added meanwhile neither repeat nor hide others. */
import { z } from 'zod';
import { sha256Of } from '../record-file.ts';
import { type Answer, done, refused } from './answer.ts';

const LIMIT = { least: 1, most: 500, usual: 100 };

const QUERY_TEXT_AT_MOST = 1024;
const CURSOR_DIGITS = 24;

const limit = z
  .string()
  .refine(isLimit, `is no whole number from ${LIMIT.least} to ${LIMIT.most}`)
  .meta({ type: 'integer', minimum: LIMIT.least, maximum: LIMIT.most, default: LIMIT.usual });

function isLimit(given: string): boolean {
  return /^[1-9]\d{0,2}$/.test(given) && Number(given) <= LIMIT.most;
}

/** A text in a query: with the path it must fit into the first line of a request. */
export const queryText = z
  .string()
  .refine((value) => [...value].length <= QUERY_TEXT_AT_MOST, `is longer than ${QUERY_TEXT_AT_MOST} characters`)
  .meta({ maxLength: QUERY_TEXT_AT_MOST });

export const paging = {
  limit: limit.optional(),
  cursor: queryText.optional().meta({ description: '`next` of the part before.' }),
};

interface Part {
  readonly limit?: string | undefined;
  readonly cursor?: string | undefined;
}

/** Of `entries` (id and what is shown of it), the part that is asked for. */
export function page<T>(
  entries: Iterable<readonly [string, T]>,
  { limit: asked, cursor }: Part,
  show: (item: T) => unknown,
): Answer {
  const all = [...entries];
  const from = cursor === undefined ? 0 : all.findIndex(([id]) => cursorOf(id) === cursor) + 1;
  if (cursor !== undefined && from === 0) return lost();
  const to = from + Number(asked ?? LIMIT.usual);
  const part = all.slice(from, to);
  const last = part.at(-1)?.[0];
  const next = to < all.length && last !== undefined ? { next: cursorOf(last) } : {};
  return done({ items: part.map(([, item]) => show(item)), ...next });
}

function lost(): Answer {
  return refused(404, 'LARDER_LEDGER_UNKNOWN', 'the list has no such place: begin again without cursor');
}

/** An id may be any text of any length; a cursor is a short word that needs no quoting. */
function cursorOf(id: string): string {
  return sha256Of(id).slice(0, CURSOR_DIGITS);
}
