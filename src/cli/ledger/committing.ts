import { commitRecords } from '../../ledger/commit.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Clock, Random, Timer } from '../../telemetry/clock.ts';
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
  readonly random: Random;
  readonly log: Log;
  readonly isOn: boolean;
  /** What else follows what was written, whether it was committed or not; undefined: nothing. */
  readonly tell?: () => Promise<void>;
}

const QUIET_MS = 1_000;
/** Somebody who writes all the time is committed all the same. */
const AT_LATEST_MS = 10_000;

export function committing(options: CommittingOptions): Committing {
  const { clock, isOn, tell } = options;
  let timer: Timer | undefined;
  let waitingSince: number | undefined;
  let last: Promise<void> = Promise.resolve();
  const commit = (): void => {
    timer = undefined;
    waitingSince = undefined;
    last = last.then(async () => {
      if (isOn) await committed(options);
      await tell?.();
    });
  };
  return {
    wrote() {
      if (!isOn && tell === undefined) return;
      waitingSince ??= clock.monotonic();
      timer?.cancel();
      const left = AT_LATEST_MS - (clock.monotonic() - waitingSince);
      timer = clock.after(Math.min(QUIET_MS, left), commit);
    },
    async stop() {
      timer?.cancel();
      if (waitingSince !== undefined) commit();
      await last;
    },
  };
}

/** A commit that fails takes nothing back, and the next one takes along what is left. */
async function committed({ ledger, clock, random, log }: CommittingOptions): Promise<void> {
  const { root, records, signedHead: head } = ledger;
  try {
    const outcome = await commitRecords({ root, records, clock, random, ...(head && { head }) });
    if (outcome.kind === 'committed') log.info({ commit: outcome.commit, records: outcome.records }, 'committed');
    if (outcome.kind === 'failed') log.warn({ why: outcome.why }, 'not committed; the records are written and valid');
  } catch (failure) {
    log.warn({ err: failure }, 'not committed; the records are written and valid');
  }
}
