/** Takes a request back that the storage driver calls impossible: the only write that ever lowers one (rule 9). */
import { isKubeError } from '../kube/error.ts';
import { kinds } from '../kube/kinds.ts';
import { pathOf } from '../kube/resource.ts';
import { say } from './announce.ts';
import { applyChange, FIELD_MANAGER } from './change.ts';
import { type GrowOptions, type GrowResult, growthName, type Intent, over, refuse } from './grow.ts';
import { otherWriters } from './guard/writers.ts';
import { type Growth, wholeSeconds } from './history.ts';
import { readableBytes } from './readable.ts';

/** From this minor on a request may be lowered to any size above the capacity (KEP-1790, general in 1.34). */
const LOWERING_SINCE = 34;
const TOO_OLD =
  'before 1.34 Kubernetes lets nobody lower a request: ask your storage for the size, or restore to a new claim';

/**
 * Looks at the API server's version and at who wrote the request first: what a person asked for is never lowered.
 * `lowering` remembers the answer about the version.
 */
export async function recover(
  options: GrowOptions,
  intent: Intent,
  { toBytes, lowering }: { readonly toBytes: bigint; readonly lowering: Lowering },
  signal: AbortSignal,
): Promise<GrowResult> {
  const { clock, bucket } = options;
  const { entry } = intent;
  const refusedMs = (entry.refusals?.untilMono ?? 0) - clock.monotonic();
  if (entry.refusals && refusedMs > 0) return over({ kind: 'again', afterMs: refusedMs, reason: 'refused before' });
  const waitMs = bucket.take();
  if (waitMs > 0) return over({ kind: 'again', afterMs: waitMs, reason: 'pace of writes' });
  const allowed = await lowering.allowed(signal);
  if (allowed === undefined) return over({ kind: 'retry', reason: 'the API server did not say its version' });
  if (!allowed) return stop(intent, TOO_OLD);
  const others = await othersOf(options, intent, signal);
  if (others === 'changed') return { kind: 'conflict' };
  return others.length > 0 ? yieldTo(others, options, intent) : lower(options, intent, toBytes, signal);
}

function yieldTo(others: readonly string[], { recorder }: GrowOptions, intent: Intent): GrowResult {
  const { entry, situation } = intent;
  const { requestBytes, capacityBytes } = situation.claim;
  const message = `${others.join(', ')} asked for ${readableBytes(requestBytes)} too, so Larder does not lower it`;
  say({ recorder, metrics: entry.metrics, subject: situation.object }, 'ForeignWriter', message);
  return stop(intent, `${message}: choose a size that the driver accepts, above ${readableBytes(capacityBytes)}`);
}

async function lower(options: GrowOptions, intent: Intent, toBytes: bigint, signal: AbortSignal): Promise<GrowResult> {
  const { clock, client, metrics } = options;
  const { history, situation } = intent;
  const refused = history.growths.at(-1);
  if (!refused) return over({ kind: 'done' });
  const fromBytes = situation.claim.requestBytes;
  const growth: Growth = { ...refused, at: clock.now(), fromBytes, toBytes, trigger: 'recovery' };
  metrics.count('pvc_chonker_api_requests_total', { verb: 'patch' });
  const result = await applyChange(client, { object: situation.object, history, growth }, signal);
  switch (result.kind) {
    case 'changed':
      lowered(options, intent, growth);
      return over({ kind: 'done' });
    case 'conflict':
      return { kind: 'conflict' };
    case 'gone':
      return over({ kind: 'done' });
    case 'throttled':
      return over({ kind: 'again', afterMs: result.afterMs, reason: 'the API server asked for patience' });
    case 'unanswered': // the claim tells the next time whether it was lowered
      return over({ kind: 'retry', reason: 'the API server did not answer', cause: result.cause });
    case 'refused':
      return over({ kind: 'again', afterMs: refuse(options, intent, result), reason: result.failure });
    default:
      return result satisfies never;
  }
}

/** Remembered until the claim is another one: `explain` says why nothing more is tried. */
function stop({ entry, log }: Intent, reason: string): GrowResult {
  entry.recoveryProblem = reason;
  log.warn({ reason: 'infeasible', detail: reason }, 'request not lowered');
  return over({ kind: 'done' });
}

function lowered(options: GrowOptions, { entry, situation, log }: Intent, { at, fromBytes, toBytes }: Growth): void {
  options.notebook.setTrack(entry, { ...entry.track, awaitedBytes: toBytes });
  entry.made ??= new Map();
  entry.made.set(wholeSeconds(at), options.clock.monotonic());
  const message = `lowered the request from ${readableBytes(fromBytes)} to ${readableBytes(toBytes)}, because the driver calls the larger one impossible`;
  say(
    { recorder: options.recorder, metrics: entry.metrics, subject: situation.object },
    'ExpansionInfeasible',
    message,
  );
  const sizes = { fromBytes: String(fromBytes), toBytes: String(toBytes) };
  log.info({ growth: growthName({ at }), ...sizes, reason: 'recovery' }, 'request lowered');
}

/** Who else wrote the request. Reads the whole object: what is kept of claims leaves out who wrote them. */
async function othersOf(
  { client, metrics }: GrowOptions,
  { situation }: Intent,
  signal: AbortSignal,
): Promise<readonly string[] | 'changed'> {
  const { namespace = '', name, resourceVersion } = situation.object.metadata;
  metrics.count('pvc_chonker_api_requests_total', { verb: 'get' });
  const path = pathOf(kinds.PersistentVolumeClaim, { namespace, name });
  const response = await client.request({ method: 'GET', path, headers: { accept: 'application/json' } }, { signal });
  const body: unknown = response.status === 200 ? JSON.parse(await response.text()) : undefined;
  if (response.status !== 200) await response.text();
  return otherWriters(body, { resourceVersion, own: FIELD_MANAGER });
}

/** Whether the API server lets a request be lowered; asked once, and again when it could not be found out (undefined). */
export interface Lowering {
  allowed(signal: AbortSignal): Promise<boolean | undefined>;
}

export function createLowering({ client }: Pick<GrowOptions, 'client'>): Lowering {
  let known: boolean | undefined;
  return {
    async allowed(signal) {
      known ??= await ask(client, signal);
      return known;
    },
  };
}

async function ask(client: GrowOptions['client'], signal: AbortSignal): Promise<boolean | undefined> {
  try {
    const response = await client.request({ method: 'GET', path: '/version', headers: {} }, { signal });
    const text = await response.text();
    const [, major = '0', minor = '0'] = /"major":\s*"(\d+)"[\s\S]*"minor":\s*"(\d+)/.exec(text) ?? [];
    if (response.status !== 200) return undefined;
    return Number(major) > 1 || Number(minor) >= LOWERING_SINCE;
  } catch (failure) {
    if (signal.aborted || !isKubeError(failure)) throw failure;
    return undefined; // nobody answered: asked again the next time
  }
}
