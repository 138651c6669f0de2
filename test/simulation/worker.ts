/**
 * A process that plays seeds: `node --import hooks.ts worker.ts`. Reads one JSON line per seed on stdin and answers with
 * one JSON line each; it ends when stdin does.
 */

import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { checkSeed, type SeedResult } from './check.ts';
import { historyOf } from './directed.ts';
import { TRACE_VARIABLE } from './run.ts';
import { describeHistory } from './shrink.ts';
import { play } from './world.ts';

let unhandled: string | undefined;
process.on('unhandledRejection', (cause) => {
  unhandled ??= cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
});

const traceFile = process.env[TRACE_VARIABLE];

for await (const line of createInterface({ input: process.stdin })) {
  unhandled = undefined;
  const { seed, shrinkMs, once } = JSON.parse(line);
  if (traceFile !== undefined) await writeTrace(String(seed), traceFile);
  const result = await checkSeed(String(seed), {
    shrinkMs: Number(shrinkMs),
    once: once === true,
    unhandled: () => unhandled,
  });
  process.stdout.write(`${JSON.stringify(result satisfies SeedResult)}\n`);
}

async function writeTrace(seed: string, path: string): Promise<void> {
  const file = createWriteStream(path);
  const history = historyOf(seed);
  file.write(`${describeHistory(history).join('\n')}\n`);
  const { violation } = await play(history, (entry) => void file.write(`${entry}\n`));
  file.end(violation ? `violates invariant ${violation.invariant}: ${violation.message}\n` : 'nothing was violated\n');
  await finished(file);
}
