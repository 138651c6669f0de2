import { messageOf } from '../../kube/error.ts';
import { type Clock, type Random, sleep, withDeadline } from '../../telemetry/clock.ts';
import { ExpandError } from '../registry.ts';
import { METRICS_PATH, parseExposition } from './exposition.ts';
import { kubeletOf } from './figures.ts';
import { type Collection, type Reading, type SourceHealth, type Subject, type UsageSource, unseen } from './source.ts';
import { parseSummary, SUMMARY_PATH } from './summary.ts';

export interface KubeletUsageOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** GETs a path of a node's kubelet; rejects for anything but an answer with status 200. */
  fetch(node: string, path: string, signal: AbortSignal): Promise<string>;
  /** How often kubelets measure volumes, milliseconds; a node that answered is not asked again before. Default 60,000. */
  readonly intervalMs?: number;
  /** Milliseconds for both attempts on one node; default 10,000. */
  readonly timeoutMs?: number;
  /** Nodes are asked spread over this time, so that a large cluster does not answer at once; default 0. */
  readonly spreadMs?: number;
  /** Nodes that are asked at the same time; default 32. */
  readonly parallel?: number;
}

/** Looks at the volumes are up to a tenth early (see controller.ts), and are then not late by a whole one. */
const EARLY = 0.85;

/**
 * Asks the kubelet of every node that runs a pod with a subject: one request per node. A node that fails, hangs or
 * talks nonsense costs its own volumes their sample and nobody else's: those that failed last time are asked last.
 */
export function createKubeletUsage(options: KubeletUsageOptions): UsageSource {
  const { clock, random, intervalMs = INTERVAL_MS, spreadMs = 0, parallel = 32 } = options;
  let nodes = new Map<string, NodeMemory>();
  return {
    name: 'kubelet',
    health: () => healthOf([...nodes.values()]),
    async collect(collection, signal) {
      const byNode = new Map<string, Pending[]>();
      for (const subject of collection.subjects) {
        const reason = unseen(subject);
        if (reason === undefined) enlist(subject, byNode);
        else collection.deliver({ kind: 'none', key: subject.key, reason, final: false });
      }
      const startMono = clock.monotonic();
      const known = nodes;
      nodes = new Map();
      const queue: NodeTask[] = [];
      for (const [node, pending] of byNode) {
        const memory = known.get(node) ?? { dueMs: spreadMs * random.next(), last: undefined, failure: '' };
        nodes.set(node, memory);
        const task = { collection, node, pending, memory, dueMono: startMono + memory.dueMs };
        const { last, dueMs } = memory;
        if (!last || startMono + dueMs - last.dueMono >= EARLY * intervalMs) {
          queue.push(task);
          continue;
        }
        collection.scraped?.({ node, kind: 'kept', reason: '', durationMs: 0 });
        answer(task, last.readings);
      }
      queue.sort((one, other) => lateness(one.memory) - lateness(other.memory));
      const worker = async (): Promise<void> => {
        for (let task = queue.shift(); task; task = queue.shift()) {
          const waitMs = task.memory.dueMs - (clock.monotonic() - startMono);
          if (waitMs > 0) await sleep(clock, waitMs, signal).catch(() => undefined); // only the signal rejects: see askNode
          await askNode(options, task, signal);
        }
      };
      await Promise.all(Array.from({ length: Math.min(parallel, queue.length) }, worker));
    },
  };
}

const INTERVAL_MS = 60_000;

/** What is kept of a node as long as it runs a pod with a subject. */
interface NodeMemory {
  /** When within the spread it is asked: always the same, so that it is asked at even intervals. */
  readonly dueMs: number;
  /** What it answered, and when it was its turn then; undefined when the last attempt failed. */
  last: { readonly dueMono: number; readonly readings: ReadonlyMap<string, Reading> } | undefined;
  /** Empty when the last attempt went well. */
  failure: string;
}

const lateness = ({ dueMs, failure }: NodeMemory): number => (failure === '' ? dueMs : dueMs + INTERVAL_MS);

function healthOf(nodes: readonly NodeMemory[]): SourceHealth | undefined {
  const failures = nodes.flatMap(({ failure }) => (failure === '' ? [] : [failure]));
  const asked = nodes.filter(({ last, failure }) => last !== undefined || failure !== '').length;
  return asked === 0 ? undefined : { asked, failed: failures.length, example: failures[0] ?? '' };
}

/** A subject that some nodes have not answered for yet. Delivered once: by its first sample, or by the last refusal. */
interface Pending {
  readonly subject: Subject;
  nodesLeft: number;
  readonly reasons: string[];
  delivered: boolean;
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
  readonly memory: NodeMemory;
  /** When it is its turn in this look; a busy process comes to it later. */
  readonly dueMono: number;
}

async function askNode(options: KubeletUsageOptions, task: NodeTask, signal: AbortSignal): Promise<void> {
  const { clock } = options;
  const { node, collection, memory } = task;
  const askedMono = clock.monotonic();
  let readings: ReadonlyMap<string, Reading> = new Map();
  try {
    readings = await readNode(options, node, signal);
    memory.last = { dueMono: task.dueMono, readings };
    memory.failure = '';
  } catch (cause) {
    memory.last = undefined;
    memory.failure = `node ${node}: ${messageOf(cause)}`;
  }
  const { failure: reason } = memory;
  const durationMs = clock.monotonic() - askedMono;
  collection.scraped?.({ node, kind: reason === '' ? 'ok' : 'failed', reason, durationMs });
  answer(task, readings);
}

function answer({ node, pending, memory, collection }: NodeTask, readings: ReadonlyMap<string, Reading>): void {
  const reason = memory.failure || `node ${node}: the kubelet does not report this volume`;
  for (const one of pending) {
    const { key } = one.subject;
    settle(one, readings.get(key) ?? { kind: 'none', key, reason, final: false }, collection);
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
  { clock, fetch, intervalMs = INTERVAL_MS, timeoutMs = 10_000 }: KubeletUsageOptions,
  node: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Reading>> {
  const observer = kubeletOf(node, intervalMs);
  const work = async (inner: AbortSignal): Promise<ReadonlyMap<string, Reading>> => {
    const attempt = async (
      path: string,
      parse: typeof parseSummary,
    ): Promise<ReadonlyMap<string, Reading> | string> => {
      try {
        const readings = parse(await fetch(node, path, inner), observer, clock.now());
        return readings ?? `${path} is cut off or not what a kubelet says`;
      } catch (cause) {
        if (inner.aborted) throw cause;
        return messageOf(cause);
      }
    };
    const first = await attempt(SUMMARY_PATH, parseSummary);
    if (typeof first !== 'string') return first;
    const second = await attempt(METRICS_PATH, parseExposition);
    if (typeof second !== 'string') return second;
    // A node that is out of reach says the same twice.
    throw new ExpandError('LARDER_EXPAND_USAGE_MALFORMED', first === second ? first : `${first}; ${second}`);
  };
  return withDeadline(clock, 'the kubelet', timeoutMs, work, signal);
}
