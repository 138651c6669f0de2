/** A rotation in the ledger, from its beginning to its proof; one that is open there already is gone on with. */
import { openRotation } from '../../../cluster/secrets/due-rotations.ts';
import {
  type RotationFacts,
  type RotationScope,
  rotationBegun,
  rotationPutOff,
  rotationVerified,
} from '../../../cluster/secrets/rotation-event.ts';
import { messageOf } from '../../../kube/error.ts';
import { momentOf } from '../../../ledger/moment.ts';
import { systemClock, systemRandom } from '../../../telemetry/clock.ts';
import type { RecordingOptions } from '../../changes.ts';
import { Exit, exitCodes } from '../../exit.ts';
import type { Terminal } from '../../output.ts';
import { checkRecord, readLedgerOf, record, recorderOf } from '../record-events.ts';

interface Wanted {
  readonly scope: RotationScope;
  readonly repository: string;
  /** age public keys of those who read it afterwards. */
  readonly recipients: readonly string[];
  readonly days: number;
  readonly options: RecordingOptions & { readonly knownSecrets?: readonly string[] };
}

export interface Rotation {
  /** Whether it is in the ledger; false was said. */
  verified(steps: readonly string[]): Promise<boolean>;
  /** It is still to be done, and the next rotation of the kind goes on with it. */
  putOff(why: string): Promise<void>;
}

/** Throws Exit 3 where it could not be recorded; then nothing may be changed. */
export async function beginRotation(terminal: Terminal, wanted: Wanted): Promise<Rotation> {
  const { scope, repository, recipients, days, options } = wanted;
  const recorder = await recorderOf(terminal, options, repository);
  const ledger = recorder === undefined ? undefined : await readLedgerOf(options, repository);
  const open = ledger?.kind === 'open' ? openRotation(ledger.state, scope) : undefined;
  const facts: RotationFacts = {
    ...{ scope, recipients, days },
    rotationId: open?.rotationId ?? `${scope}-${systemRandom.uuid()}`,
    initiatedAt: open === undefined ? systemClock.now() : momentOf(open.initiatedAt),
  };
  // A rotation may be begun more than once, and put off each time: each attempt has records of its own.
  const attempt = `${facts.rotationId}-${systemRandom.uuid()}`;
  const begun = rotationBegun(facts);
  await checkRecord(recorder, begun);
  if (open !== undefined) terminal.err(`goes on with the rotation ${open.rotationId}, which is ${open.status}\n`);
  if (!(await record(terminal, recorder, { id: attempt, event: begun })))
    throw new Exit(exitCodes.approval, 'what cannot be recorded is not begun: nothing was changed');
  return {
    verified: (steps) => {
      const event = rotationVerified(facts, systemClock.now(), steps);
      return record(terminal, recorder, { id: `${attempt}-verified`, event });
    },
    putOff: async (why) => {
      await record(terminal, recorder, { id: `${attempt}-put-off`, event: rotationPutOff(facts, why) });
    },
  };
}

/** What fails in between is told to the ledger before it is told to anybody else. */
export async function orPutOff<T>(rotation: Rotation, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    await rotation.putOff(messageOf(cause));
    throw cause;
  }
}
