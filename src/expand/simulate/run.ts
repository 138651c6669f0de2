/**
 * One claim through time, decided by the very function that decides on a cluster. Instead of looking every minute it jumps
 * to the next moment at which the answer can be another one: a threshold is crossed, a cooldown ends, a window opens.
 */
import type { Claim } from '../claim.ts';
import type { Constraints } from '../constraints.ts';
import { decide } from '../decide.ts';
import type { Decision } from '../decision.ts';
import type { Rules } from '../facts.ts';
import { type Floor, ownOf } from '../floor.ts';
import { extendTrail, type Trail } from '../forecast/trail.ts';
import { type Trend, trendOf } from '../forecast/trend.ts';
import { emptyHistory, type Growth, HISTORY_LIMIT, type History } from '../history.ts';
import type { Resolution } from '../policy/policy.ts';
import { portionOf } from '../portion.ts';
import type { Sample } from '../usage/source.ts';
import { type Course, joined, type Step, violationsIn } from './course.ts';
import { type Curve, type Fullness, fullness, nextAtLeast, slopeWithin, valueAt } from './curve.ts';
import { trendOfLine } from './line-trend.ts';

export interface Scene {
  /** As it is at the beginning: Bound, its request granted. */
  readonly claim: Claim;
  readonly resolution: Resolution;
  readonly constraints: Constraints;
  readonly curve: Curve;
}

export interface Stage {
  readonly rules: Rules;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds between two measurements. */
  readonly everyMs: number;
  /** How long the storage takes to grow a volume, milliseconds. */
  readonly resizeMs: number;
  /** Looks at every measurement: slow, and the measure that the jumps are held to. */
  readonly everyMeasurement?: boolean;
  /** For one claim; more are refused. Default 1,000,000. */
  readonly mostDecisions?: number;
}

/** A claim that is looked at every minute of a year needs half as many. */
const MOST_DECISIONS = 1_000_000;

/** Between two looks for the reason `full-within`, which depends on the rate of growth and not on a size alone. */
const LOOK_AHEAD_MS = 30 * 60_000;

function tooMany({ key }: Claim, most: number): string {
  return `${key} needs more than ${most} decisions: measure less often (measuredEvery), or play a shorter time`;
}

/**
 * Invariant: `#claim` has what was granted at the next look; a growth under way is over before the next decision, so nobody
 * looks before `settledAt`.
 */
export class Run {
  readonly #scene: Scene;
  readonly #stage: Stage;
  readonly #steps: Step[] = [];
  #claim: Claim;
  #history: History = emptyHistory;
  #settledAt: number | undefined;
  #decisions = 0;
  #floor: Floor | undefined;
  #last: Decision | undefined;

  constructor(scene: Scene, stage: Stage) {
    this.#scene = scene;
    this.#stage = stage;
    this.#claim = scene.claim;
  }

  /** One decision after the other. */
  *rounds(): Generator<undefined, Course> {
    const { from, to } = this.#stage;
    let next = this.look(from);
    while (next !== undefined && next <= to) {
      yield;
      next = this.look(next);
    }
    return this.course();
  }

