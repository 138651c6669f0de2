/** The last day of an export as a row of marks. Pure. */
import type { ExportDetail } from '../../src/operator/console/export-detail.ts';

export interface Mark {
  /** 0 at the left, 1 at the right. */
  readonly left: number;
  readonly width: number;
  /** Of the height, by how slow the slowest answer was; 1 where it did not answer. */
  readonly height: number;
  readonly tone: 'ok' | 'warn' | 'danger';
}

const DAY_MS = 24 * 3_600_000;
const STEP_MS = 5 * 60_000;
/** From here on an answer is called slow: a pod that opens a file waits as long. */
const SLOW_MS = 1_000;
const LEAST = 0.12;

/** `now`: epoch ms, the right end. */
export function marksOf(steps: ExportDetail['steps'], now: number): readonly Mark[] {
  return steps.flatMap(({ at, looks, missed, slowestMs }) => {
    const left = 1 - (now - at) / DAY_MS;
    if (left < -STEP_MS / DAY_MS || looks === 0) return [];
    const down = missed > 0;
    const height = down ? 1 : Math.max(LEAST, Math.min(1, Math.log10(1 + slowestMs) / Math.log10(1 + SLOW_MS * 5)));
    const tone = down ? 'danger' : slowestMs >= SLOW_MS ? 'warn' : 'ok';
    return [{ left: Math.max(0, left), width: STEP_MS / DAY_MS, height, tone }];
  });
}

export interface HealthFigures {
  readonly looks: number;
  readonly missed: number;
  readonly slowestMs: number;
}

export function figuresOf(steps: ExportDetail['steps']): HealthFigures {
  return steps.reduce(
    (sum, { looks, missed, slowestMs }) => ({
      looks: sum.looks + looks,
      missed: sum.missed + missed,
      slowestMs: Math.max(sum.slowestMs, slowestMs),
    }),
    { looks: 0, missed: 0, slowestMs: 0 },
  );
}
