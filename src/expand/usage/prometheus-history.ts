import { countOf } from './figures.ts';
import { KEPT_EVERY_MS, type UsageHistory, type UsagePoint } from './history.ts';
import { historyQuery, type Labels, pagesOf, type UsageQueries } from './promql.ts';
import { type Group, mixedClusters, parseSeries } from './series.ts';

export interface PrometheusHistoryOptions {
  /** Sends a range query, times and step in seconds; resolves with the body of the answer, of whatever status. */
  range(query: RangeQuery, signal: AbortSignal | undefined): Promise<string>;
  readonly queries: Pick<UsageQueries, 'capacity' | 'available'>;
  readonly labels: Labels;
  readonly matchers: string;
  /** Host and port, for messages. */
  readonly place: string;
}

export interface RangeQuery {
  readonly query: string;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Prometheus gives no more than 11,000 points of a series. */
const MOST_POINTS = 10_000;

/**
 * What a Prometheus remembers of a volume. It knows claims by name only: what an earlier claim of that name stored is
 * in it too. Capacity that changes tells a reader where to begin afresh.
 */
export function createPrometheusHistory(options: PrometheusHistoryOptions): UsageHistory {
  const { queries, labels, matchers, place } = options;
  return {
    name: `Prometheus (${place})`,
    async series({ key, from, to }, signal) {
      const [page] = pagesOf([{ key }], labels, matchers);
      if (!page || to <= from) return [];
      const step = Math.ceil(Math.max(KEPT_EVERY_MS, (to - from) / MOST_POINTS) / 1_000);
      // Whole steps, so that the same question some minutes later asks for the same moments.
      const start = Math.ceil(from / 1_000 / step) * step;
      const end = Math.floor(to / 1_000 / step) * step;
      if (end < start) return [];
      const query = historyQuery(queries, page.matchers);
      const answer = parseSeries(await options.range({ query, start, end, step }, signal), 'matrix', labels);
      if (answer.kind === 'refused') throw new Error(`${place}: ${answer.reason}`);
      const groups = answer.groups.get(key) ?? [];
      const mixed = mixedClusters(groups);
      if (mixed !== undefined) throw new Error(`${place}: ${mixed}`);
      return merged(groups);
    },
  };
}

/** At each moment the fullest of those that are whole then: a pod that moved leaves the end of one beside the begin of the other. */
function merged(groups: readonly Group[]): readonly UsagePoint[] {
  const points = new Map<number, UsagePoint>();
  for (const { parts, twice } of groups) {
    if (twice) continue;
    const available = new Map(parts.get('available'));
    for (const [seconds, capacity] of parts.get('capacity') ?? []) {
      const point = pointOf(seconds, countOf(capacity), countOf(available.get(seconds)));
      const before = point && points.get(point.at);
      if (point && (!before || point.usedBytes > before.usedBytes)) points.set(point.at, point);
    }
  }
  return [...points.values()].sort((one, other) => one.at - other.at);
}

/** Undefined where a number is missing or impossible: nothing is ever filled in. */
function pointOf(
  seconds: number,
  capacity: ReturnType<typeof countOf>,
  available: ReturnType<typeof countOf>,
): UsagePoint | undefined {
  if (!Number.isFinite(seconds) || typeof capacity !== 'bigint' || typeof available !== 'bigint') return undefined;
  if (capacity === 0n || available > capacity) return undefined;
  return { at: Math.round(seconds * 1_000), usedBytes: capacity - available, capacityBytes: capacity };
}
