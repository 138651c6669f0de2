/**
 * What a policy would have done to its claims, by the usage that was recorded of them: each is played twice, under what
 * governs it at present and under what is proposed, by the very function that decides. It works in slices, so that the
 * process goes on with its own work, and ends early rather than late.
 */
import { type PVCPolicy, pvcPolicies } from '../../expand/api/pvc-policy.ts';
import type { Providers } from '../../expand/provider.ts';
import type { ResolvedConfiguration } from '../../expand/settings/configuration.ts';
import { added, nothingYet, type Outcome, outcomeOf, type Prices, type Total } from '../../expand/simulate/outcome.ts';
import { type Cast, type Played, playerOf, type Script } from '../../expand/simulate/play.ts';
import {
  type RecordedClaim,
  type RecordedPoint,
  recordedCast,
  recordedStage,
} from '../../expand/simulate/recording.ts';
import type { Rest } from '../../expand/simulate/simulate.ts';
import { isObject } from '../../kube/reader.ts';
import { type Clock, sleep } from '../../telemetry/clock.ts';
import type { Recording } from '../record.ts';
import type { Fared, WhatIfAnswer, WhatIfRow, WhatIfTotal, Written } from './policy-api.ts';

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
  readonly prices: Readonly<Record<string, number>>;
}

export interface WhatIfParts {
  readonly recording: Recording;
  /** Without look-ups in a cloud: what is played is past. */
  readonly providers: Providers;
  readonly configuration: ResolvedConfiguration;
  readonly clock: Clock;
}

const CLAIMS_AT_MOST = 1_000;
const MEASUREMENTS_AT_MOST = 5_000_000;
const TIME_AT_MOST_MS = 20_000;
const ROWS_AT_MOST = 100;
/** So long it computes before everything else has its turn. */
const SLICE_MS = 8;
const REST_MS = 2;

/** Rejects with `signal.reason`. */
export async function whatIf(asked: Supposition, parts: WhatIfParts, signal: AbortSignal): Promise<WhatIfAnswer> {
  const { clock, recording } = parts;
  const { from, to, namespace } = asked;
  const deadline = clock.monotonic() + TIME_AT_MOST_MS;
  const { head, objects, claims } = await recording.recording({ from, to }, signal);
  const chosen = claims.filter((claim) => claim.namespace === namespace && asked.claims.has(claim.name));
  const script = { configuration: parts.configuration, providers: parts.providers, stage: recordedStage(head) };
  const rest = resting({ clock, deadline }, signal);
  const play = pairOf(
    playerOf({ ...script, objects }, rest),
    playerOf({ ...script, objects: withProposed(objects, asked) }, rest),
  );
  const tally = new Tally({ perType: asked.prices, currency: '' }, to - from);
  let measurements = 0;
  for (const claim of chosen.slice(0, CLAIMS_AT_MOST)) {
    signal.throwIfAborted();
    const { points, notes } = await recording.series(claim, { from, to }, signal);
    measurements += points.length;
    if (measurements > MEASUREMENTS_AT_MOST) return tally.answer(asked, chosen.length, cutBySize(tally));
    tally.note(notes);
    try {
      await rest();
      await tally.play(claim, points, play);
    } catch (failure) {
      if (!(failure instanceof TimeIsUp)) throw failure;
      return tally.answer(asked, chosen.length, cutByTime(tally));
    }
  }
  const cut = chosen.length > CLAIMS_AT_MOST ? `only the first ${CLAIMS_AT_MOST} claims were played` : '';
  return tally.answer(asked, chosen.length, cut);
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

/** Also in the middle of a claim. */
class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';
}

interface Bounds {
  readonly clock: Clock;
  readonly deadline: number;
}

/** Computes for a slice, then lets the others work; ends in time, and when nobody waits for it any more. */
function resting({ clock, deadline }: Bounds, signal: AbortSignal): Rest {
  let end = clock.monotonic() + SLICE_MS;
  return () => {
    const now = clock.monotonic();
    if (now >= deadline) throw new TimeIsUp();
    if (now < end) return undefined;
    return sleep(clock, REST_MS, signal).then(() => {
      end = clock.monotonic() + SLICE_MS;
    });
  };
}

type Player = (cast: Cast) => AsyncGenerator<Played>;
type Pair = (cast: Cast) => Promise<readonly [present: Played, proposed: Played] | undefined>;

