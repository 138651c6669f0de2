import { type Clock, type Random, sleep, withDeadline } from '../../telemetry/clock.ts';
import { ExpandError } from '../registry.ts';
import { METRICS_PATH, parseExposition } from './exposition.ts';
import type { Collection, Reading, Subject, UsageSource } from './source.ts';
import { parseSummary, SUMMARY_PATH } from './summary.ts';

export interface KubeletUsageOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** GETs a path of a node's kubelet; rejects for anything but an answer with status 200. */
  fetch(node: string, path: string, signal: AbortSignal): Promise<string>;
  /** Milliseconds for both attempts on one node; default 10,000. */
  readonly timeoutMs?: number;
  /** Each node is asked at a random moment within this time, so that a large cluster does not answer at once; default 0. */
  readonly spreadMs?: number;
  /** Nodes that are asked at the same time; default 32. */
  readonly parallel?: number;
}

const SHARED = 'a kubelet reports the whole export for a directory on it';

/**
 * Asks the kubelet of every node that runs a pod with a subject: one request per node. A node that fails, hangs or
 * talks nonsense costs its own volumes their sample and nobody else's.
 */
export function createKubeletUsage(options: KubeletUsageOptions): UsageSource {
  const { parallel = 32 } = options;
  return {
    name: 'kubelet',
    async collect(collection, signal) {
      const byNode = new Map<string, Pending[]>();
      for (const subject of collection.subjects) {
        if (subject.sharesFilesystem) refuse(collection, subject, SHARED);
        else if (subject.nodes.length === 0) refuse(collection, subject, 'no running pod mounts it');
        else enlist(subject, byNode);
      }
      const queue = [...byNode];
      const worker = async (): Promise<void> => {
        for (let entry = queue.shift(); entry; entry = queue.shift()) {
          await askNode(options, { collection, node: entry[0], pending: entry[1] }, signal);
        }
      };
      await Promise.all(Array.from({ length: Math.min(parallel, queue.length) }, worker));
    },
  };
}

/** A subject that some nodes have not answered for yet. Delivered once: by its first sample, or by the last refusal. */
interface Pending {
  readonly subject: Subject;
  nodesLeft: number;
  readonly reasons: string[];
  delivered: boolean;
}

function refuse({ deliver }: Collection, { key }: Subject, reason: string): void {
  deliver({ kind: 'none', key, reason, final: false });
}

function enlist(subject: Subject, byNode: Map<string, Pending[]>): void {
  const nodes = new Set(subject.nodes);
  const pending: Pending = { subject, nodesLeft: nodes.size, reasons: [], delivered: false };
  for (const node of nodes) {
    const list = byNode.get(node) ?? [];
    list.push(pending);
    byNode.set(node, list);
  }
}

interface NodeTask {
  readonly collection: Collection;
  readonly node: string;
  readonly pending: readonly Pending[];
}

async function askNode(options: KubeletUsageOptions, task: NodeTask, signal: AbortSignal): Promise<void> {
  const { clock, random, spreadMs = 0 } = options;
  const { node, collection } = task;
  let readings: ReadonlyMap<string, Reading> = new Map();
  let failure = '';
  let startedMs = clock.monotonic();
  try {
    if (spreadMs > 0) await sleep(clock, random.next() * spreadMs, signal);
    startedMs = clock.monotonic();
    readings = await readNode(options, node, signal);
  } catch (cause) {
    failure = `node ${node}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
  const durationMs = clock.monotonic() - startedMs;
  collection.scraped?.({ node, kind: failure === '' ? 'ok' : 'failed', reason: failure, durationMs });
  for (const pending of task.pending) {
    const missing = failure || `node ${node}: the kubelet does not report this volume`;
    const { key } = pending.subject;
    settle(pending, readings.get(key) ?? { kind: 'none', key, reason: missing, final: false }, collection);
  }
}

function settle(pending: Pending, reading: Reading, { deliver }: Collection): void {
  pending.nodesLeft -= 1;
  if (pending.delivered) return;
  if (reading.kind === 'sample') {
    pending.delivered = true;
    deliver(reading);
    return;
  }
  pending.reasons.push(reading.reason);
  if (pending.nodesLeft > 0) return;
  pending.delivered = true;
  deliver({ ...reading, reason: pending.reasons.join('; ') });
}

/** The Summary API, and where it is not served or not readable, the metrics. Rejects with the reason of both. */
async function readNode(
  { clock, fetch, timeoutMs = 10_000 }: KubeletUsageOptions,
  node: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Reading>> {
  const work = async (inner: AbortSignal): Promise<ReadonlyMap<string, Reading>> => {
    let first: string;
    try {
      const readings = parseSummary(await fetch(node, SUMMARY_PATH, inner), node, clock.now());
      if (readings) return readings;
      first = `${SUMMARY_PATH} is not a summary`;
    } catch (cause) {
      if (inner.aborted) throw cause;
      first = cause instanceof Error ? cause.message : String(cause);
    }
    const readings = parseExposition(await fetch(node, METRICS_PATH, inner), node, clock.now());
    if (readings) return readings;
    throw new ExpandError('LARDER_EXPAND_USAGE_MALFORMED', `${first}; ${METRICS_PATH} is cut off or not metrics`);
  };
  return withDeadline(clock, 'the kubelet', timeoutMs, work, signal);
}
