/** What `npm run coverage` needs of a test run, one JSON line each: `--test-reporter=` takes this file. */
import type { TestEvent } from 'node:test/reporters';

export type CoverageLine =
  | { readonly kind: 'failed'; readonly name: string }
  | { readonly kind: 'passed' }
  | {
      readonly kind: 'file';
      /** Absolute. */
      readonly path: string;
      /** The lines, from 1, that no test ran. */
      readonly missed: readonly number[];
    };

// biome-ignore lint/style/noDefaultExport: node:test takes a reporter as the default export of its file
export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) for (const line of linesOf(event)) yield `${JSON.stringify(line)}\n`;
}

function linesOf(event: TestEvent): readonly CoverageLine[] {
  if (event.type === 'test:pass') return [{ kind: 'passed' }];
  if (event.type === 'test:fail') return [{ kind: 'failed', name: event.data.name }];
  if (event.type !== 'test:coverage') return [];
  return event.data.summary.files.map(({ path, lines }) => ({
    kind: 'file',
    path,
    missed: lines.filter(({ count }) => count === 0).map(({ line }) => line),
  }));
}
