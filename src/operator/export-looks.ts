/** How an export answered over the last day, in steps that take the same memory whether it is asked often or not. Pure. */

/** One look at an export. */
export interface ExportLook {
  /** Epoch ms. */
  readonly at: number;
  /** From the question to the answer, or until it was given up. */
  readonly tookMs: number;
  /** Why it did not answer; empty: it did. */
  readonly problem: string;
  /** Absent: it did not answer. */
  readonly freeBytes?: bigint;
}

/** All looks of one stretch of time. */
export interface LookStep {
  /** Of its first look, epoch ms. */
  readonly at: number;
  readonly looks: number;
  /** Those without an answer. */
  readonly missed: number;
  /** Of the slowest answer; 0: there was none. */
  readonly slowestMs: number;
  /** The last that was known in it. */
  readonly freeBytes: bigint | undefined;
}

/** It went down or came back. */
export interface HealthChange {
  /** Epoch ms. */
  readonly at: number;
  readonly up: boolean;
  /** Why it went down; empty when it came back. */
  readonly problem: string;
}

export interface ExportLooks {
  /** Undefined before the first look. */
  readonly last: ExportLook | undefined;
  /** Oldest first. */
  readonly steps: readonly LookStep[];
  /** Newest first. */
  readonly changes: readonly HealthChange[];
}

export const STEP_MS = 5 * 60_000;
const STEPS_AT_MOST = 288;
const CHANGES_AT_MOST = 50;

export const noLooks: ExportLooks = { last: undefined, steps: [], changes: [] };

export function withLook({ last, steps, changes }: ExportLooks, look: ExportLook): ExportLooks {
  const up = look.problem === '';
  const wasUp = last === undefined ? undefined : last.problem === '';
  const turned = wasUp === undefined ? !up : wasUp !== up;
  const change = { at: look.at, up, problem: look.problem };
  return {
    last: look,
    steps: withStep(steps, look),
    changes: turned ? [change, ...changes].slice(0, CHANGES_AT_MOST) : changes,
  };
}

function withStep(steps: readonly LookStep[], look: ExportLook): readonly LookStep[] {
  const answered = look.problem === '';
  const newest = steps.at(-1);
  // A clock that was set back goes on with the step that is there.
  const same = newest !== undefined && look.at - newest.at < STEP_MS;
  const before = same ? newest : { at: look.at, looks: 0, missed: 0, slowestMs: 0, freeBytes: undefined };
  const step: LookStep = {
    at: before.at,
    looks: before.looks + 1,
    missed: before.missed + (answered ? 0 : 1),
    slowestMs: answered ? Math.max(before.slowestMs, look.tookMs) : before.slowestMs,
    freeBytes: look.freeBytes ?? before.freeBytes,
  };
  return [...(same ? steps.slice(0, -1) : steps), step].slice(-STEPS_AT_MOST);
}
