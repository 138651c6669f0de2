/** What was found out about a claim before its request is raised; gathered by situation.ts, judged by guard-gates.ts. */
import type { Budget } from './budget.ts';
import type { FreeCapacity } from './capacity.ts';
import type { Limits } from './limit.ts';
import type { Snapshots, Underway } from './snapshot.ts';
import type { VolumeState } from './volume.ts';

/** `unknown` with the reason: the cluster has no such kind, the account may not read it, or it was not read yet. */
export type Reading<T> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What annotation `larder.dev/approved-up-to` says; `bytes` undefined: it cannot be read. */
export interface Approval {
  readonly text: string;
  readonly bytes: bigint | undefined;
}

/** `admits` false: the driver is left alone for now. */
export interface CircuitState {
  readonly driver: string;
  readonly state: 'closed' | 'open' | 'half-open';
  readonly admits: boolean;
  /** Milliseconds until a probe may be made; undefined: one is under way, or nothing is to wait for. */
  readonly probeInMs: number | undefined;
}

export interface Guards {
  readonly volume: VolumeState;
  /** Size of the volume itself, which may be ahead of the claim; undefined: not known. */
  readonly volumeBytes: bigint | undefined;
  /** A running pod mounts the claim. */
  readonly mounted: boolean;
  readonly limits: Reading<Limits>;
  readonly capacity: FreeCapacity;
  readonly snapshots: Reading<Snapshots>;
  /** Backups that read the claim now. */
  readonly backups: Reading<readonly Underway[]>;
  readonly approval: Approval | undefined;
  readonly namespaceBudget: Budget | undefined;
  readonly clusterBudget: Budget | undefined;
  readonly circuit: CircuitState | undefined;
}

const unread = { kind: 'unknown', reason: 'it is not looked at here' } as const;

/** Where nothing is known that speaks against growth. */
export const noGuards: Guards = {
  volume: unread,
  volumeBytes: undefined,
  mounted: true,
  limits: unread,
  capacity: unread,
  snapshots: unread,
  backups: unread,
  approval: undefined,
  namespaceBudget: undefined,
  clusterBudget: undefined,
  circuit: undefined,
};
