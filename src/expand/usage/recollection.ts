import type { Clock } from '../../telemetry/clock.ts';
import type { Rules } from '../facts.ts';
import { extendTrail, type Trail, type TrailRules, trailOf } from '../forecast/trail.ts';
import { type Trend, trendOf } from '../forecast/trend.ts';
import { type HistoryStore, KEPT_EVERY_MS, measuredOf, type Recorded } from './history.ts';
import type { Sample } from './source.ts';

/** What is known of one volume beyond the few samples that a threshold needs. */
export interface Memory {
  /** False: the history was not asked yet, and until then nothing is known. */
  recalled: boolean;
  trail: Trail | undefined;
  /** How fast it fills. */
  trend: Trend | undefined;
  /** The newest measurement that the history has. */
  kept: { readonly at: number; readonly usedBytes: bigint } | undefined;
}

/** So much of a volume filled or freed is kept at once: a curve that is drawn from one point in five minutes would show it late. */
const LEAP_SHARE = 10n;

/** Reading the history of ten thousand volumes after a restart takes seconds: so many at once, the others a pass later. */
const RECALLED_AT_ONCE = 1_000;

export const blankMemory = (): Memory => ({ recalled: false, trail: undefined, trend: undefined, kept: undefined });

/** Follows what is stored on each volume over hours, and hands it to the history. */
export class Recollection {
  readonly #history: HistoryStore;
  readonly #rules: Rules;
  readonly #clock: Clock;
  readonly #trailRules: TrailRules;
  #unkept: Recorded[] = [];
  #recalls = 0;

  constructor(options: { readonly history: HistoryStore; readonly rules: Rules; readonly clock: Clock }) {
    const { forecastWindow, forecastSpan, forecastSamples } = options.rules;
    this.#history = options.history;
    this.#rules = options.rules;
    this.#clock = options.clock;
    this.#trailRules = { windowMs: forecastWindow.value, spacingMs: forecastSpan.value / forecastSamples.value };
  }

  /** Adds a measurement of the volume with that uid. */
  follow(memory: Memory, uid: string, sample: Sample): void {
    if (!memory.recalled) this.#recall(memory, uid);
    if (!memory.recalled) return;
    const before = memory.trail;
    const trail = extendTrail(before, sample, this.#trailRules);
    if (!trail || trail === before) return;
    memory.trail = trail;
    if (trail.points !== before?.points || trail.cleanedAt !== before.cleanedAt) memory.trend = this.#trendOf(trail);
    const { kept } = memory;
    const usedBytes = sample.capacityBytes - sample.availableBytes;
    const soon = kept !== undefined && sample.at >= kept.at && sample.at - kept.at < KEPT_EVERY_MS;
    if (soon && !isLeap(usedBytes - kept.usedBytes, sample)) return;
    memory.kept = { at: sample.at, usedBytes };
    this.#unkept.push({ uid, at: sample.at, usedBytes, capacityBytes: sample.capacityBytes });
  }

  /** Hands over what is new. Called once for each pass. */
  flush(): void {
    this.#recalls = 0;
    this.#history.add(this.#unkept);
    this.#unkept = [];
  }

  #recall(memory: Memory, uid: string): void {
    if (this.#recalls >= RECALLED_AT_ONCE) return;
    this.#recalls += 1;
    const now = this.#clock.now();
    const known = this.#history.points(uid, now - this.#trailRules.windowMs, now);
    memory.recalled = true;
    memory.kept = known.at(-1);
    memory.trail = trailOf(known.map(measuredOf), this.#trailRules);
    memory.trend = memory.trail && this.#trendOf(memory.trail);
  }

  #trendOf(trail: Trail): Trend {
    const { forecastSamples, forecastSpan } = this.#rules;
    return trendOf(trail, { samples: forecastSamples.value, spanMs: forecastSpan.value });
  }
}

function isLeap(differenceBytes: bigint, { capacityBytes }: Sample): boolean {
  return (differenceBytes < 0n ? -differenceBytes : differenceBytes) * LEAP_SHARE >= capacityBytes;
}
