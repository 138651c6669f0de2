/** Whether accounts of the cluster can be let into the console, by what was asked for and by what the operator may ask. */
import { type FeatureOff, refusalOf } from '../features.ts';
import { OperatorError } from '../registry.ts';
import type { SignIn } from './sign-in-way.ts';

/** Undefined: only holders of the console's own token come in. */
export function reviewerOf<Reviewer>(
  { who }: Pick<SignIn, 'who'>,
  off: readonly FeatureOff[],
  reviewer: Reviewer,
): Reviewer | undefined {
  return who === 'token' || lackOf(off) ? undefined : reviewer;
}

/** @throws OperatorError LARDER_PERMISSIONS where nobody could come in: that is better said at the start. */
export function refuseLockedDoor({ who }: Pick<SignIn, 'who'>, off: readonly FeatureOff[]): void {
  const lack = lackOf(off);
  if (!lack || who !== 'cluster') return;
  throw new OperatorError('LARDER_PERMISSIONS', `nobody could sign in to the console: ${refusalOf(lack)}`);
}

function lackOf(off: readonly FeatureOff[]): FeatureOff | undefined {
  return off.find(({ feature }) => feature === 'console accounts');
}
