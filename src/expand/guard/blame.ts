import type { Judgement } from '../judge.ts';
import type { FailureReason } from '../registry.ts';
import type { Situation } from '../situation.ts';
import type { Circuits } from './circuits.ts';

/** Failures that say something about the driver, not about one claim or its size. */
const ofDriver: readonly FailureReason[] = ['driver-error', 'stuck', 'throttled', 'cloud-forbidden'];

/** Counts a growth of Larder's that failed against the driver, once, however often the claim is looked at. */
export function blame(
  circuits: Circuits,
  { claim, constraints }: Pick<Situation, 'claim' | 'constraints'>,
  { decision: { failure }, history }: Judgement,
): void {
  // What somebody else asked for is between him and the driver, and holds nobody else back.
  const asked = history.growths.at(-1)?.toBytes;
  if (failure === undefined || asked !== claim.requestBytes) return;
  const driver = constraints.guards?.circuit?.driver;
  // A filesystem that waits for a pod is nobody's fault.
  const waits = failure === 'stuck' && constraints.guards?.mounted === false;
  // An answer about one size says nothing of the driver: a claim that was to try it tried nothing.
  if (driver === undefined || waits || !ofDriver.includes(failure)) circuits.withdraw(claim.key);
  else circuits.fail(driver, claim.key, `${claim.uid} ${claim.requestBytes}`);
}
