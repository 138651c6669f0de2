/** Deliveries of alerts on their way into the ledger. */
import { type Delivery, firingOf } from '../../../cluster/alerts/delivery.ts';
import type { Recorder } from '../../../ledger/recorder.ts';
import { systemRandom } from '../../../telemetry/clock.ts';
import type { Terminal } from '../../output.ts';
import { record } from '../record-events.ts';

export interface Receiver {
  /** Whether all of them are in the ledger. */
  take(told: readonly Delivery[]): Promise<boolean>;
}

/** One after the other; each firing once. */
export function receiverWith(terminal: Terminal, recorder: Recorder, recorded: Set<string>): Receiver {
  const first = new Map<string, Delivery>();
  let turn: Promise<boolean> = Promise.resolve(true);
  const takeOne = async (delivery: Delivery): Promise<boolean> => {
    const firing = firingOf(delivery);
    if (recorded.has(firing)) return true;
    const data = first.get(firing) ?? delivery;
    first.set(firing, data);
    const id = systemRandom.uuid();
    const isIn = await record(terminal, recorder, { id, event: { type: 'alert-delivered', data } });
    if (isIn) recorded.add(firing);
    else recorder.forget(id); // it is told again
    return isIn;
  };
  return {
    take(told) {
      const mine = turn.then(async () => {
        let all = true;
        for (const delivery of told) all = (await takeOne(delivery)) && all;
        return all;
      });
      turn = mine.catch(() => false); // a disk that was full is not full for ever: whoever tells it next has a turn
      return mine;
    },
  };
}
