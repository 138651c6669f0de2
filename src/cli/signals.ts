import { MessageChannel } from 'node:worker_threads';
import { systemClock } from '../telemetry/clock.ts';

/** After the work has ended nothing may keep the process: a child on a hung mount is not waited for. */
const GRACE_MS = 500;

/**
 * Runs `work` until SIGINT or SIGTERM aborts it. A signal may arrive twice (npm and the terminal both send it): the second
 * changes nothing. The process ends soon after `work` has, whatever still hangs.
 */
export async function untilStopped(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error('stopped by a signal'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  const { port1: alive } = new MessageChannel();
  alive.ref(); // timers hold no process, and work may consist of waiting
  try {
    await work(controller.signal);
  } catch (failure) {
    if (!controller.signal.aborted) throw failure;
  } finally {
    alive.close();
    systemClock.after(GRACE_MS, () => process.exit());
  }
}
