/**
 * A drill is a row of steps, and what takes back what they did. The steps are held one after the other and timed; as soon as
 * one has begun to change something, the way back is gone whatever happens.
 */
import { messageOf } from '../../kube/error.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { DrillKind } from './gate.ts';

export type StepEnd =
  | { readonly kind: 'done'; readonly note?: string }
  /** The cluster did not do what it should. */
  | { readonly kind: 'failed'; readonly why: string }
  /** Something that the drill is not about got worse. */
  | { readonly kind: 'aborted'; readonly why: string };

export interface Step {
  readonly name: string;
  /** It changes something: what a person agrees to first. */
  readonly asks?: string;
  /** It changes something so small that nobody is asked. */
  readonly changes?: true;
  run(signal: AbortSignal): Promise<StepEnd>;
}

export interface Course {
  readonly kind: DrillKind;
  readonly nodeIds: readonly string[];
  readonly steps: readonly Step[];
  /** Each is tried, also after another failed, and also where nothing has to be taken back. */
  readonly back: readonly Step[];
}

export interface HeldStep {
  readonly step: string;
  readonly startedAt: string;
  readonly completedAt: string;
  readonly result: 'success' | 'failed' | 'skipped';
  readonly note?: string;
}

export interface Held {
  readonly result: 'success' | 'failed' | 'aborted';
  /** Why it is no success. */
  readonly why?: string;
  /** What could not be taken back. */
  readonly left: readonly string[];
  readonly startedAt: string;
  readonly completedAt: string;
  readonly steps: readonly HeldStep[];
}

export interface Holding {
  readonly clock: Clock;
  /** False: somebody said no. */
  agree(question: string): Promise<boolean>;
  onStep(name: string): void;
  onStepEnd(step: HeldStep): void;
  readonly signal: AbortSignal;
}

type Outcome = { readonly end: StepEnd; readonly changed: boolean };

export async function holdCourse(course: Course, holding: Holding): Promise<Held> {
  const { clock } = holding;
  const startedAt = at(clock);
  const steps: HeldStep[] = [];
  const keep = (step: HeldStep): void => {
    steps.push(step);
    holding.onStepEnd(step);
  };
  const { end, changed } = await forwards(course.steps, holding, keep);
  const left: string[] = [];
  for (const step of changed ? course.back : []) {
    // Never stopped by a signal: what was stopped must run again.
    const told = await timed(step, { ...holding, signal: new AbortController().signal });
    keep(told.step);
    if (told.end.kind !== 'done') left.push(`${step.name}: ${told.end.why}`);
  }
  const times = { startedAt, completedAt: at(clock), steps, left };
  const result = end.kind === 'done' ? (left.length === 0 ? 'success' : 'failed') : end.kind;
  if (result === 'success') return { ...times, result };
  return { ...times, result, why: end.kind === 'done' ? left.join('; ') : end.why };
}

async function forwards(steps: readonly Step[], holding: Holding, keep: (step: HeldStep) => void): Promise<Outcome> {
  let changed = false;
  for (const step of steps) {
    if (holding.signal.aborted) return { end: { kind: 'aborted', why: 'it was stopped' }, changed };
    if (step.asks !== undefined && !(await holding.agree(step.asks)))
      return { end: { kind: 'aborted', why: `nobody agreed to: ${step.asks}` }, changed };
    changed ||= step.asks !== undefined || step.changes === true;
    const { end, step: held } = await timed(step, holding);
    keep(held);
    if (end.kind !== 'done') return { end, changed };
  }
  return { end: { kind: 'done' }, changed };
}

async function timed(step: Step, { clock, onStep, signal }: Holding): Promise<{ end: StepEnd; step: HeldStep }> {
  onStep(step.name);
  const startedAt = at(clock);
  const end = await step.run(signal).catch((cause: unknown): StepEnd => {
    if (signal.aborted) return { kind: 'aborted', why: 'it was stopped' };
    return { kind: 'failed', why: messageOf(cause) };
  });
  const note = end.kind === 'done' ? end.note : end.why;
  const times = { step: step.name, startedAt, completedAt: at(clock) };
  const result = end.kind === 'done' ? 'success' : 'failed';
  return { end, step: { ...times, result, ...(note === undefined ? {} : { note }) } };
}

function at(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