function pairOf(present: Player, proposed: Player): Pair {
  return async (cast) => {
    const [one, other] = [await present(cast).next(), await proposed(cast).next()];
    return one.done || other.done ? undefined : [one.value, other.value];
  };
}

/** What came of those that were played so far. */
class Tally {
  readonly #prices: Prices;
  readonly #spanMs: number;
  readonly #notes = new Set<string>();
  readonly #rows: WhatIfRow[] = [];
  readonly #present = new Sum();
  readonly #proposed = new Sum();
  #unmeasured = 0;

  constructor(prices: Prices, spanMs: number) {
    this.#prices = prices;
    this.#spanMs = spanMs;
  }

  get played(): number {
    return this.#rows.length;
  }

  note(notes: readonly string[]): void {
    for (const note of notes) this.#notes.add(note);
  }

  async play(claim: RecordedClaim, points: readonly RecordedPoint[], pair: Pair): Promise<void> {
    if (points.length === 0) {
      this.#unmeasured += 1;
      return;
    }
    const played = await pair(recordedCast(claim, points)).catch((failure: unknown) => {
      if (!(failure instanceof TypeError)) throw failure;
      this.#notes.add(`not played: ${failure.message}`);
      return undefined;
    });
    if (!played) return;
    const [present, proposed] = played.map(({ course, situation }) => ({
      outcome: outcomeOf(course, situation, this.#spanMs, this.#prices),
      decisions: course.decisions,
    }));
    if (!present || !proposed) return;
    this.#present.add(present.outcome, present.decisions);
    this.#proposed.add(proposed.outcome, proposed.decisions);
    const row = { claim: claim.name, present: faredOf(present.outcome), proposed: faredOf(proposed.outcome) };
    this.#rows.push(row);
  }

  answer({ from, to }: Supposition, matched: number, cut: string): WhatIfAnswer {
    return {
      from,
      to,
      matched,
      played: this.played,
      unmeasured: this.#unmeasured,
      present: this.#present.total(),
      proposed: this.#proposed.total(),
      claims: this.#rows.toSorted(byDifference).slice(0, ROWS_AT_MOST),
      cut,
      notes: [...this.#notes],
    };
  }
}

/** Invariant: `#total` and the figures beside it are of the same claims. */
class Sum {
  #total: Total = nothingYet;
  #grown = 0;
  #grownBytes = 0n;

  add(outcome: Outcome, decisions: number): void {
    this.#total = added(this.#total, outcome, decisions);
    if (outcome.steps === 0) return;
    this.#grown += 1;
    this.#grownBytes += outcome.endBytes - outcome.startBytes;
  }

  total(): WhatIfTotal {
    const { steps, endBytes, everFull, fullMs, cost } = this.#total;
    return {
      grown: this.#grown,
      grownBytes: this.#grownBytes.toString(),
      growths: steps,
      endBytes: endBytes.toString(),
      everFull,
      fullMs,
      ...(cost === undefined ? {} : { cost }),
    };
  }
}

function faredOf({ startBytes, endBytes, steps, fullMs, above95Ms, cost, verdict }: Outcome): Fared {
  return {
    startBytes: startBytes.toString(),
    endBytes: endBytes.toString(),
    growths: steps,
    fullMs,
    above95Ms,
    ...(cost === undefined ? {} : { cost }),
    verdict,
  };
}

/** Where the two differ in what a person feels: full, then size, then how often it was changed. */
function byDifference(one: WhatIfRow, other: WhatIfRow): number {
  const apart = ({ present, proposed }: WhatIfRow): readonly [number, number, number] => [
    Math.abs(proposed.fullMs - present.fullMs),
    Math.abs(Number(proposed.endBytes) - Number(present.endBytes)),
    Math.abs(proposed.growths - present.growths),
  ];
  const [a, b] = [apart(one), apart(other)];
  return b[0] - a[0] || b[1] - a[1] || b[2] - a[2] || (one.claim < other.claim ? -1 : 1);
}

/** As it would be read. */
export function draftOf(object: Written, { namespace, name }: Pick<Supposition, 'namespace' | 'name'>): PVCPolicy {
  return pvcPolicies.project({ spec: object['spec'], metadata: { name, namespace } });
}
