/** What storage costs, so that what would have been can be said in money too. */
import { z } from 'zod';
import type { Prices } from '../simulate/outcome.ts';
import type { Parsed } from './settings.ts';

const FORM =
  'must be a mapping of prices, or texts "TYPE=PRICE" with commas between them, for example "gp3=0.08,*=0.05"';
const MOST = 1e6;
const TYPE_CHARACTERS = 63;
const CURRENCY_CHARACTERS = 8;

export const priceSettings = {
  prices: z
    .unknown()
    .transform((raw, context): Prices => {
      const parsed = parsePrices(raw);
      if (parsed.ok) return parsed.value;
      context.addIssue({ code: 'custom', message: parsed.reason });
      return z.NEVER;
    })
    .prefault('')
    .meta({
      description:
        'What a GiB costs for a month of 730 hours, by the type of the volume, `*` for all others, and in which `currency`: a mapping, or `gp3=0.08,*=0.05,currency=EUR`. A what-if of the console says what it would have cost; empty = no cost is said.',
      fallback: '',
    }),
};

/** From a file a mapping; from a flag or the environment a text, or the mapping as JSON. */
export function parsePrices(raw: unknown): Parsed<Prices> {
  const entries = entriesOf(raw);
  if (!entries) return { ok: false, reason: FORM };
  const perType = new Map<string, number>();
  let currency: string | undefined;
  for (const [key, value] of entries) {
    if (key === 'currency') {
      if (currency !== undefined) return { ok: false, reason: 'names the currency twice' };
      if (!/\S/.test(value) || value.length > CURRENCY_CHARACTERS) {
        return {
          ok: false,
          reason: `must have a currency of at most ${CURRENCY_CHARACTERS} characters, for example EUR`,
        };
      }
      currency = value;
      continue;
    }
    if (perType.has(key)) return { ok: false, reason: `names ${key} twice` };
    const price = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
    if (!(price <= MOST) || key === '' || key.length > TYPE_CHARACTERS) {
      return { ok: false, reason: `has no price for ${JSON.stringify(key)}: ${FORM}` };
    }
    perType.set(key, price);
  }
  return { ok: true, value: { perType: Object.fromEntries(perType), currency: currency ?? '' } };
}

/** Undefined: it is neither. */
function entriesOf(raw: unknown): readonly (readonly [string, string])[] | undefined {
  if (raw === null || raw === undefined) return [];
  if (typeof raw !== 'string') return entriesIn(raw);
  const text = raw.trim();
  if (text === '') return [];
  if (text.startsWith('{')) {
    try {
      return entriesIn(JSON.parse(text));
    } catch {
      return undefined; // given up: where the text broke
    }
  }
  const pairs = text.split(',').map((pair) => pair.split('='));
  return pairs.every(({ length }) => length === 2)
    ? pairs.map(([key = '', value = '']) => [key.trim(), value.trim()])
    : undefined;
}

function entriesIn(raw: unknown): readonly (readonly [string, string])[] | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
  const entries = Object.entries(raw);
  const plain = entries.every(([, value]) => typeof value === 'string' || typeof value === 'number');
  return plain ? entries.map(([key, value]) => [key, String(value)]) : undefined;
}
