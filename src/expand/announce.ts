import type { EventRecorder } from '../kube/events.ts';
import type { ClaimMetrics } from './claim-metrics.ts';
import type { Decision, GateName } from './decision.ts';
import { type Notice, noticesOf } from './notices.ts';
import { type EventReason, events } from './registry.ts';

/** A level that counts in a metric when it is entered; some have an event as well (notices.ts). */
type LevelKey =
  | 'threshold/storage'
  | 'threshold/inodes'
  | 'max-size'
  | 'unhealthy/stuck'
  | 'unhealthy/ineffective'
  | 'unhealthy/unmeasured'
  | 'unhealthy/abnormal';

export interface Situated {
  readonly decision: Decision;
  /** The claim has had no trustworthy measurement for so long that a person should know. */
  readonly unmeasuredForLong: boolean;
  /** The kubelet calls the volume abnormal. */
  readonly abnormal: boolean;
  /** What the claim itself gives to say, beside the decision. */
  readonly other: Notice | undefined;
}

/** Everything that holds now. What was announced and is still in here is not announced again. */
export interface Levels {
  readonly notices: readonly Notice[];
  readonly counted: readonly LevelKey[];
}

export function levelsOf({ decision, unmeasuredForLong, abnormal, other }: Situated): Levels {
  const { verdict, reached } = decision;
  if (verdict.kind === 'Unmanaged') return { notices: [], counted: [] };
  const counted: LevelKey[] = [];
  if (reached.storage) counted.push('threshold/storage');
  if (reached.inodes) counted.push('threshold/inodes');
  if (verdict.kind === 'AtMax') counted.push('max-size');
  if (verdict.kind === 'Stuck') counted.push('unhealthy/stuck');
  if (verdict.kind === 'Ineffective') counted.push('unhealthy/ineffective');
  if (unmeasuredForLong) counted.push('unhealthy/unmeasured');
  if (abnormal) counted.push('unhealthy/abnormal');
  return { notices: other ? [...noticesOf(decision), other] : noticesOf(decision), counted };
}

export interface Voice {
  readonly recorder: EventRecorder;
  readonly metrics: ClaimMetrics;
  /** Any object with the claim's identity. */
  readonly subject: Parameters<EventRecorder['record']>[0];
}

/** Says what is new, and returns the keys of all that holds. */
export function announce(
  levels: Levels,
  announced: readonly string[],
  voice: Voice,
  decision: Decision,
): readonly string[] {
  const known = new Set(announced);
  for (const { key, event, message } of levels.notices) {
    if (!known.has(key)) say(voice, event, message);
  }
  for (const key of levels.counted) if (!known.has(key)) count(key, voice.metrics, decision);
  const holding: readonly string[] = [...levels.notices.map(({ key }) => key), ...levels.counted];
  // Not knowing is no change: what was announced before a gap in the measurements is not announced again after it.
  const kept = isUndecided(decision) ? [...new Set([...announced, ...holding])] : holding;
  return sameKeys(kept, announced) ? announced : kept;
}

export function say({ recorder, subject }: Voice, event: EventReason, message: string): void {
  recorder.record(subject, events[event].type, event, message);
}

function count(key: LevelKey, metrics: ClaimMetrics, { failure }: Decision): void {
  switch (key) {
    case 'threshold/storage':
      metrics.thresholdReached('storage');
      break;
    case 'threshold/inodes':
      metrics.thresholdReached('inodes');
      break;
    case 'max-size':
      metrics.maxSizeReached();
      break;
    case 'unhealthy/stuck':
    case 'unhealthy/ineffective':
      if (failure) metrics.failed(failure);
      metrics.unhealthy();
      break;
    case 'unhealthy/unmeasured':
    case 'unhealthy/abnormal':
      metrics.unhealthy();
      break;
    default:
      key satisfies never;
  }
}

/** Gates that say that a reason to grow was seen at least once. */
const reporting: ReadonlySet<GateName> = new Set(['storage', 'inodes', 'full-within']);

/** Without a measurement, or at a threshold that was not reached often enough yet. */
function isUndecided({ verdict, gates }: Decision): boolean {
  if (verdict.kind === 'NoSample') return true;
  const reached = gates.some(({ name, outcome }) => reporting.has(name) && outcome === 'pass');
  return verdict.kind === 'Hold' && reached;
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index]);
}

/** Whether a stuck or failing growth was announced. */
export function wasStuck(announced: readonly string[]): boolean {
  const key: LevelKey = 'unhealthy/stuck';
  return announced.includes(key);
}

/** Whether the claim is at one of its thresholds, as it was announced. */
export function isReached(announced: readonly string[]): boolean {
  const keys: readonly LevelKey[] = ['threshold/storage', 'threshold/inodes'];
  return keys.some((key) => announced.includes(key));
}
