/** Making room over HTTP: what the command line asks and is told. Bytes travel as decimal strings, times as epoch milliseconds. */
import { z } from 'zod';
import { exportProblem } from './api.ts';

const bytes = z.string().regex(/^\d*$/);

/** What is absent is as the operator's configuration says. */
export const cleanRequest = z.object({
  /** A size or a share of the export; empty: no amount, all that may go goes. */
  belowFree: z.string().optional(),
  early: z.enum(['none', 'trash', 'all']).optional(),
});
export type CleanRequest = z.infer<typeof cleanRequest>;

/** Only these entries, named by a plan, may be removed. */
export const cleanStepRequest = cleanRequest.extend({
  entries: z.array(z.string()).min(1),
  /** Those that the plan has shown; absent: all. */
  exports: z.array(z.string()).optional(),
});
export type CleanStepRequest = z.infer<typeof cleanStepRequest>;

export const cleanRow = z.object({
  entry: z.string(),
  kind: z.enum(['trash', 'archive']),
  claim: z.string(),
  path: z.string(),
  /** Epoch ms. */
  trashedAt: z.number(),
  /** Epoch ms; absent: never. */
  expiresAt: z.number().optional(),
  /** Empty when it was not weighed: it stays, or there was not the time. */
  bytes,
  verdict: z.enum(['remove', 'keep']),
  /** ended, early; owned, no-end, not-ended, enough. */
  reason: z.string(),
});
export type CleanRow = z.infer<typeof cleanRow>;

export const cleanPlan = z.object({
  export: z.string(),
  freeBytes: bytes,
  /** Empty when no amount was named. */
  neededBytes: bytes,
  /** What goes first, in its order. */
  rows: z.array(cleanRow),
});
export type CleanPlan = z.infer<typeof cleanPlan>;

/** A plan for each export that answered, and which did not. */
export const cleanPlans = z.object({ plans: z.array(cleanPlan), problems: z.array(exportProblem) });
export type CleanPlans = z.infer<typeof cleanPlans>;

export const cleanStep = z.object({
  /** Empty: there was nothing (more) to remove. */
  entry: z.string(),
  export: z.string(),
  claim: z.string(),
  /** More of it is left: ask again. */
  remaining: z.boolean(),
});
export type CleanStep = z.infer<typeof cleanStep>;
