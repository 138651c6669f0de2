/** How large a claim is to be from the beginning: the floors that others set for it, within the limits of its storage. */
import type { Claim } from './claim.ts';
import type { Constraints, Headroom } from './constraints.ts';
import type { Floor } from './floor.ts';
import { noGuards } from './guard/guards.ts';
import type { ResolvedSettings } from './policy/policy.ts';
import { larger, roundDown, roundUp } from './portion.ts';
import { readableBytes } from './readable.ts';

/** The least size that somebody wants, and who. */
export type Wish = Pick<Floor, 'bytes' | 'source'>;

export interface Beginning {
  readonly claim: Claim;
  readonly settings: ResolvedSettings;
  readonly constraints: Constraints;
  /** Besides the setting `initialSize`. */
  readonly floors: readonly Wish[];
  /** Largest size that the claim itself allows, bytes; undefined = it names none. */
  readonly limitBytes?: bigint | undefined;
  /** Its request is in what quotas have counted already; false for a claim that is not stored yet. */
  readonly counted?: boolean;
}

export type InitialSize =
  /** It asks for enough. */
  | { readonly kind: 'enough' }
  /** `short`: what keeps it below the floor; empty when nothing does. */
  | { readonly kind: 'sized'; readonly bytes: bigint; readonly floor: Wish; readonly short: string }
  /** It is left as it is, because more would be refused. */
  | { readonly kind: 'held'; readonly floor: Wish; readonly reason: string };

/** The largest floor counts; undefined: nobody sets one. */
export function floorOf(settings: Pick<ResolvedSettings, 'initialSize'>, others: readonly Wish[]): Wish | undefined {
  const { initialSize } = settings;
  const own = initialSize && { bytes: initialSize.value, source: `initialSize of ${initialSize.source.label}` };
  let largest: Wish | undefined = own;
  for (const floor of others) if (!largest || floor.bytes > largest.bytes) largest = floor;
  return largest;
}

/** Never less than what is asked for. */
export function planInitialSize(beginning: Beginning): InitialSize {
  const { claim, constraints, floors, settings } = beginning;
  const floor = floorOf(settings, floors);
  const { requestBytes } = claim;
  if (!floor || requestBytes <= 0n || floor.bytes <= requestBytes) return { kind: 'enough' };
  const { stepSize, minSize } = constraints.volume;
  const wanted = roundUp(larger(floor.bytes, minSize), stepSize);
  const ceiling = tightest(ceilingsOf(beginning));
  const capped = ceiling !== undefined && ceiling.bytes < wanted;
  const bytes = capped ? roundDown(ceiling.bytes, stepSize) : wanted;
  const short = capped ? `${ceiling.source} allows no more than ${readableBytes(ceiling.bytes)}` : '';
  if (bytes <= requestBytes) return capped ? { kind: 'held', floor, reason: short } : { kind: 'enough' };
  // A quota refuses the whole claim, and what is left of one is for others as well: no part of it is taken.
  const { quota } = constraints;
  const more = beginning.counted ? bytes - requestBytes : bytes;
  if (quota && more > quota.bytes) {
    return { kind: 'held', floor, reason: `${quota.source} has ${readableBytes(quota.bytes)} left` };
  }
  return { kind: 'sized', bytes, floor, short };
}

function ceilingsOf({ constraints, limitBytes, settings }: Beginning): readonly Headroom[] {
  const { guards = noGuards, provider, volume } = constraints;
  const { maxSize } = settings;
  const most = guards.limits.kind === 'known' ? guards.limits.value.most : undefined;
  return [
    ...(maxSize.value === 'unlimited' ? [] : [{ bytes: maxSize.value, source: `maxSize (${maxSize.source.label})` }]),
    ...(volume.maxSize === undefined ? [] : [{ bytes: volume.maxSize, source: `provider ${provider}` }]),
    ...(most ? [most] : []),
    ...(limitBytes === undefined ? [] : [{ bytes: limitBytes, source: 'the limit of the claim' }]),
  ];
}

function tightest(ceilings: readonly Headroom[]): Headroom | undefined {
  return ceilings.reduce<Headroom | undefined>(
    (least, each) => (!least || each.bytes < least.bytes ? each : least),
    undefined,
  );
}
