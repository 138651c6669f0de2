import type { AccessRefused } from '../../../cluster/access/access-refused.ts';
import type { Refused } from '../../../cluster/secrets/refused.ts';
import { Exit, exitCodes } from '../../exit.ts';

/** What was wanted; throws Exit 2 with the reason and its code. */
export function orExit<T extends { readonly kind: string }>(result: T | Refused | AccessRefused): T {
  if (isRefused(result)) throw new Exit(exitCodes.usage, `${result.message} (${result.code})`);
  return result;
}

function isRefused(result: { readonly kind: string }): result is Refused | AccessRefused {
  return result.kind === 'refused';
}
