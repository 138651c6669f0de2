/** What a decision is: a verdict, a target, and every gate that was looked at with its numbers and their sources. */

import type { Ahead } from './forecast/ahead.ts';
import type { Forecast } from './forecast/forecast.ts';
import type { Recovery } from './guard/recovery.ts';
import type { Trigger } from './history.ts';
import type { FailureReason } from './registry.ts';

/** In the order in which they are looked at (gates.ts has the rules, a test compares the two). */
export const gateNames = [
  'configuration',
  'managed',
  'bound',
  'volume',
  'pause',
  'progress',
  'expandable',
  'sample',
  'effective',
  'storage',
  'inodes',
  'full-within',
  'floor',
  'breaches',
  'size',
  'quota',
  'export',
  'limit-range',
  'storage-capacity',
  'approval',
  'namespace-budget',
  'cluster-budget',
  'expansions-per-day',
  'cooldown',
  'provider-window',
  'foreign-writer',
  'window',
  'snapshot',
  'backup',
  'circuit',
  'dry-run',
] as const;
export type GateName = (typeof gateNames)[number];

/** Times are epoch ms. */
export type Verdict =
  | { readonly kind: 'Expand' }
  | { readonly kind: 'WouldExpand' }
  | { readonly kind: 'InProgress'; readonly since: number }
  | { readonly kind: 'Hold' }
  | { readonly kind: 'CoolingDown'; readonly until: number }
  | { readonly kind: 'Stuck'; readonly since: number; readonly reason: string }
  | { readonly kind: 'Ineffective' }
  | { readonly kind: 'AtMax' }
  | { readonly kind: 'Blocked'; readonly gate: GateName; readonly reason: string }
  | {
      readonly kind: 'Invalid';
      /** An annotation without its prefix, or a path in an object such as `spec.template.maxSize`. */
      readonly field: string;
      readonly value: string;
      readonly reason: string;
      /** Where it is written, as `annotation`, `class fast` or `policy database`. */
      readonly source: string;
    }
  | { readonly kind: 'NoSample'; readonly reason: string }
  | { readonly kind: 'Unmanaged'; readonly reason: string };

export type State = 'ok' | 'filling' | 'needs you' | 'stuck' | 'unknown' | 'paused';

/** A number that a gate looked at. */
export type Measure = {
  readonly what: string;
  /** Where it comes from, for example `annotation` or `kubelet, node worker-1`. */
  readonly source: string;
} & (
  | { readonly unit: 'bytes'; readonly value: bigint }
  | { readonly unit: 'ratio'; readonly value: number }
  | { readonly unit: 'duration' /** Milliseconds. */; readonly value: number }
  | { readonly unit: 'time' /** Epoch ms. */; readonly value: number }
  | { readonly unit: 'count'; readonly value: bigint | number }
  | { readonly unit: 'text'; readonly value: string }
);

export interface Gate {
  readonly name: GateName;
  /** `skip`: it does not apply, or what it needs is not there. */
  readonly outcome: 'pass' | 'fail' | 'skip';
  readonly compared: readonly Measure[];
  /** Why it failed or was skipped; empty when it passed. */
  readonly reason: string;
}

/** How full the volume is, by the newest measurement that can be trusted. */
export interface Fill {
  readonly at: number;
  readonly capacityBytes: bigint;
  readonly availableBytes: bigint;
  readonly usedBytes: bigint;
  /** (capacity − available) ÷ capacity, 0–1. */
  readonly ratio: number;
  readonly inodesRatio: number | undefined;
  /** How many there are in all. */
  readonly inodes: bigint | undefined;
  readonly origin: string;
  readonly source: string;
}

/** Which triggers are reached in enough measurements. */
export interface Reached {
  readonly storage: boolean;
  readonly inodes: boolean;
  /** It will be full within the time that `full-within` names. */
  readonly fullWithin: boolean;
  /** Others want it larger than it is: its group, or the first size of its policy. */
  readonly floor: boolean;
}

/** What comes next, and the earliest moment or fill at which it can. */
export interface Next {
  readonly action: string;
  /** Epoch ms; undefined when it depends on something else than time. */
  readonly at: number | undefined;
  /** Used bytes at which the space trigger is reached; undefined when that is not what is waited for. */
  readonly atUsedBytes: bigint | undefined;
}

export interface Decision {
  /** `namespace/name`. */
  readonly claim: string;
  /** Epoch ms. */
  readonly at: number;
  readonly verdict: Verdict;
  readonly state: State;
  readonly baseBytes: bigint;
  /** What to write; undefined unless the verdict is Expand or WouldExpand. */
  readonly targetBytes: bigint | undefined;
  /** What growing now would give, whatever the verdict; undefined when not even one step fits. */
  readonly nextSizeBytes: bigint | undefined;
  readonly trigger: Trigger | undefined;
  readonly fill: Fill | undefined;
  readonly gates: readonly Gate[];
  /** Which thresholds are reached in enough measurements. */
  readonly reached: Reached;
  /** How fast it fills, and when it is full; undefined without a measurement that can be trusted. */
  readonly forecast: Forecast | undefined;
  /** The size that this asks for; undefined when nothing is looked ahead. */
  readonly ahead: Ahead | undefined;
  /** The inode trigger stopped, because the growth it asked for brought no inodes. */
  readonly inodesStopped: boolean;
  /** Why a growth does not end, from the closed list; undefined unless the verdict is Stuck or Ineffective. */
  readonly failure: FailureReason | undefined;
  /** What to do about a size that the driver calls impossible; undefined: it does not. */
  readonly recovery: Recovery | undefined;
  readonly next: Next;
}

/** Gates that open by themselves after a while. */
const waiting: readonly GateName[] = ['window', 'backup'];

/** From here on a claim that nobody manages is worth a person's look. */
const UNMANAGED_ALARM_RATIO = 0.95;

export function stateOf(verdict: Verdict, fill: Fill | undefined): State {
  switch (verdict.kind) {
    case 'Hold':
      return 'ok';
    case 'Expand':
    case 'WouldExpand':
    case 'InProgress':
    case 'CoolingDown':
      return 'filling';
    case 'Stuck':
    case 'Ineffective':
      return 'stuck';
    case 'AtMax':
    case 'Invalid':
      return 'needs you';
    case 'Blocked':
      if (verdict.gate === 'pause') return 'paused';
      return waiting.includes(verdict.gate) ? 'filling' : 'needs you';
    case 'NoSample':
      return 'unknown';
    case 'Unmanaged':
      return (fill?.ratio ?? 0) >= UNMANAGED_ALARM_RATIO ? 'needs you' : 'ok';
    default:
      return verdict satisfies never;
  }
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The decision as it travels: bytes and counts as decimal strings, times as epoch ms, absent fields left out. */
export function decisionToJson(decision: Decision): Json {
  return toJson(decision);
}

/** Plain data only: bigints become decimal strings, undefined fields are left out, what JSON cannot say becomes null. */
export function toJson(value: unknown): Json {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return null;
  const fields: Record<string, Json> = {};
  for (const [name, field] of Object.entries(value)) if (field !== undefined) fields[name] = toJson(field);
  return fields;
}
