import { commitRecords } from '../../ledger/commit.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Clock, Timer } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';

/** Commits of a server that writes: not one for each record, and none in the middle of many. */
interface Committing {
  wrote(): void;
  /** Commits what is left, and ends. */
  stop(): Promise<void>;
}

interface CommittingOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly isOn: boolean;
}

const QUIET_MS = 1_000;
/** Somebody who writes all the time is committed all the same. */
const AT_LATEST_MS = 10_000;

export function committing({ ledger, clock, log, isOn }: CommittingOptions): Committing {
  let timer: Timer | undefined;
  let waitingSince: number | undefined;
  let last: Promise<void> = Promise.resolve();
  const commit = (): void => {
    timer = undefined;
    waitingSince = undefined;
    last = last.then(() => committed(ledger, log));
  };
  return {
    wrote() {
      if (!isOn) return;
      waitingSince ??= clock.monotonic();
      timer?.cancel();
      const left = AT_LATEST_MS - (clock.monotonic() - waitingSince);
      timer = clock.after(Math.min(QUIET_MS, left), commit);
    },
    async stop() {
      timer?.cancel();
      if (isOn && waitingSince !== undefined) commit();
      await last;
    },
  };
}

/** A commit that fails takes nothing back, and the next one takes along what is left. */
async function committed({ root, records, signedHead }: Ledger, log: Log): Promise<void> {
  try {
    const outcome = await commitRecords({ root, records, ...(signedHead && { head: signedHead }) });
    if (outcome.kind === 'committed') log.info({ commit: outcome.commit, records: outcome.records }, 'committed');
    if (outcome.kind === 'failed') log.warn({ why: outcome.why }, 'not committed; the records are written and valid');
  } catch (failure) {
    log.warn({ err: failure }, 'not committed; the records are written and valid');
  }
}
