import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { exposeFamily, type Sample } from './exposition.ts';
import type { MetricEntry, MetricTable } from './registry.ts';

/** The labels a metric takes, as an object type derived from its table row. */
type LabelsOf<Entry extends MetricEntry> = Readonly<Record<Entry['labels'][number], string>>;
type NamesOf<Table extends MetricTable, Kind extends MetricEntry['type']> = {
  [Name in keyof Table]: Table[Name]['type'] extends Kind ? Name : never;
}[keyof Table] &
  string;

/** One series at the moment at which it is asked for. */
interface Series<Entry extends MetricEntry> {
  readonly labels: LabelsOf<Entry>;
  readonly value: number;
}

/** A room's metrics: only declared names with exactly their declared labels type-check. */
export interface Metrics<Table extends MetricTable> {
  /** Adds `by` (default 1) to a counter. */
  count<Name extends NamesOf<Table, 'counter'>>(name: Name, labels: LabelsOf<Table[Name]>, by?: number): void;
  /** Sets a gauge. */
  set<Name extends NamesOf<Table, 'gauge'>>(name: Name, labels: LabelsOf<Table[Name]>, value: number): void;
  /**
   * For a gauge with a series for each of many objects: asked at each exposition, and nothing is kept between two. Once
   * for a name, which `set` then refuses.
   */
  collect<Name extends NamesOf<Table, 'gauge'>>(name: Name, series: () => Iterable<Series<Table[Name]>>): void;
  /** Observes a value in a histogram. */
  observe<Name extends NamesOf<Table, 'histogram'>>(name: Name, labels: LabelsOf<Table[Name]>, value: number): void;
  /** Removes one series of any metric: series leave with their object. */
  remove<Name extends keyof Table & string>(name: Name, labels: LabelsOf<Table[Name]>): void;
}

export class MetricsRegistry {
  readonly #registry = new Registry();
  /** Gauges that are collected: in their family's place, its text. */
  readonly #collected = new Map<string, () => string>();

  /** Registers a room's table. Registering a name twice throws: two rooms must not share a name. */
  register<const Table extends MetricTable>(table: Table): Metrics<Table> {
    const counters = new Map<string, Counter>();
    const gauges = new Map<string, Gauge>();
    const histograms = new Map<string, Histogram>();
    for (const [name, entry] of Object.entries(table)) {
      if (this.#collected.has(name)) throw new RangeError(`the metric ${name} is registered already`);
      const options = { name, help: entry.help, labelNames: [...entry.labels], registers: [this.#registry] };
      if (entry.type === 'counter') counters.set(name, new Counter(options));
      else if (entry.type === 'gauge') gauges.set(name, new Gauge(options));
      else histograms.set(name, new Histogram(entry.buckets ? { ...options, buckets: [...entry.buckets] } : options));
    }
    return {
      count: (name, labels, by = 1) => counters.get(name)?.inc({ ...labels }, by),
      set: (name, labels, value) => {
        const gauge = gauges.get(name);
        if (!gauge) throw new RangeError(`the metric ${name} is collected, or not declared`);
        gauge.set({ ...labels }, value);
      },
      collect: (name, series) => {
        const entry = table[name];
        if (!entry || !gauges.delete(name)) throw new RangeError(`the metric ${name} is collected already`);
        this.#registry.removeSingleMetric(name);
        this.#collected.set(name, () => exposeFamily(name, entry, series()));
      },
      observe: (name, labels, value) => histograms.get(name)?.observe({ ...labels }, value),
      remove: (name, labels) => {
        (counters.get(name) ?? gauges.get(name) ?? histograms.get(name))?.remove({ ...labels });
      },
    };
  }

  /** A metric that is in no room's table, and nothing is kept of it: asked at each exposition. No histogram. */
  collect(name: string, entry: MetricEntry, series: () => Iterable<Sample>): void {
    if (this.#collected.has(name) || this.#registry.getSingleMetric(name)) {
      throw new RangeError(`the metric ${name} is registered already`);
    }
    this.#collected.set(name, () => exposeFamily(name, entry, series()));
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The Prometheus text exposition of everything registered. */
  async expose(): Promise<string> {
    const kept = await this.#registry.metrics();
    return [kept, ...Array.from(this.#collected.values(), (text) => text())].join('\n');
  }
}
