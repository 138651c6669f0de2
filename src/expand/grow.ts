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
import { type Growth, HISTORY_LIMIT, type History, wholeSeconds } from './history.ts';
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
}

export interface Intent {
  readonly situation: Situation;
  readonly entry: Entry;
  readonly decision: Decision;
  readonly history: History;
  readonly log: Log;
}

/** `conflict`: the claim changed since it was read; the caller reads and decides again. */
export type GrowResult = { readonly kind: 'conflict' } | { readonly kind: 'outcome'; readonly outcome: Outcome };

const REFUSED_BASE_MS = 30_000;
const REFUSED_CAP_MS = 900_000;

/** Acts on a decision to expand: one write, unless the pace of writes or an earlier refusal says to wait. */
export async function grow(options: GrowOptions, intent: Intent, signal: AbortSignal): Promise<GrowResult> {
  const { clock, bucket, client, metrics } = options;
  const { entry } = intent;
  const change = changeOf(intent);
  if (!change) return over({ kind: 'done' });
  const refusedMs = (entry.refusals?.untilMono ?? 0) - clock.monotonic();
  if (entry.refusals && refusedMs > 0) return over({ kind: 'again', afterMs: refusedMs, reason: 'refused before' });
  const waitMs = bucket.take();
  if (waitMs > 0) return over({ kind: 'again', afterMs: waitMs, reason: 'pace of writes' });
  metrics.count('pvc_chonker_api_requests_total', { verb: 'patch' });
  return take(options, intent, { change, result: await applyChange(client, change, signal) });
}

function over(outcome: Outcome): GrowResult {
  return { kind: 'outcome', outcome };
}

function changeOf({ situation, decision, history }: Intent): Change | undefined {
  const { targetBytes, trigger, fill, baseBytes, at } = decision;
  const sample = fill && { usableBytes: fill.capacityBytes, inodes: fill.inodes, origin: fill.origin };
  if (targetBytes === undefined || trigger === undefined || !sample) return undefined;
  const growth: Growth = { at, fromBytes: baseBytes, toBytes: targetBytes, trigger, ...sample };
  return { object: situation.object, history, growth };
}

interface Attempt {
  readonly change: Change;
  readonly result: ChangeResult;
}

function take(options: GrowOptions, intent: Intent, { change, result }: Attempt): GrowResult {
  const { entry, situation, log } = intent;
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
    case 'refused': {
      const untilMs = refuse(options, entry);
      entry.metrics.failed(result.failure);
      const voice = { recorder: options.recorder, metrics: entry.metrics, subject: situation.object };
      say(voice, result.failure === 'quota' ? 'QuotaWouldBeExceeded' : 'ExpansionFailed', result.message);
      log.warn({ reason: result.failure, detail: result.message, waitMs: untilMs }, 'expansion refused');
      return over({ kind: 'again', afterMs: untilMs, reason: result.failure });
    }
    default:
      return result satisfies never;
  }
}

/** Pauses that grow with every refusal in a row, milliseconds; what was refused once is likely to be refused again. */
function refuse({ clock, random }: GrowOptions, entry: Entry): number {
  const count = (entry.refusals?.count ?? 0) + 1;
  const shorterMs = Math.min(REFUSED_CAP_MS, REFUSED_BASE_MS * 2 ** (count - 1));
  const waitMs = shorterMs / 2 + backoff(count - 1, random, { baseMs: REFUSED_BASE_MS / 2, capMs: REFUSED_CAP_MS / 2 });
  entry.refusals = { count, untilMono: clock.monotonic() + waitMs };
  return waitMs;
}

/** The API server has the new request. */
export function requested(options: GrowOptions, intent: Intent, growth: Growth): void {
  const { entry, situation, decision, log } = intent;
  const { fromBytes, toBytes, trigger } = growth;
  entry.doubt = undefined;
  entry.refusals = undefined;
  entry.made.set(wholeSeconds(growth.at), options.clock.monotonic());
  for (const stamp of [...entry.made.keys()].slice(0, -HISTORY_LIMIT)) entry.made.delete(stamp);
  options.notebook.setTrack(entry, { ...entry.track, awaitedBytes: toBytes });
  entry.stage = { startMono: options.clock.monotonic(), volumeDone: false };
  entry.metrics.requested(situation.constraints.provider);
  const message = `raised the request from ${readableBytes(fromBytes)} to ${readableBytes(toBytes)} (${thresholdText(decision)})`;
  say({ recorder: options.recorder, metrics: entry.metrics, subject: situation.object }, 'ExpansionRequested', message);
  log.info({ fromBytes: String(fromBytes), toBytes: String(toBytes), reason: trigger }, 'expansion requested');
}
