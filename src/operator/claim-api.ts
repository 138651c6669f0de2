/** What a person does to one claim, over HTTP. Bytes travel as decimal strings. */
import { z } from 'zod';

export const claimActions = ['grow', 'pause', 'resume', 'approve'] as const;
export type ClaimAction = (typeof claimActions)[number];

export const claimActionRequest = z.object({
  namespace: z.string().min(1),
  name: z.string().min(1),
  action: z.enum(claimActions),
  /** A quantity: of `grow` the size to reach (absent: one step), of `approve` the largest size that is approved. */
  size: z.string().optional(),
  /** Only say what would be done. */
  dryRun: z.boolean().default(false),
});
export type ClaimActionRequest = z.infer<typeof claimActionRequest>;

export const claimActionAnswer = z.object({
  /** `namespace/name`. */
  claim: z.string(),
  action: z.enum(claimActions),
  /** Something was written, or would have been. */
  changes: z.boolean(),
  /** One sentence: what was done or would be, or why nothing is. */
  message: z.string(),
  /** Of `grow`: the verdict, as `explain` names it. */
  verdict: z.string().optional(),
  /** Of `grow`: the gate that stops it. */
  gate: z.string().optional(),
});
export type ClaimActionAnswer = z.infer<typeof claimActionAnswer>;
