/** Whether the type and the size of a volume suit what was measured of it. Advice only: nothing here changes anything. */
import type { VolumeConstraints } from '../provider.ts';
import type { AttributesAdvice } from './attributes-advice.ts';
import { GP3_IOPS, GP3_THROUGHPUT } from './gp3.ts';

/** Epoch ms, bytes used, bytes there. */
export type Measured = readonly [at: number, used: number, capacity: number];

export interface Observed {
  readonly requestBytes: bigint;
  /** Oldest first. */
  readonly points: readonly Measured[];
  /** The name of its provider. */
  readonly provider: string;
  /** Its volume type is empty where nobody could tell. */
  readonly constraints: VolumeConstraints;
  /** Of a claim that names a VolumeAttributesClass. */
  readonly attributes?: AttributesAdvice | undefined;
}

export interface RecommendRules {
  /** Share of a size that should be used. */
  readonly targetUse: number;
  /** A GiB for a month; undefined: not given. */
  readonly priceOf: (volumeType: string) => number | undefined;
}

export type Advice =
  | {
      readonly kind: 'shrink';
      readonly toBytes: bigint;
      readonly peakBytes: bigint;
      /** How much more was stored at the end of the measurements than at their beginning. */
      readonly grownBytes: bigint;
      readonly saves: number | undefined;
    }
  | {
      readonly kind: 'gp3';
      /** What the gp2 volume has, so that nothing becomes slower. */
      readonly iops: number;
      readonly throughputMib: number;
      readonly saves: number | undefined;
    }
  | { readonly kind: 'tier'; readonly toBytes: bigint }
  | { readonly kind: 'too-little-history'; readonly haveMs: number; readonly needMs: number }
  /** The size reserves nothing, or the measurements are not of this volume alone. */
  | { readonly kind: 'nominal' }
  | { readonly kind: 'keep'; readonly peakBytes: bigint }
  | AttributesAdvice;

export const LEAST_HISTORY_MS = 7 * 86_400_000;
const LEAST_POINTS = 12;
/** A copy is work and a risk: only for a size of at most this share of the present one. */
const WORTH_A_COPY = 0.6;
/** More than that was there: the filesystem is not of the claim alone. */
const NOT_ITS_OWN = 2;
const GIB = 1024n ** 3n;

/** Providers whose volumes are directories: their size is a promise, not a reservation. */
const NOMINAL: ReadonlySet<string> = new Set(['nfs', 'local']);

/** At least one; several where they do not exclude each other. What a VolumeAttributesClass means comes first. */
export function recommend(observed: Observed, rules: RecommendRules): readonly Advice[] {
  const { attributes } = observed;
  return [...(attributes ? [attributes] : []), ...judged(observed, rules)];
}

function judged(observed: Observed, rules: RecommendRules): readonly Advice[] {
  const { provider, requestBytes, constraints, points } = observed;
  const last = points.at(-1);
  if (NOMINAL.has(provider)) return [{ kind: 'nominal' }];
  if (last && last[2] > Number(requestBytes) * NOT_ITS_OWN) return [{ kind: 'nominal' }];
  const type = typeAdvice(observed, rules);
  const haveMs = last && points[0] ? last[0] - points[0][0] : 0;
  if (haveMs < LEAST_HISTORY_MS || points.length < LEAST_POINTS) {
    const free = tierAdvice(requestBytes, constraints);
    return [...type, ...free, { kind: 'too-little-history', haveMs, needMs: LEAST_HISTORY_MS }];
  }
  const size = sizeAdvice(observed, rules);
  if (size.kind === 'shrink') return [...type, size];
  const others = [...type, ...tierAdvice(requestBytes, constraints)];
  return others.length > 0 ? others : [size];
}

function sizeAdvice({ points, requestBytes, constraints }: Observed, { targetUse, priceOf }: RecommendRules): Advice {
  const peak = points.reduce((most, [, used]) => Math.max(most, used), 0);
  const grown = Math.max(0, (points.at(-1)?.[1] ?? 0) - (points[0]?.[1] ?? 0));
  // Room for once more what was added in the time that was looked at.
  const need = BigInt(Math.ceil((peak + grown) / targetUse));
  const toBytes = sizeFor(need, constraints);
  const peakBytes = BigInt(Math.ceil(peak));
  const before = paidFor(requestBytes, constraints);
  const worth = Number(paidFor(toBytes, constraints)) <= Number(before) * WORTH_A_COPY;
  if (!worth) return { kind: 'keep', peakBytes };
  const price = priceOf(constraints.volumeType);
  const saved = Number(before - paidFor(toBytes, constraints)) / Number(GIB);
  const saves = price === undefined ? undefined : saved * price;
  return { kind: 'shrink', toBytes, peakBytes, grownBytes: BigInt(Math.ceil(grown)), saves };
}

/** The smallest size that the storage has and that is enough; a tier that is paid for is taken whole. */
function sizeFor(need: bigint, constraints: VolumeConstraints): bigint {
  const { minSize, stepSize } = constraints;
  const least = need > minSize ? need : minSize;
  const stepped = ((least + stepSize - 1n) / stepSize) * stepSize;
  return paidFor(stepped, constraints);
}

function paidFor(bytes: bigint, { tiers }: VolumeConstraints): bigint {
  return tiers?.find((tier) => tier >= bytes) ?? bytes;
}

function tierAdvice(requestBytes: bigint, constraints: VolumeConstraints): readonly Advice[] {
  const toBytes = paidFor(requestBytes, constraints);
  const fits = constraints.maxSize === undefined || toBytes <= constraints.maxSize;
  return toBytes > requestBytes && fits ? [{ kind: 'tier', toBytes }] : [];
}

/** Of gp2: 3 IOPS per GiB up to this many. AWS, EBS volume types, 2026-11. */
const GP2_MOST_IOPS = 16_000;
const GP2_IOPS_PER_GIB = 3;
/** MiB/s: up to 170 GiB gp2 has 128, larger ones up to 250. */
const GP2_SMALL_GIB = 170;
const GP2_MOST_THROUGHPUT = 250;

function typeAdvice({ requestBytes, constraints }: Observed, { priceOf }: RecommendRules): readonly Advice[] {
  if (constraints.volumeType !== 'gp2') return [];
  const gib = Number(requestBytes) / Number(GIB);
  const [now, then] = [priceOf('gp2'), priceOf('gp3')];
  return [
    {
      kind: 'gp3',
      iops: Math.max(GP3_IOPS, Math.min(GP2_MOST_IOPS, Math.ceil(gib * GP2_IOPS_PER_GIB))),
      throughputMib: gib > GP2_SMALL_GIB ? GP2_MOST_THROUGHPUT : GP3_THROUGHPUT,
      saves: now === undefined || then === undefined ? undefined : gib * (now - then),
    },
  ];
}
