/** Pages of the words that a user meets in events, messages and dashboards, from each room's registry.ts. */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { ErrorTable, EventTable, MetricTable } from '../../../src/telemetry/registry.ts';
import { code, markdownTable, page } from './markdown.ts';

/** Rooms and which tables each must have; one that is missing fails. */
const expected = {
  http: ['errors'],
  kube: ['errors', 'metrics'],
  embedded: ['events', 'errors'],
  provision: ['events', 'errors', 'metrics'],
  expand: ['events', 'errors', 'metrics'],
  providers: ['errors', 'metrics'],
  nomad: ['errors'],
  ledger: ['errors'],
  cluster: ['errors', 'metrics'],
  operator: ['errors', 'metrics'],
} as const satisfies Record<string, readonly ('events' | 'errors' | 'metrics')[]>;

const text = z.string().min(1);
const eventTable = z.record(text, z.strictObject({ type: z.enum(['Normal', 'Warning']), meaning: text, remedy: text }));
const errorTable = z.record(text, z.strictObject({ meaning: text, remedy: text }));
const metricTable = z.record(
  text,
  z.strictObject({
    type: z.enum(['counter', 'gauge', 'histogram']),
    help: text,
    labels: z.array(z.string()),
    buckets: z.array(z.number()).optional(),
  }),
);

export interface Vocabulary {
  readonly room: string;
  readonly events: EventTable;
  readonly errors: ErrorTable;
  readonly metrics: MetricTable;
}

/** Everything that the rooms declare; throws where a table is missing, empty or not of its shape. */
export async function vocabularies(): Promise<readonly Vocabulary[]> {
  return Promise.all(
    Object.entries(expected).map(async ([room, wanted]) => {
      const path = resolve(import.meta.dirname, '../../../src', room, 'registry.ts');
      const exported: Record<string, unknown> = await import(path);
      const found = {
        room,
        events: merged(exported, 'events', eventTable),
        errors: merged(exported, 'errors', errorTable),
        metrics: merged(exported, 'metrics', metricTable),
      };
      for (const name of wanted) {
        if (Object.keys(found[name]).length === 0) throw new Error(`src/${room}/registry.ts exports no ${name}`);
      }
      return found;
    }),
  );
}

/** A room may split a table: `usageMetrics` belongs to `metrics`. */
function merged<T>(
  exported: Record<string, unknown>,
  kind: string,
  table: z.ZodType<Record<string, T>>,
): Record<string, T> {
  const names = Object.keys(exported).filter((name) => name.toLowerCase().endsWith(kind));
  return Object.assign({}, ...names.map((name) => table.parse(exported[name])));
}

export async function eventsPage(): Promise<string> {
  const entries = (await vocabularies()).flatMap(({ room, events }) =>
    Object.entries(events).map(([reason, entry]) => ({ reason, room, ...entry })),
  );
  const reasons = [...new Set(entries.map(({ reason }) => reason))].sort();
  const overview = reasons.map((reason) => {
    const own = entries.filter((entry) => entry.reason === reason);
    return [
      `[${reason}](#${anchor(reason)})`,
      unique(own.map(({ type }) => type)),
      unique(own.map(({ room }) => room)),
    ];
  });
  const chapters = reasons.map((reason) => {
    const own = entries.filter((entry) => entry.reason === reason);
    const parts = own.map(
      ({ type, room, meaning, remedy }) => `*${type}, from ${room}.* ${meaning}\n\n**What to do:** ${remedy}`,
    );
    return `## ${reason}\n\n${parts.join('\n\n')}`;
  });
  return page(
    'Events',
    'Every reason that Larder writes on a claim, a volume or a class, what it means and what to do. `kubectl describe pvc NAME` shows them; by symptom: [troubleshooting](../troubleshooting.md).',
    markdownTable(['Reason', 'Type', 'Room'], overview),
    ...chapters,
  );
}

/** As the common Markdown renderers make it of a heading of one word. */
function anchor(reason: string): string {
  return reason.toLowerCase();
}

export async function errorsPage(): Promise<string> {
  const chapters = (await vocabularies()).map(({ room, errors }) => {
    const rows = Object.entries(errors).map(([name, { meaning, remedy }]) => [code(name), meaning, remedy]);
    return `## ${room}\n\n${markdownTable(['Code', 'Meaning', 'What to do'], rows)}`;
  });
  return page(
    'Error codes',
    'Failures of the world or of Larder carry a code that stays the same over versions. Expected outcomes are not here: they are [events](events.md) and answers of `larder explain`.',
    ...chapters,
  );
}

export async function metricsPage(): Promise<string> {
  const chapters = (await vocabularies())
    .filter(({ metrics }) => Object.keys(metrics).length > 0)
    .map(({ room, metrics }) => {
      const rows = Object.entries(metrics).map(([name, { type, help, labels }]) => [
        code(name),
        type,
        labels.map(code).join(' '),
        help,
      ]);
      return `## ${room}\n\n${markdownTable(['Metric', 'Type', 'Labels', 'Meaning'], rows)}`;
    });
  return page(
    'Metrics',
    "`/metrics` on the console's port, in the Prometheus text format, without a token. Sizes are bytes, durations seconds; the series of an object leave with it.",
    ...chapters,
  );
}

function unique(words: readonly string[]): string {
  return [...new Set(words)].join(', ');
}
