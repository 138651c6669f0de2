/** What `node --test` tells, one JSON line for each test, for the runner to count: `--test-reporter=` takes this file. */
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

/** One line of the report. What ended is a suite, which is no test of its own. A summary without a file ends the whole report, one with a file ends that file's. */
export type ReportLine =
  | {
      readonly kind: 'test';
      readonly outcome: 'passed' | 'failed' | 'skipped' | 'todo';
      readonly name: string;
      readonly file: string;
      readonly line: number;
      readonly ms: number;
      /** Why it was skipped; empty when the test does not say. Of a failed one the error as a person reads it. */
      readonly detail: string;
    }
  | { readonly kind: 'begun'; readonly name: string; readonly file: string; readonly line: number }
  | { readonly kind: 'ended'; readonly name: string; readonly file: string; readonly line: number }
  | { readonly kind: 'note'; readonly file: string; readonly text: string }
  | { readonly kind: 'summary'; readonly file: string | undefined };

// biome-ignore lint/style/noDefaultExport: node:test takes a reporter as the default export of its file
export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const complaints = new Map<string, string>();
  for await (const event of events) {
    if (event.type === 'test:stderr') {
      const { file, message } = event.data;
      complaints.set(file, `${complaints.get(file) ?? ''}${message}`.slice(-COMPLAINT_LENGTH));
    }
    const line = reportLine(event, complaints);
    if (line !== undefined) yield `${JSON.stringify(line)}\n`;
  }
}

/** All that Node says of a file that could not even be loaded; why is in what its process wrote to stderr. */
const UNEXPLAINED = 'test failed';
const COMPLAINT_LENGTH = 4000;

function reportLine(event: TestEvent, complaints: ReadonlyMap<string, string>): ReportLine | undefined {
  if (event.type === 'test:summary') return { kind: 'summary', file: event.data.file };
  if (event.type === 'test:dequeue') {
    const { name, file = '', line = 0 } = event.data;
    return { kind: 'begun', name, file, line };
  }
  if (event.type === 'test:diagnostic' && event.data.file !== undefined) {
    return { kind: 'note', file: event.data.file, text: event.data.message };
  }
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return undefined;
  const { name, file = '', line = 0, skip, todo, details } = event.data;
  const at = { kind: 'test', name, file, line, ms: details.duration_ms } as const;
  if (skip !== undefined) return { ...at, outcome: 'skipped', detail: typeof skip === 'string' ? skip : '' };
  if (todo !== undefined) return { ...at, outcome: 'todo', detail: '' };
  const ended = { kind: 'ended', name, file, line } as const;
  if (event.type === 'test:fail') {
    const { error } = event.data.details;
    if (isSuite(details.type) && 'failureType' in error && error.failureType === 'subtestsFailed') return ended;
    const cause: unknown = error.cause ?? error;
    const complaint = cause === UNEXPLAINED ? complaints.get(name) : undefined; // its name is the file, as it was given
    return { ...at, outcome: 'failed', detail: complaint ?? inspect(cause, { depth: 6 }) };
  }
  return isSuite(details.type) ? ended : { ...at, outcome: 'passed', detail: '' };
}

function isSuite(type: string | undefined): boolean {
  return type === 'suite';
}
