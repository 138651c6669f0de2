/** Carries a change out: object by object, in order, until one fails or somebody says stop. */
import { messageOf } from '../../kube/error.ts';
import type { Client } from '../../kube/index.ts';
import { type Clock, sleep } from '../../telemetry/clock.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { applyObject, resourceOf, whereOf } from './compare.ts';
import { type Comparison, changeOf } from './comparison.ts';
import type { Applied, Journal } from './journal.ts';
import { idOf, type JsonObject, listAt, textAt } from './manifest.ts';
import { inOrder, isDefinition } from './order.ts';

export interface PerformOptions {
  readonly client: Client;
  /** As it was when the objects were compared. */
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly force: boolean;
  /** What may stand in a message. */
  readonly mask: (text: string) => string;
  readonly onApplied: (applied: Applied) => void;
  /** Nothing is begun after it; what is under way is waited for, so that its outcome is known. */
  readonly signal?: AbortSignal;
}

/** In the order in which it is carried out: made and changed first, then removed, the last made first. */
export function sequence(comparisons: readonly Comparison[]): readonly Comparison[] {
  const ordered = inOrder(comparisons.map((comparison) => ({ ...comparison.manifest, comparison })));
  const all = ordered.map(({ comparison }) => comparison);
  const removed = all.filter(({ outcome }) => outcome.kind === 'to-delete').reverse();
  return [...all.filter(({ outcome }) => outcome.kind !== 'to-delete'), ...removed];
}

/** One entry per comparison, in their order; never rejects because of an object. */
export async function perform(
  comparisons: readonly Comparison[],
  options: PerformOptions,
): Promise<readonly Applied[]> {
  const { clock, journal, signal } = options;
  const result: Applied[] = [];
  let stopped = false;
  for (const [index, comparison] of comparisons.entries()) {
    const id = idOf(comparison.manifest);
    if (stopped || signal?.aborted) {
      result.push({ ...id, outcome: 'not-tried' });
      continue;
    }
    journal.sent(index, timeOf(clock));
    const answer = await applyOne(comparison, options);
    journal.answered(index, timeOf(clock), answer);
    result.push({ ...id, ...answer });
    options.onApplied({ ...id, ...answer });
    stopped = answer.outcome === 'failed';
  }
  return result;
}

function timeOf(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

type Answer = Pick<Applied, 'outcome' | 'resourceVersion' | 'message'>;

async function applyOne(comparison: Comparison, options: PerformOptions): Promise<Answer> {
  try {
    return comparison.outcome.kind === 'to-delete' ? await remove(comparison, options) : await put(comparison, options);
  } catch (cause) {
    return {
      outcome: 'failed',
      message: options.mask(messageOf(cause)).slice(0, LONGEST),
    };
  }
}
/** A message in a record is no longer than this. */
const LONGEST = 2000;

async function put(comparison: Comparison, options: PerformOptions): Promise<Answer> {
  const { manifest, live } = comparison;
  const resource = await servedResource(comparison, options);
  const { client } = options;
  // A new object has no fields of others; one that somebody made since the look has, and is not taken over.
  const force = options.force && live !== undefined;
  const object = await applyObject(manifest, resource, { client, force, dryRun: false, state: live });
  if (isDefinition(manifest)) await established(comparison, resource, options);
  const change = changeOf({ ...comparison, outcome: { kind: 'merged', after: object } });
  const outcome = change === 'created' || change === 'unchanged' ? change : 'configured';
  return { outcome, resourceVersion: textAt(object, 'metadata', 'resourceVersion') };
}

async function remove(comparison: Comparison, options: PerformOptions): Promise<Answer> {
  const { manifest, live } = comparison;
  if (live === undefined) return { outcome: 'unchanged' };
  const resource = await servedResource(comparison, options);
  const { uid, resourceVersion } = live;
  await options.client.delete(resource, whereOf(manifest, resource), {
    preconditions: { uid, resourceVersion },
    propagationPolicy: 'Background',
  });
  return { outcome: 'deleted' };
}

const WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** A kind that a definition has just brought is served a moment later. */
async function servedResource(
  { manifest }: Comparison,
  options: PerformOptions,
): Promise<ReturnType<typeof resourceOf>> {
  const { client, clock, catalog } = options;
  const known = catalog.of(manifest);
  if (known.kind === 'served') return resourceOf(manifest, known.plural, known.namespaced);
  const startMs = clock.monotonic();
  for (;;) {
    const served = (await readCatalog(client, [manifest])).of(manifest);
    if (served.kind === 'served') return resourceOf(manifest, served.plural, served.namespaced);
    const why = served.kind === 'unknown' ? served.why : `${manifest.kind} is not served yet`;
    if (clock.monotonic() - startMs > LONGEST_WAIT_MS) throw new Error(why);
    await sleep(clock, WAIT_MS);
  }
}

/** Until then its objects are refused. */
async function established(
  { manifest }: Comparison,
  resource: ReturnType<typeof resourceOf>,
  { client, clock }: PerformOptions,
): Promise<void> {
  const startMs = clock.monotonic();
  for (;;) {
    const { whole } = await client.get(resource, { name: manifest.name });
    if (conditionOf(whole, 'Established') === 'True') return;
    if (clock.monotonic() - startMs > LONGEST_WAIT_MS)
      throw new Error(
        `the definition ${manifest.name} was stored, and the API server does not serve it after ${LONGEST_WAIT_MS / 1000} s`,
      );
    await sleep(clock, WAIT_MS);
  }
}

function conditionOf(object: JsonObject, type: string): string {
  const condition = listAt(object, 'status', 'conditions').find((each) => textAt(each, 'type') === type);
  return textAt(condition, 'status');
}
