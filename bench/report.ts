/** What a bench gives back, and how it is printed: a table for people, then one line of JSON. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { resolve } from 'node:path';
import Table from 'cli-table3';

export interface BenchRow {
  readonly what: string;
  /** Of `min`, `median` and `p99`: `ms`, `writes/s`, `MB`, … */
  readonly unit: string;
  readonly median: number;
  /** Absent for something measured once. */
  readonly min?: number;
  readonly p99?: number;
  /** Against a peer or a limit measured in the same run. */
  readonly ratio?: { readonly to: string; readonly value: number };
  /** What this number has to be; a row that misses it fails the bench. */
  readonly bar?: { readonly text: string; readonly met: boolean };
}

export interface BenchReport {
  /** One sentence: what is measured, on what. */
  readonly about: string;
  /** What was left out, and why. */
  readonly notes?: readonly string[];
  readonly rows: readonly BenchRow[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
}

/** Sorted once; throws on an empty list, which would be a bench that measured nothing. */
export function distribution(samples: readonly number[]): Required<Pick<BenchRow, 'min' | 'median' | 'p99'>> {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (quantile: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? NaN;
  if (sorted.length === 0) throw new Error('a bench without a sample');
  return { min: at(0), median: at(0.5), p99: at(0.99) };
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
  };
}

/** Versions of what takes part in every bench. */
export function versions(): Readonly<Record<string, string>> {
  const own: { version: string } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../package.json'), 'utf8'));
  return { larder: own.version, node: process.versions.node, v8: process.versions.v8 };
}

export function tableOf(report: BenchReport): string {
  const table = new Table({
    head: ['', 'min', 'median', 'p99', 'unit', 'ratio', 'bar'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { what, min, median, p99, unit, ratio, bar } of report.rows) {
    const against = ratio === undefined ? '' : `${readable(ratio.value)} × ${ratio.to}`;
    const verdict = bar === undefined ? '' : `${bar.met ? '✓' : '✗'} ${bar.text}`;
    table.push([what, readable(min), readable(median), readable(p99), unit, against, verdict]);
  }
  return table.toString();
}

/** Three significant digits are more than two cores can repeat. */
export function readable(value: number | undefined): string {
  if (value === undefined) return '';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
