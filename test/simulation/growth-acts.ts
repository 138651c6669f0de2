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
  /** The cloud's driver: how far volumes can grow, and whether it does anything at all but fail. */
  | { readonly kind: 'driver'; readonly mostMi?: number; readonly fails?: boolean };

export const growthKinds: readonly string[] = [
  'policy',
  'group',
  'unmake',
  'note',
  'wish',
  'driver',
] satisfies readonly GrowthAct['kind'][];
