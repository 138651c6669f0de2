/** The Prometheus text format of gauges that the library does not keep (version 0.0.4). */
import type { MetricEntry } from './registry.ts';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The family with its heading, ending in a line feed; the heading alone when there is no series. */
export function exposeFamily(name: string, { help, type, labels }: MetricEntry, samples: Iterable<Sample>): string {
  const lines = [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`];
  for (const sample of samples) {
    const pairs = labels.map((label) => `${label}="${escapeLabel(sample.labels[label] ?? '')}"`);
    lines.push(`${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberOf(sample.value)}`);
  }
  return `${lines.join('\n')}\n`;
}

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

/** Names of Kubernetes objects need it never, what a class is called does. */
const escapeLabel = (text: string): string => (/[\\\n"]/.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text);

function numberOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
