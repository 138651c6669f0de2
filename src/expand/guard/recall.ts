import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { claimOf } from '../claim.ts';
import type { Rules } from '../facts.ts';
import { judge } from '../judge.ts';
import { progressOf } from '../progress.ts';
import { type Surroundings, situationOf } from '../situation.ts';
import { blame } from './blame.ts';

interface RecallOptions {
  readonly surroundings: Surroundings;
  readonly rules: Rules;
  readonly clock: Clock;
  readonly log: Log;
}

/** Drivers that failed before a restart are known to fail before anything is asked of them: their claims say so. */
export async function recallFailures(
  { surroundings, rules, clock, log }: RecallOptions,
  signal: AbortSignal,
): Promise<void> {
  const { view, restraints } = surroundings;
  if (!restraints) return;
  for (const object of view.claims()) {
    const sighting = { growth: undefined, seenAt: undefined, now: clock.now() };
    if (progressOf(claimOf(object), sighting).kind !== 'failed') continue;
    try {
      const situation = await situationOf(object, surroundings, signal);
      blame(restraints.circuits, situation, judge(situation, undefined, { rules, clock }));
    } catch (err) {
      if (signal.aborted) throw err;
      const { namespace, name } = object.metadata;
      log.warn({ controller: 'expander', namespace, name, err }, 'failed claim not looked at before the start');
    }
  }
}
