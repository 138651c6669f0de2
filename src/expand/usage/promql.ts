/** What a Prometheus is asked: everything about a page of claims in one query, so that all of it is of one evaluation. */
import { MATCHERS } from './prometheus-settings.ts';
import type { Subject } from './source.ts';

/** PromQL with `$matchers`; empty = not asked. */
export interface UsageQueries {
  readonly capacity: string;
  readonly available: string;
  readonly used: string;
  readonly inodes: string;
  readonly inodesFree: string;
  readonly inodesUsed: string;
  readonly abnormal: string;
}

export interface Labels {
  readonly namespace: string;
  readonly claim: string;
}

/** Which number a series of the answer is. */
export const PART = 'larder_part';
type Part = keyof UsageQueries | 'capacityAt' | 'availableAt';

/** Names in one query: each of its nine parts has them all, so that a page is some 100 kB of text at most. */
const PAGE = 200;

export interface Page {
  readonly keys: readonly string[];
  /** For `$matchers`. */
  readonly matchers: string;
}

/**
 * Claims in pages, each a set of namespaces and names. The two are matched apart, so that an answer may hold a
 * claim of another pair of them, which nobody asked for. `own` = matchers for every query; may be empty.
 */
export function pagesOf(subjects: readonly Pick<Subject, 'key'>[], labels: Labels, own: string): readonly Page[] {
  const keys = subjects.map(({ key }) => key).sort();
  const pages: Page[] = [];
  for (let start = 0; start < keys.length; start += PAGE) {
    const page = keys.slice(start, start + PAGE);
    const namespaces = new Set<string>();
    const names = new Set<string>();
    for (const key of page) {
      const slash = key.indexOf('/');
      namespaces.add(key.slice(0, slash));
      names.add(key.slice(slash + 1));
    }
    const matchers = [`${labels.namespace}=~"${anyOf(namespaces)}"`, `${labels.claim}=~"${anyOf(names)}"`];
    if (own !== '') matchers.push(own);
    pages.push({ keys: page, matchers: matchers.join(',') });
  }
  return pages;
}

/** Names of objects hold letters, digits, "-" and ".", of which a regular expression reads only the last otherwise. */
function anyOf(names: ReadonlySet<string>): string {
  return [...names].map((name) => name.replaceAll('.', '[.]')).join('|');
}

/**
 * One query for all parts, each marked with the label `larder_part`; without it `or` would drop series that differ in
 * their name only. `timestamp()` gives the moment of the scrape, not of the evaluation.
 */
export function usageQuery(queries: UsageQueries, matchers: string): string {
  const { capacity, available, used, inodes, inodesFree, inodesUsed, abnormal } = queries;
  const parts: readonly (readonly [Part, string])[] = [
    ['capacity', capacity],
    ['capacityAt', `timestamp(${capacity})`],
    ['available', available],
    ['availableAt', `timestamp(${available})`],
    ['used', used],
    ['inodes', inodes],
    ['inodesFree', inodesFree],
    ['inodesUsed', inodesUsed],
    ['abnormal', abnormal],
  ];
  return joined(parts, matchers);
}

/** The two that a curve needs. */
export function historyQuery(
  { capacity, available }: Pick<UsageQueries, 'capacity' | 'available'>,
  matchers: string,
): string {
  return joined(
    [
      ['capacity', capacity],
      ['available', available],
    ],
    matchers,
  );
}

function joined(parts: readonly (readonly [Part, string])[], matchers: string): string {
  return parts
    .filter(([, query]) => query !== '')
    .map(([part, query]) => {
      const expression = query.replaceAll(MATCHERS, () => matchers);
      return `label_replace(${expression}, "${PART}", "${part}", "__name__", ".*")`;
    })
    .join(' or ');
}
