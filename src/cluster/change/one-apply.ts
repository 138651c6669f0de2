/** One apply at a time from one clone. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../../ledger/lock.ts';
import { LedgerError } from '../../ledger/registry.ts';
import { ChangeError } from '../registry.ts';
import type { ChangeSession } from './session.ts';

/** Long enough for the note of who has just ended, too short to wait for an apply. */
const PATIENCE_MS = 200;

/** @throws ChangeError LARDER_CHANGE_RUNNING */
export async function oneApply<T>(
  { own, clock, random }: Pick<ChangeSession, 'own' | 'clock' | 'random'>,
  work: () => Promise<T>,
): Promise<T> {
  const folder = join(own, 'change');
  mkdirSync(folder, { recursive: true });
  let begun = false;
  try {
    return await withLock({ folder, clock, random, patienceMs: PATIENCE_MS }, () => {
      begun = true;
      return work();
    });
  } catch (cause) {
    if (begun || !(cause instanceof LedgerError) || cause.code !== 'LARDER_LEDGER_LOCKED') throw cause;
    throw new ChangeError(
      'LARDER_CHANGE_RUNNING',
      'another process applies a change from this clone; wait until it has ended',
      {
        cause,
      },
    );
  }
}
