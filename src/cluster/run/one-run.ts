/** One run at a time on a cluster, from one repository. */
import { join } from 'node:path';
import { withLock } from '../../ledger/lock.ts';
import { LedgerError } from '../../ledger/registry.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import { ownFolder } from './journal.ts';
import { RunError } from './run-error.ts';

/** Long enough for the note of who has just ended, too short to wait for a run. */
const PATIENCE_MS = 200;

interface Place {
  readonly repository: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** @throws RunError LARDER_RUN_LOCKED with who holds it. */
export async function oneRun<T>({ repository, clock, random }: Place, work: () => Promise<T>): Promise<T> {
  const folder = ownFolder(repository);
  let begun = false;
  try {
    return await withLock({ folder, clock, random, patienceMs: PATIENCE_MS, name: 'cluster.lock' }, () => {
      begun = true;
      return work();
    });
  } catch (cause) {
    if (begun || !(cause instanceof LedgerError) || cause.code !== 'LARDER_LEDGER_LOCKED') throw cause;
    const who = /: process \d+ on \S+, since [^.]+\.\d+Z/.exec(cause.message)?.[0] ?? '';
    const message = `another run works on the cluster of ${join(repository, 'cluster.yaml')}${who}; nothing was begun`;
    throw new RunError('LARDER_RUN_LOCKED', message, { cause });
  }
}
