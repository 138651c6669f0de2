/**
 * What a policy would have done to its claims, by the usage that was recorded of them: each is played twice, under what
 * governs it at present and under what is proposed, by the very function that decides. It works in slices, so that the
 * process goes on with its own work, and ends early rather than late.
 */
import { type PVCPolicy, pvcPolicies } from '../../expand/api/pvc-policy.ts';
import type { Providers } from '../../expand/provider.ts';
import type { ResolvedConfiguration } from '../../expand/settings/configuration.ts';
import type { Prices } from '../../expand/simulate/outcome.ts';
import { type Cast, type Played, playerOf, type Script } from '../../expand/simulate/play.ts';
import {
  type RecordedClaim,
  type RecordedPoint,
  recordedCast,
  recordedStage,
} from '../../expand/simulate/recording.ts';
import { isObject } from '../../kube/reader.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Recording } from '../record.ts';
import type { WhatIfAnswer, Written } from './policy-api.ts';
import { CLAIMS_AT_MOST, MEASUREMENTS_AT_MOST, resting, TIME_AT_MOST_MS, TimeIsUp } from './what-if-bounds.ts';
import { Tally } from './what-if-tally.ts';

export interface Supposition {
  readonly namespace: string;
  readonly name: string;
  /** As it is to be; null: deleted. */
  readonly object: Written | null;
  /** Names of the claims that it is for, at present or as proposed. */
  readonly claims: ReadonlySet<string>;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly prices: Prices;
}

export interface WhatIfParts {
  readonly recording: Recording;
  /** Without look-ups in a cloud: what is played is past. */
  readonly providers: Providers;
  readonly configuration: ResolvedConfiguration;
  readonly clock: Clock;
}

/** Rejects with `signal.reason`. */
export async function whatIf(asked: Supposition, parts: WhatIfParts, signal: AbortSignal): Promise<WhatIfAnswer> {
  const { clock, recording } = parts;
  const { from, to, namespace } = asked;
  const rest = resting(clock, signal);
  const { head, objects, claims } = await recording.recording({ from, to }, signal);
  const chosen = claims.filter((claim) => claim.namespace === namespace && asked.claims.has(claim.name));
  const script = { configuration: parts.configuration, providers: parts.providers, stage: recordedStage(head) };
  const play = pairOf(
    playerOf({ ...script, objects }, rest),
    playerOf({ ...script, objects: withProposed(objects, asked) }, rest),
  );
  const tally = new Tally(asked.prices, asked);
  let measurements = 0;
  for (const claim of chosen.slice(0, CLAIMS_AT_MOST)) {
    signal.throwIfAborted();
    const { points, notes } = await recording.series(claim, { from, to }, signal);
    measurements += points.length;
    if (measurements > MEASUREMENTS_AT_MOST) return tally.answer(chosen.length, cutBySize(tally));
    tally.note(...notes);
    try {
      await rest();
      if (points.length === 0) tally.unmeasured();
      else await playOne(claim, points, { tally, play });
    } catch (failure) {
      if (!(failure instanceof TimeIsUp)) throw failure;
      return tally.answer(chosen.length, cutByTime(tally));
    }
  }
  const cut = chosen.length > CLAIMS_AT_MOST ? `only the first ${CLAIMS_AT_MOST} claims were played` : '';
  return tally.answer(chosen.length, cut);
}

async function playOne(
  claim: RecordedClaim,
  points: readonly RecordedPoint[],
  { tally, play }: { readonly tally: Tally; readonly play: Pair },
): Promise<void> {
  const played = await play(recordedCast(claim, points)).catch((failure: unknown) => {
    if (!(failure instanceof TypeError)) throw failure;
    tally.note(`not played: ${failure.message}`);
    return undefined;
  });
  if (played) tally.add(claim, ...played);
}

const cutByTime = ({ played }: Tally): string =>
  `cut off after ${TIME_AT_MOST_MS / 1_000} s and ${played} claims: look back less far for all of them`;
const cutBySize = ({ played }: Tally): string =>
  `cut off after ${MEASUREMENTS_AT_MOST.toLocaleString('en')} measurements of ${played} claims: look back less far for all of them`;

/** The same objects with the policy as it is to be. */
function withProposed(objects: Script['objects'], { namespace, name, object }: Supposition): Script['objects'] {
  const others = objects.filter(({ kind, metadata }) => {
    const at = isObject(metadata) ? metadata : {};
    return kind !== pvcPolicies.kind || at['namespace'] !== namespace || at['name'] !== name;
  });
  return object === null ? others : [...others, { ...object, metadata: { name, namespace } }];
}

type Player = (cast: Cast) => AsyncGenerator<Played>;
type Pair = (cast: Cast) => Promise<readonly [present: Played, proposed: Played] | undefined>;

function pairOf(present: Player, proposed: Player): Pair {
  return async (cast) => {
    const [one, other] = [await present(cast).next(), await proposed(cast).next()];
    return one.done || other.done ? undefined : [one.value, other.value];
  };
}

/** As it would be read. */
export function draftOf(object: Written, { namespace, name }: Pick<Supposition, 'namespace' | 'name'>): PVCPolicy {
  return pvcPolicies.project({ spec: object['spec'], metadata: { name, namespace } });
}
