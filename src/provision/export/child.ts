/**
 * The entry point of an export's own process: `node child.ts`. It alone touches the mount, so that a hung server hangs
 * this process and no other. Requests come in on stdin, answers go out on stdout in the order in which they are ready;
 * when stdin ends, so does the process.
 */
import { flushCompileCache } from 'node:module';
import { Lines } from '../../kube/lines.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { problem } from '../directory/problem.ts';
import { createOperations } from './operations.ts';
import { formatLine, isMalformed, parseRequest, type Result } from './protocol.ts';

let knownCpuMs: number | undefined;
let unsent = '';

process.umask(0); // modes are what was asked; every one is verified all the same
const perform = createOperations(systemClock, cpuMs);

// Not node:readline, which also splits at U+2028: that may stand in a file's name.
const lines = new Lines();
const receive = (line: string): void => {
  const request = parseRequest(line);
  if (!isMalformed(request)) {
    void perform(request.operation).then((result) => answer(request.id, result));
  } else if (request.id !== undefined) {
    answer(request.id, problem('unexpected', `refused: ${request.reason}`));
  }
};

// Ctrl-C in a terminal reaches this process too; it is the parent who ends it, by closing stdin or by SIGKILL.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.stdin
  .setEncoding('utf8')
  .on('data', (text: string) => lines.push(text).forEach(receive))
  .on('end', () => process.exit(0)); // without waiting for threads that hang
process.stdout.on('error', () => process.exit(0)); // the parent is gone

/** Asked of the kernel once a turn: it adds up all threads, and what ends within a turn took no longer than its caller's clock says. */
function cpuMs(): number {
  if (knownCpuMs === undefined) {
    const { user, system } = process.cpuUsage();
    knownCpuMs = (user + system) / 1_000;
    setImmediate(() => {
      knownCpuMs = undefined;
    });
  }
  return knownCpuMs;
}

/** What is ready in one turn goes in one write: each wakes the parent. */
function answer(id: number, result: Result): void {
  if (unsent === '') {
    setImmediate(() => {
      process.stdout.write(unsent);
      unsent = '';
    });
  }
  unsent += `${formatLine({ id, result })}\n`;
}

// This process mostly ends by SIGKILL, so what was compiled is kept now, for the next one.
flushCompileCache();
