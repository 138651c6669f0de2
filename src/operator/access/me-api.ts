/** What the page asks about who looks at it. Pure. */
import { z } from 'zod';
import { isRight } from './need.ts';

export interface MeAnswer {
  /** `owner`: holder of the console's own token. */
  readonly kind: 'owner' | 'account';
  readonly name: string;
}

const NEEDS_AT_MOST = 100;
const need = z
  .object({ verb: z.string(), group: z.string(), resource: z.string(), namespace: z.string().max(63) })
  .refine(isRight, 'the console asks for no such right');

export const mayRequest = z.object({ needs: z.array(need).min(1).max(NEEDS_AT_MOST) });

/** In the order of the needs. */
export type MayAnswer = readonly boolean[];
