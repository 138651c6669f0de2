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
  /** Of `grow`: the size that it grows to, which may be less than was asked for; absent: it does not. */
  size: z.string().optional(),
});
export type ClaimActionAnswer = z.infer<typeof claimActionAnswer>;

/** Settings of one claim: what its annotations are to say. */
export const claimSettingsRequest = z.object({
  namespace: z.string().min(1),
  name: z.string().min(1),
  /** By key without prefix, as `threshold`; null takes the annotation away. */
  settings: z.record(z.string(), z.string().nullable()),
  /** Only say what would be written, and what would be decided then. */
  dryRun: z.boolean().default(false),
});
export type ClaimSettingsRequest = z.infer<typeof claimSettingsRequest>;

export const claimSettingsAnswer = z.object({
  claim: z.string(),
  changes: z.boolean(),
  /** What was written or would be. */
  message: z.string(),
  /** What is decided with them, in one sentence; empty where growth is off. */
  outcome: z.string(),
  /** The same by kubectl. */
  command: z.string(),
});
export type ClaimSettingsAnswer = z.infer<typeof claimSettingsAnswer>;
