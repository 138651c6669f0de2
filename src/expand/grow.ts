import { backoff } from '../kube/backoff.ts';
import type { Client } from '../kube/client.ts';
import type { Outcome } from '../kube/controller.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { say } from './announce.ts';
import { applyChange, type Change, type ChangeResult } from './change.ts';
import type { Decision } from './decision.ts';
import { ownOf } from './floor.ts';
import type { Restraints } from './guard/survey.ts';
import { formatTime, type Growth, HISTORY_LIMIT, type History, wholeSeconds } from './history.ts';
import type { Entry, Notebook } from './notebook.ts';
import { readableBytes } from './readable.ts';
import type { metrics as declared } from './registry.ts';
import type { Situation } from './situation.ts';
import { thresholdText } from './summary.ts';
import type { TokenBucket } from './token-bucket.ts';

export interface GrowOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: EventRecorder;
  readonly metrics: Metrics<typeof declared>;
  readonly bucket: TokenBucket;
  readonly notebook: Notebook;
  readonly restraints: Restraints;
  /** The pace of conditions of claims, apart from growth; undefined: this account may not write them. */
  readonly marks: TokenBucket | undefined;
}

export interface Intent {
  readonly situation: Situation;
  readonly entry: Entry;
  readonly decision: Decision;
  readonly history: History;
  /** To be asked for where something is said, not before. */
  readonly log: Log;
}

/** Its log is made when something is said, which is seldom: it costs as much as the whole decision. */
export function intentOf(parts: Omit<Intent, 'log'>, log: Log, reconcileId: string): Intent {
  const { namespace, name, uid } = parts.situation.claim;
  return {
    ...parts,
    get log() {
      return log.child({ controller: 'expander', namespace, name, uid, reconcileId });
    },
  };
}

/** `conflict`: the claim changed since it was read; the caller reads and decides again. */
export type GrowResult = { readonly kind: 'conflict' } | { readonly kind: 'outcome'; readonly outcome: Outcome };

const REFUSED_BASE_MS = 30_000;
const REFUSED_CAP_MS = 900_000;
/** Until the next look at a budget or a driver that another claim has just taken. */
const AGAIN_MS = 1_000;

/** Acts on a decision to expand: one write, unless the pace of writes or an earlier refusal says to wait. */
export async function grow(options: GrowOptions, intent: Intent, signal: AbortSignal): Promise<GrowResult> {
  const { clock, bucket, client, metrics } = options;
  const { entry } = intent;
  const change = changeOf(intent);
  if (!change) return over({ kind: 'done' });
  const refusedMs = (entry.refusals?.untilMono ?? 0) - clock.monotonic();
  if (entry.refusals && refusedMs > 0) return over({ kind: 'again', afterMs: refusedMs, reason: 'refused before' });
  const answer = await intent.situation.validate?.(change.growth.toBytes, signal);
  if (answer?.kind === 'no') {
    const message = `the storage takes no ${readableBytes(change.growth.toBytes)}: ${answer.reason}`;
    return take(options, intent, { change, result: { kind: 'refused', failure: 'too-large', message } });
  }
  const waitMs = bucket.take();
  if (waitMs > 0) return over({ kind: 'again', afterMs: waitMs, reason: 'pace of writes' });
  if (!enter(options, intent, change.growth)) {
    return over({ kind: 'again', afterMs: AGAIN_MS, reason: 'another claim was faster' });
  }
  metrics.count('pvc_chonker_api_requests_total', { verb: 'patch' });
  return take(options, intent, { change, result: await applyChange(client, change, signal) });
}

export function over(outcome: Outcome): GrowResult {
  return { kind: 'outcome', outcome };
}

/** Sets the bytes aside and takes the driver, in one turn, so that of two claims only one gets what is left. */
function enter({ restraints }: GrowOptions, { situation }: Intent, growth: Growth): boolean {
  const { key, namespace } = situation.claim;
  const { spending, circuits } = restraints;
  if (!spending.reserve(key, namespace, growth)) return false;
  const driver = situation.constraints.guards?.circuit?.driver;
  if (driver === undefined || circuits.ask(driver, key)) return true;
  spending.release(key);
  return false;
}

function leave({ restraints }: GrowOptions, { situation }: Intent): void {
  restraints.spending.release(situation.claim.key);
  restraints.circuits.withdraw(situation.claim.key);
}

