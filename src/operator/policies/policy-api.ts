/** What the console shows and does about policies and groups, over HTTP. Bytes travel as decimal strings, times as epoch ms. */
import { z } from 'zod';

export interface PolicyProblem {
  /** As `spec.template.threshold`; empty: the whole. */
  readonly field: string;
  readonly value: string;
  /** What is accepted, as the rest of a sentence. */
  readonly reason: string;
}

interface Spoken {
  /** The setting, as in an annotation without its prefix. */
  readonly key: string;
  /** As it was written. */
  readonly text: string;
}

export interface PolicyRow {
  readonly namespace: string;
  readonly name: string;
  /** As `kubectl get -l` takes it; empty: every claim. Undefined: it cannot be read. */
  readonly selector?: string;
  readonly priority: number;
  readonly enabled: boolean;
  /** Nothing grows in its namespace until somebody takes the pause away. */
  readonly paused: boolean;
  /** Claims that it selects, or that name it. */
  readonly matched: number;
  readonly settings: readonly Spoken[];
  readonly problems: readonly PolicyProblem[];
  /** Whom it contradicts; empty: nobody. */
  readonly conflict: string;
}

export interface GroupRow {
  readonly namespace: string;
  readonly name: string;
  readonly coordination: string;
  readonly members: number;
  /** A quantity; empty: not known yet. */
  readonly size: string;
  readonly settings: readonly Spoken[];
  /** What its status complains about. */
  readonly problems: readonly string[];
}

/** Other places that give claims settings. */
export interface PlaceRow {
  readonly kind: 'Namespace' | 'StorageClass' | 'configuration';
  readonly name: string;
  readonly settings: readonly (Spoken & { readonly problem: string })[];
}

export interface PoliciesAnswer {
  /** Whether the cluster has the kind and this account may look. */
  readonly availability: 'served' | 'absent' | 'forbidden';
  readonly policies: readonly PolicyRow[];
  readonly groups: readonly GroupRow[];
  readonly places: readonly PlaceRow[];
  /** Where a policy can be made. */
  readonly namespaces: readonly string[];
}

/** An object as it is applied: without what the server adds. */
export type Written = Readonly<Record<string, unknown>>;

export interface PolicyAnswer {
  readonly object: Written;
  /** Of what is written in it; its status is no part of that. A save names the one that it is made of. */
  readonly version: string;
}

const name = z.string().min(1).max(253);
const namespace = z.string().min(1).max(63);
const written = z.record(z.string(), z.unknown());

/** As it is typed; what is no name is told as a problem of the object. */
const typed = z.string().max(10_000);

export const policyPreviewRequest = z.object({
  /** Of the policy that is edited; a new one has none stored. */
  namespace: typed,
  name: typed,
  /** As it is to be; null: deleted. */
  object: written.nullable(),
});
export type PolicyPreviewRequest = z.infer<typeof policyPreviewRequest>;

export interface SettingChange {
  readonly key: string;
  /** As in `explain -o json`; absent: not set. */
  readonly present?: unknown;
  readonly presentFrom: string;
  readonly proposed?: unknown;
  readonly proposedFrom: string;
}

/** A claim that the policy is for, at present or as it is proposed. */
export interface ReachedClaim {
  readonly name: string;
  readonly request: string;
  /** How it comes by the policy, or came. */
  readonly by: 'selector' | 'name';
  readonly change: 'joins' | 'stays' | 'leaves';
  /** Whether it grows, and who says so. */
  readonly growsAtPresent: string;
  readonly growsAsProposed: string;
  /** Why it would not be grown at all: a setting that cannot be read. */
  readonly problem: string;
  readonly settings: readonly SettingChange[];
}

export interface PolicyPreview {
  /** What is wrong with the object. Where its spec cannot be read the rest is empty. */
  readonly problems: readonly PolicyProblem[];
  /** All claims that the proposed one is for. */
  readonly matched: number;
  readonly joining: number;
  readonly leaving: number;
  /** Of the namespace. */
  readonly claims: number;
  /** The first of those that it is for, at present or as proposed. */
  readonly reached: readonly ReachedClaim[];
}

const DAY_MS = 86_400_000;

export const whatIfRequest = policyPreviewRequest.extend({
  /** How far back, milliseconds. */
  sinceMs: z
    .number()
    .int()
    .min(3_600_000)
    .max(90 * DAY_MS),
  /** Of a GiB for a month of 730 hours, by the type of the volume; `*` for all others. Empty: those of the configuration. */
  prices: z.record(z.string().max(63), z.number().min(0).max(1e6)).default({}),
});
export type WhatIfRequest = z.infer<typeof whatIfRequest>;

/** How one claim fared. */
export interface Fared {
  readonly startBytes: string;
  readonly endBytes: string;
  readonly growths: number;
  /** Milliseconds. */
  readonly fullMs: number;
  readonly above95Ms: number;
  readonly cost?: number;
  /** At the end, as `explain` names it. */
  readonly verdict: string;
}

export interface WhatIfRow {
  readonly namespace: string;
  readonly claim: string;
  readonly present: Fared;
  readonly proposed: Fared;
}

export interface WhatIfTotal {
  /** Volumes that grew. */
  readonly grown: number;
  readonly grownBytes: string;
  readonly growths: number;
  readonly endBytes: string;
  /** Volumes that were full at some time. */
  readonly everFull: number;
  readonly fullMs: number;
  readonly cost?: number;
}

export interface WhatIfAnswer {
  readonly from: number;
  readonly to: number;
  /** Bound claims that the policy or group is for, at present or as proposed. */
  readonly matched: number;
  readonly played: number;
  /** Nothing was measured of them in that time. */
  readonly unmeasured: number;
  readonly present: WhatIfTotal;
  readonly proposed: WhatIfTotal;
  /** Where the two differ first, and most. */
  readonly claims: readonly WhatIfRow[];
  /** Of the costs; absent: nobody said. */
  readonly currency?: string;
  /** Why not all were played; empty: all were. */
  readonly cut: string;
  /** Why less is known than could be. */
  readonly notes: readonly string[];
}

export const policySaveRequest = z.object({
  namespace,
  name,
  object: written,
  /** Of what was read; absent: there is none yet, and it is made. */
  version: z.string().optional(),
  dryRun: z.boolean().default(false),
});
export type PolicySaveRequest = z.infer<typeof policySaveRequest>;

export const policyDeleteRequest = z.object({
  namespace,
  name,
  version: z.string(),
  dryRun: z.boolean().default(false),
});
export type PolicyDeleteRequest = z.infer<typeof policyDeleteRequest>;

export type PolicySaveAnswer =
  | {
      /** Done, or with `dryRun` what the API server would do. */
      readonly kind: 'saved';
      readonly changes: boolean;
      readonly message: string;
      readonly command: string;
      /** Undefined: there was none. */
      readonly before?: Written;
      /** Undefined: it is gone. */
      readonly after?: Written;
      readonly version: string;
    }
  /** Somebody else changed, made or deleted it meanwhile: nothing was done. */
  | { readonly kind: 'changed'; readonly message: string; readonly theirs?: Written; readonly version: string };
