/**
 * What keeps a claim from growing that only a person can mend, as a condition on the claim: a setting that cannot be
 * read, or a permission that Larder lacks. Pure.
 */
import type { Condition } from '../../kube/kinds.ts';
import type { Claim } from '../claim.ts';
import type { Decision } from '../decision.ts';
import { formatTime } from '../history.ts';

/** The type of the condition; it is taken off when the claim may grow again. */
const GROWTH_BLOCKED = 'larder.dev/GrowthBlocked';

interface Wanted {
  readonly reason: 'InvalidConfiguration' | 'Forbidden';
  readonly message: string;
}

/** `forbidden`: what the API server said when it last refused to raise the request; empty: it did not. */
export function wantedCondition({ verdict }: Pick<Decision, 'verdict'>, forbidden: string): Wanted | undefined {
  if (verdict.kind === 'Unmanaged') return undefined;
  if (verdict.kind === 'Invalid') {
    const { field, value, reason } = verdict;
    return { reason: 'InvalidConfiguration', message: `${field} is "${value}": it ${reason}` };
  }
  return forbidden === '' ? undefined : { reason: 'Forbidden', message: forbidden };
}

/** The body of a strategic merge patch of the status; undefined: the claim says it already. */
export function conditionPatch(claim: Claim, wanted: Wanted | undefined, now: number): object | undefined {
  const present = claim.conditions.find(({ type }) => type === GROWTH_BLOCKED);
  if (!wanted) return present && { status: { conditions: [{ $patch: 'delete', type: GROWTH_BLOCKED }] } };
  if (present?.status === 'True' && present.reason === wanted.reason && present.message === wanted.message) {
    return undefined;
  }
  const condition: Condition = {
    type: GROWTH_BLOCKED,
    status: 'True',
    ...wanted,
    lastTransitionTime: present?.status === 'True' ? (present.lastTransitionTime ?? formatTime(now)) : formatTime(now),
  };
  return { status: { conditions: [condition] } };
}