function changeOf({ situation, decision, history }: Intent): Change | undefined {
  const { targetBytes, trigger, fill, baseBytes, at } = decision;
  if (targetBytes === undefined || trigger === undefined) return undefined;
  const sample = fill
    ? { usableBytes: fill.capacityBytes, inodes: fill.inodes, origin: fill.origin }
    : { usableBytes: 0n, inodes: undefined, origin: '' };
  const own = ownOf(trigger, situation.floor);
  const growth: Growth = { at, fromBytes: baseBytes, toBytes: targetBytes, trigger, ...sample, ...own };
  return { object: situation.object, history, growth };
}

interface Attempt {
  readonly change: Change;
  readonly result: ChangeResult;
}

function take(options: GrowOptions, intent: Intent, { change, result }: Attempt): GrowResult {
  const { entry } = intent;
  // Without an answer it may have been applied, and counts as if it had been.
  if (result.kind !== 'changed' && result.kind !== 'unanswered') leave(options, intent);
  switch (result.kind) {
    case 'changed':
      requested(options, intent, change.growth);
      return over({ kind: 'done' });
    case 'conflict':
      return { kind: 'conflict' };
    case 'gone':
      return over({ kind: 'done' });
    case 'throttled':
      return over({ kind: 'again', afterMs: result.afterMs, reason: 'the API server asked for patience' });
    case 'unanswered':
      entry.doubt = change.growth;
      entry.metrics.failed('unavailable');
      return over({ kind: 'retry', reason: 'the API server did not answer', cause: result.cause });
    case 'refused':
      return over({ kind: 'again', afterMs: refuse(options, intent, result), reason: result.failure });
    default:
      return result satisfies never;
  }
}

/** Tells of a refusal, and returns a pause that grows with every one in a row, milliseconds: what was refused once is likely to be refused again. */
export function refuse(
  options: GrowOptions,
  { entry, situation, decision, log }: Intent,
  { failure, message }: Extract<ChangeResult, { readonly kind: 'refused' }>,
): number {
  const { clock, random, recorder } = options;
  const count = (entry.refusals?.count ?? 0) + 1;
  const shorterMs = Math.min(REFUSED_CAP_MS, REFUSED_BASE_MS * 2 ** (count - 1));
  const waitMs = shorterMs / 2 + backoff(count - 1, random, { baseMs: REFUSED_BASE_MS / 2, capMs: REFUSED_CAP_MS / 2 });
  entry.refusals = { count, untilMono: clock.monotonic() + waitMs, forbidden: failure === 'forbidden' ? message : '' };
  entry.metrics.failed(failure);
  const voice = { recorder, metrics: entry.metrics, subject: situation.object };
  say(voice, failure === 'quota' ? 'QuotaWouldBeExceeded' : 'ExpansionFailed', message);
  const sample = sampleFields(decision);
  log.warn({ reason: failure, detail: message, waitMs, sample }, 'expansion refused');
  return waitMs;
}

/**
 * What ties the lines of one growth together, with the claim's uid: the stamp that stands in its annotations as well, so
 * that it is the same after a restart.
 */
export function growthName({ at }: Pick<Growth, 'at'>): string {
  return formatTime(at);
}

/** The measurement that a decision was made on; absent where it was made on none. */
function sampleFields({ fill }: Decision): object | undefined {
  if (!fill) return undefined;
  const { at, usedBytes, capacityBytes, source } = fill;
  return { at: formatTime(at), usedBytes: String(usedBytes), capacityBytes: String(capacityBytes), source };
}

/** The API server has the new request. */
export function requested(options: GrowOptions, intent: Intent, growth: Growth): void {
  const { entry, situation, decision, log } = intent;
  const { fromBytes, toBytes, trigger } = growth;
  entry.doubt = undefined;
  entry.refusals = undefined;
  entry.recoveryProblem = '';
  entry.made ??= new Map();
  entry.made.set(wholeSeconds(growth.at), options.clock.monotonic());
  for (const stamp of [...entry.made.keys()].slice(0, -HISTORY_LIMIT)) entry.made.delete(stamp);
  options.notebook.setTrack(entry, { ...entry.track, awaitedBytes: toBytes });
  entry.stage = { startMono: options.clock.monotonic(), volumeDone: false };
  entry.metrics.requested(situation.constraints.provider);
  const message = `raised the request from ${readableBytes(fromBytes)} to ${readableBytes(toBytes)} (${thresholdText(decision)})`;
  // In the place of the other: each growth has two events, whatever it is for.
  const event = trigger === 'group' ? 'GroupCoordinated' : 'ExpansionRequested';
  say({ recorder: options.recorder, metrics: entry.metrics, subject: situation.object }, event, message);
  const sizes = { fromBytes: String(fromBytes), toBytes: String(toBytes) };
  log.info(
    { growth: growthName(growth), ...sizes, reason: trigger, sample: sampleFields(decision) },
    'expansion requested',
  );
}
