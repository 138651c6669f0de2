/** The answer of a Prometheus to the query of a page, as readings by claim. */
import { countOf, type Figures, figuresToReading, type Observer } from './figures.ts';
import type { Labels } from './promql.ts';
import { type Group, mixedClusters, parseSeries } from './series.ts';
import type { Reading } from './source.ts';

export type Answer =
  | {
      readonly kind: 'readings';
      readonly readings: ReadonlyMap<string, Reading>;
      /** As `SeriesAnswer` has them. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reason: string };

export interface AnswerOptions {
  readonly labels: Labels;
  readonly observer: Observer;
  /** How old what a kubelet tells may be when it is scraped, milliseconds. */
  readonly lagMs: number;
}

export function parseAnswer(text: string, options: AnswerOptions): Answer {
  const answer = parseSeries(text, 'vector', options.labels);
  if (answer.kind === 'refused') return answer;
  const readings = new Map<string, Reading>();
  for (const [key, groups] of answer.groups) readings.set(key, readingOf(key, groups, options));
  return { kind: 'readings', readings, warnings: answer.warnings };
}

/** Of several observers the newest whole one counts. */
function readingOf(key: string, groups: readonly Group[], options: AnswerOptions): Reading {
  const { place } = options.observer;
  const none = (reason: string): Reading => ({ kind: 'none', key, reason: `${place}: ${reason}`, final: false });
  const mixed = mixedClusters(groups);
  if (mixed !== undefined) return none(mixed);
  let best: Reading | undefined;
  for (const group of groups) {
    const reading = groupReading(key, group, options);
    if (newer(reading, best)) best = reading;
  }
  return best ?? none('has no series of this volume');
}

function newer(reading: Reading, best: Reading | undefined): boolean {
  if (best?.kind !== 'sample') return best === undefined || reading.kind === 'sample';
  if (reading.kind !== 'sample' || reading.sample.at < best.sample.at) return false;
  // At the same moment the fuller one: replicas are alike, and of nodes that disagree the worse news is believed.
  return reading.sample.at > best.sample.at || reading.sample.availableBytes < best.sample.availableBytes;
}

function groupReading(key: string, group: Group, { observer, lagMs }: AnswerOptions): Reading {
  const none = (reason: string): Reading => ({
    kind: 'none',
    key,
    reason: `${observer.place}: ${reason}`,
    final: false,
  });
  if (group.twice) return none('several series have the same labels');
  const [at, availableAt] = [numberOf(group, 'capacityAt'), numberOf(group, 'availableAt')];
  if (at !== undefined && availableAt !== undefined && at !== availableAt) {
    return none('capacity and available are of two scrapes');
  }
  if (at === undefined || !Number.isFinite(at)) return none('the moment of the measurement is missing');
  return figuresToReading(key, figuresOf(group, Math.floor(at * 1_000) - lagMs), observer);
}

const numberOf = ({ parts }: Group, part: string): number | undefined => parts.get(part)?.[0]?.[1];

/** A scrape reads what the kubelet measured up to `lagMs` before: the oldest moment that it may be of is taken. */
function figuresOf(group: Group, at: number): Figures {
  const count = (part: string) => countOf(numberOf(group, part));
  return {
    at,
    capacity: count('capacity'),
    available: count('available'),
    used: count('used'),
    inodes: count('inodes'),
    inodesFree: count('inodesFree'),
    inodesUsed: count('inodesUsed'),
    abnormal: numberOf(group, 'abnormal') === 1,
  };
}