  /**
   * Decides, and does what was decided. Returns when the answer can be another one; undefined: it stays as it is. `floor`:
   * the size that others want for it at present.
   */
  look(now: number, floor?: Floor): number | undefined {
    const { mostDecisions: most = MOST_DECISIONS } = this.#stage;
    this.#floor = floor;
    this.#last = this.#decide(now);
    if (this.#decisions > most) throw new TypeError(tooMany(this.#claim, most));
    return this.#last.verdict.kind === 'Expand' ? this.#grow(this.#last, now) : this.#next(this.#last, now);
  }

  /** The claim and its history, as others see them: a growth under way was asked for, and not granted yet. */
  seenAt(now: number): { readonly claim: Claim; readonly history: History } {
    const last = this.#steps.at(-1);
    const capacityBytes = last && last.doneAt > now ? last.fromBytes : this.#claim.capacityBytes;
    return { claim: { ...this.#claim, capacityBytes }, history: this.#history };
  }

  /** Epoch ms at which the last growth is over; undefined: there was none. */
  get settledAt(): number | undefined {
    return this.#settledAt;
  }

  get requestBytes(): bigint {
    return this.#claim.requestBytes;
  }

  #decide(now: number): Decision {
    const { resolution, constraints } = this.#scene;
    const { rules } = this.#stage;
    this.#decisions += 1;
    const samples = this.#samples(now);
    const input = {
      claim: this.#claim,
      samples,
      sampleProblem: '',
      resolution,
      constraints,
      history: this.#history,
      rules,
      settledAt: this.#settledAt,
      movingSince: undefined,
      floor: this.#floor,
      now,
    };
    // A rate is dear to find, and says how far to grow, not whether; but for `full-within` it does.
    const likely = this.#looksAhead() || (!this.#stage.everyMeasurement && this.#isFilling(now));
    const first = decide(likely ? { ...input, trend: this.#trend(now) } : input);
    return likely || first.verdict.kind !== 'Expand' ? first : decide({ ...input, trend: this.#trend(now) });
  }

  /** As many as a threshold needs, the newest last. */
  #samples(now: number): readonly Sample[] {
    const { everyMs, from, rules } = this.#stage;
    const samples: Sample[] = [];
    for (let back = rules.breaches.value - 1; back >= 0; back -= 1) {
      const at = now - back * everyMs;
      if (at >= from && at > (this.#settledAt ?? Number.NEGATIVE_INFINITY)) samples.push(this.#sample(at));
    }
    return samples;
  }

  #sample(at: number): Sample {
    const { capacityBytes } = this.#claim;
    const wanted = BigInt(Math.round(valueAt(this.#scene.curve, at)));
    const usedBytes = wanted < capacityBytes ? wanted : capacityBytes;
    const { everyMs } = this.#stage;
    const availableBytes = capacityBytes - usedBytes;
    const rest = { inodes: undefined, origin: 'simulation', place: '', everyMs, abnormal: false };
    return { at, capacityBytes, availableBytes, usedBytes, ...rest };
  }

  #trend(now: number): Trend {
    const { rules, everyMs, from } = this.#stage;
    const windowMs = rules.forecastWindow.value;
    const since = Math.max(from, now - windowMs);
    const perMs = slopeWithin(this.#scene.curve, since, now);
    const limits = { samples: rules.forecastSamples.value, spanMs: rules.forecastSpan.value };
    const spacingMs = Math.max(everyMs, windowMs / 96);
    const points = Math.floor((now - since) / spacingMs) + 1;
    // On one line every slope is the same, and a full volume stores no more than fits.
    if (perMs !== undefined && valueAt(this.#scene.curve, now) < Number(this.#claim.capacityBytes)) {
      return trendOfLine(perMs, { points, spanMs: (points - 1) * spacingMs }, limits);
    }
    let trail: Trail | undefined;
    for (let at = now - (points - 1) * spacingMs; at <= now; at += spacingMs) {
      trail = extendTrail(trail, this.#sample(at), { windowMs, spacingMs });
    }
    return trail ? trendOf(trail, limits) : { points: 0, spanMs: 0, robust: undefined, recent: undefined };
  }

  /** Raises the request, and comes back when the storage has it. */
  #grow({ targetBytes, trigger, fill, baseBytes }: Decision, now: number): number | undefined {
    const { everyMs, resizeMs } = this.#stage;
    if (targetBytes === undefined || trigger === undefined) return undefined;
    const doneAt = now + resizeMs;
    this.#steps.push({ at: now, doneAt, fromBytes: baseBytes, toBytes: targetBytes, trigger });
    const growth: Growth = {
      at: now,
      fromBytes: baseBytes,
      toBytes: targetBytes,
      trigger,
      usableBytes: fill?.capacityBytes ?? 0n,
      inodes: undefined,
      origin: 'simulation',
      ...ownOf(trigger, this.#floor),
    };
    this.#history = { lastAt: now, growths: [...this.#history.growths, growth].slice(-HISTORY_LIMIT) };
    this.#claim = { ...this.#claim, requestBytes: targetBytes, capacityBytes: targetBytes };
    this.#settledAt = doneAt;
    return now + (Math.floor(resizeMs / everyMs) + 1) * everyMs;
  }

  /** When the answer can be another one; undefined: it stays as it is. */
  #next(decision: Decision, now: number): number | undefined {
    const { everyMs, everyMeasurement } = this.#stage;
    if (everyMeasurement) return now + everyMs;
    const at = this.#change(decision, now);
    const soon = this.#looksAhead() ? now + LOOK_AHEAD_MS : undefined;
    const next = at === undefined ? soon : Math.min(at, soon ?? at);
    return next === undefined ? undefined : now + Math.max(1, Math.ceil((next - now) / everyMs)) * everyMs;
  }

  #change({ verdict, next, fill }: Decision, now: number): number | undefined {
    switch (verdict.kind) {
      case 'Hold': {
        const level = this.#level();
        // At the threshold already, but not often enough: each measurement counts.
        if (fill && Number(fill.usedBytes) >= level) return now;
        const crossing = nextAtLeast(this.#scene.curve, now, level - 0.5);
        return crossing === undefined ? undefined : this.#breached(crossing, now);
      }
      case 'CoolingDown':
        return verdict.until;
      case 'Blocked':
        return next.at;
      // Only before the second measurement after a growth.
      case 'NoSample':
        return now;
      case 'AtMax':
      case 'Expand':
      case 'WouldExpand':
      case 'InProgress':
      case 'Stuck':
      case 'Ineffective':
      case 'Invalid':
      case 'Unmanaged':
        return undefined;
      default:
        return verdict satisfies never;
    }
  }

  /** The last of the measurements that a threshold needs, when all of them are at it; else the first, where it is crossed. */
  #breached(crossing: number, now: number): number {
    const { everyMs, rules } = this.#stage;
    const first = now + Math.ceil((crossing - now) / everyMs) * everyMs;
    const urgent = Number(portionOf(this.#claim.capacityBytes, rules.urgentRatio.value)) - 0.5;
    for (let count = 0; count < rules.breaches.value; count += 1) {
      const value = valueAt(this.#scene.curve, first + count * everyMs);
      // One measurement may be enough, or too few.
      if (value >= urgent || value < this.#level() - 0.5) return first;
    }
    return first + (rules.breaches.value - 1) * everyMs;
  }

  /** Bytes at which the space trigger is reached. */
  #level(): number {
    return Number(portionOf(this.#claim.capacityBytes, this.#scene.resolution.settings.threshold.value));
  }

  #isFilling(now: number): boolean {
    return valueAt(this.#scene.curve, now) >= this.#level() - 0.5;
  }

  #looksAhead(): boolean {
    return (this.#scene.resolution.settings.fullWithin?.value ?? 0) > 0;
  }

  /** Of all that was looked at. */
  course(): Course {
    const { curve, claim } = this.#scene;
    const last = this.#last ?? this.#decide(this.#stage.from);
    const { from, to } = this.#stage;
    let total: Fullness = { above95Ms: 0, fullMs: 0, fullAt: undefined, usedByteMs: 0 };
    let capacityByteMs = 0;
    let at = from;
    let bytes = claim.capacityBytes;
    for (const { doneAt, toBytes } of [...this.#steps, { doneAt: to, toBytes: 0n }]) {
      const until = Math.min(doneAt, to);
      if (until > at) {
        total = joined(total, fullness(curve, at, until, Number(bytes)));
        capacityByteMs += Number(bytes) * (until - at);
        at = until;
      }
      if (toBytes > 0n && doneAt <= to) bytes = toBytes;
    }
    return {
      ...total,
      claim: claim.key,
      steps: this.#steps,
      startBytes: claim.capacityBytes,
      endBytes: bytes,
      usedBytes: Math.min(valueAt(curve, to), Number(bytes)),
      capacityByteMs,
      violations: violationsIn(this.#steps, this.#scene),
      decisions: this.#decisions,
      last,
    };
  }
}
