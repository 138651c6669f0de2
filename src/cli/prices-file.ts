import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Prices } from '../expand/simulate/outcome.ts';
import { priceFields } from '../expand/simulate/scenario.ts';
import { Exit, exitCodes } from './exit.ts';

/** As in a scenario; a file of prices that has none is a mistake. */
const fileSchema = z.strictObject({ ...priceFields, prices: priceFields.prices.unwrap() });

export const PRICES_FILE = 'YAML: a GiB for a month by volume type, as in a scenario of simulate';

/** What somebody pays, as a file says it. Throws Exit 2 with what cannot be read. */
export function pricesFile(path: string): Prices {
  let written: unknown;
  try {
    written = parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Exit(exitCodes.usage, `${path} cannot be read: ${why}`, { cause });
  }
  const read = fileSchema.safeParse(written);
  if (!read.success) throw new Exit(exitCodes.usage, `${path}: ${z.prettifyError(read.error)}`);
  const { prices, currency } = read.data;
  return { perType: prices, currency };
}
