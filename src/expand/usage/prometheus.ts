import { type Clock, withDeadline } from '../../telemetry/clock.ts';
import { type Answer, parseAnswer } from './answer.ts';
import { type Labels, type Page, pagesOf, type UsageQueries, usageQuery } from './promql.ts';
import { type Collection, type SourceHealth, type Subject, type UsageSource, unseen } from './source.ts';

export interface PrometheusUsageOptions {
  readonly clock: Clock;
  /** Sends an instant query; resolves with the body of the answer, of whatever status; rejects when there is none. */
  query(expression: string, signal: AbortSignal): Promise<string>;
  readonly queries: UsageQueries;
  readonly labels: Labels;
  /** Matchers for every query; may be empty. */
  readonly matchers: string;
  /** Host and port, for messages. */
  readonly place: string;
  /** How often it scrapes kubelets, milliseconds. */
  readonly intervalMs: number;
  /** How often those measure volumes, milliseconds. */
  readonly kubeletIntervalMs: number;
  readonly timeoutMs: number;
}

/** Pages that are asked for at the same time. */
const PARALLEL = 2;

/**
 * Asks a Prometheus-compatible API for what it scraped from kubelets. All numbers of a sample come from one evaluation,
 * and its time is that of the scrape. A page that fails costs its own claims their sample.
 */
export function createPrometheusUsage(options: PrometheusUsageOptions): UsageSource {
  let health: SourceHealth | undefined;
  return {
    name: 'prometheus',
    health: () => health,
    async collect(collection, signal) {
      const open: Subject[] = [];
      for (const subject of collection.subjects) {
        const reason = unseen(subject);
        if (reason === undefined) open.push(subject);
        else collection.deliver({ kind: 'none', key: subject.key, reason, final: false });
      }
      const queue = [...pagesOf(open, options.labels, options.matchers)];
      const asked = queue.length;
      const failures: string[] = [];
      const worker = async (): Promise<void> => {
        for (let page = queue.shift(); page; page = queue.shift()) {
          const answer = await answerOf(options, page, signal);
          if (answer.kind === 'refused') failures.push(answer.reason);
          deliver({ ...page, place: options.place }, answer, collection);
        }
      };
      await Promise.all(Array.from({ length: Math.min(PARALLEL, asked) }, worker));
      if (asked > 0 && !signal.aborted) health = { asked, failed: failures.length, example: failures[0] ?? '' };
    },
  };
}

/** Never rejects. */
async function answerOf(options: PrometheusUsageOptions, page: Page, signal: AbortSignal): Promise<Answer> {
  const { clock, query, queries, labels, place, intervalMs, kubeletIntervalMs, timeoutMs } = options;
  const observer = { origin: 'prometheus', place, everyMs: Math.max(intervalMs, kubeletIntervalMs) };
  const expression = usageQuery(queries, page.matchers);
  try {
    const text = await withDeadline(clock, 'the query', timeoutMs, (inner) => query(expression, inner), signal);
    const answer = parseAnswer(text, { labels, observer, lagMs: kubeletIntervalMs });
    return answer.kind === 'refused' ? { ...answer, reason: `${place}: ${answer.reason}` } : answer;
  } catch (cause) {
    return { kind: 'refused', reason: `${place}: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

/** A warning is told where a series is missing: those that are there are whole. */
function deliver({ keys, place }: Page & { readonly place: string }, answer: Answer, collection: Collection): void {
  for (const key of keys) {
    if (answer.kind === 'refused') {
      collection.deliver({ kind: 'none', key, reason: answer.reason, final: false });
      continue;
    }
    const warned = answer.warnings.length === 0 ? '' : `, and warns: ${answer.warnings.join('; ')}`;
    const missing = `${place}: has no fresh series of this volume${warned}`;
    collection.deliver(answer.readings.get(key) ?? { kind: 'none', key, reason: missing, final: false });
  }
}
