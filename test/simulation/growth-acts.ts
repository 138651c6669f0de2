/** What people do about growth besides making claims: rules, groups, notes on objects, wishes, and what a cloud's driver does to them. */

/** The class of volumes in a cloud. */
export const CLOUD = 'cloud';

/** As a PVCPolicy or a PVCGroup has it in `spec.template`; sizes in mebibytes. */
export interface Rules {
  readonly enabled?: boolean;
  readonly thresholdPercent?: number;
  readonly increase?: string;
  readonly minMi?: number;
  readonly maxMi?: number;
  readonly cooldownMinutes?: number;
  readonly initialMi?: number;
  readonly approvalMi?: number;
  /** `HH:MM-HH:MM`, with a day in front and a time zone behind where one is meant (see moments.ts). */
  readonly window?: string;
  readonly snapshotAbovePercent?: number;
  readonly fullWithinMinutes?: number;
  readonly inodesPercent?: number;
}

interface Name {
  readonly namespace: string;
  readonly name: string;
}

export type GrowthAct =
  /** Made, or made anew as this. `app`: the claims with this label; absent: all of its namespace. */
  | (Name & {
      readonly kind: 'policy';
      readonly priority: number;
      readonly app?: string;
      readonly rules: Rules;
    })
  | (Name & {
      readonly kind: 'group';
      readonly coordination: 'largest' | 'average' | 'sum' | 'independent';
      readonly app?: string;
      readonly members?: readonly Name[];
      readonly rules: Rules;
    })
  | (Name & { readonly kind: 'unmake'; readonly what: 'policy' | 'group' })
  /** An annotation; without a value it is taken away. `name` empty: on the namespace. */
  | (Name & { readonly kind: 'note'; readonly key: string; readonly value?: string })
  /** `larder grow`. */
  | (Name & { readonly kind: 'wish'; readonly toMi: number })
  /** The cloud's driver: how far volumes can grow, whether inodes grow with them, and whether it does anything at all but fail. */
  | {
      readonly kind: 'driver';
      readonly mostMi?: number;
      readonly fails?: boolean;
      readonly inodesStay?: boolean;
    }
  /** A VolumeSnapshot of the claim, which can be restored from after a while; absent: it never can. */
  | (Name & { readonly kind: 'snapshot'; readonly readyAfterMs?: number })
  /** The application has so many files in its volume in a cloud. */
  | (Name & { readonly kind: 'files'; readonly count: number });

export const growthKinds: readonly string[] = [
  'policy',
  'group',
  'unmake',
  'note',
  'wish',
  'driver',
  'snapshot',
  'files',
] satisfies readonly GrowthAct['kind'][];
