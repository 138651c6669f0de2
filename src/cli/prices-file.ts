import { parse } from 'yaml';
import { z } from 'zod';
import type { Prices } from '../expand/simulate/outcome.ts';
import { priceFields } from '../expand/simulate/scenario.ts';
import { issueWords } from '../ledger/issue-words.ts';
import { Exit, exitCodes } from './exit.ts';
import { inputText } from './input.ts';

/** As in a scenario; a file of prices that has none is a mistake. */
const fileSchema = z.strictObject({ ...priceFields, prices: priceFields.prices.unwrap() });

export const PRICES_FILE = 'YAML: a GiB for a month by volume type, as in a scenario of simulate';

/** What somebody pays, as a file says it. Throws Exit 2 with what cannot be read. */
export function pricesFile(path: string): Prices {
  const text = inputText(path);
  let written: unknown;
  try {
    written = parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Exit(exitCodes.usage, `${path} cannot be read: ${why}`, { cause });
  }
  const read = fileSchema.safeParse(written);
  if (!read.success) {
    const problems = read.error.issues.map(
      (issue) => `${path}: ${issue.path.join('.') || 'the file'} ${issueWords(issue)}`,
    );
    throw new Exit(exitCodes.usage, problems.join('\n'));
  }
  const { prices, currency } = read.data;
  return { perType: prices, currency };
}
