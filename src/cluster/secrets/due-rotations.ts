/** When secrets must be rotated, from what the ledger remembers. */
import type { SecretsRotation } from '../../ledger/entity.ts';
import { momentOf } from '../../ledger/moment.ts';
import type { State } from '../../ledger/state.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import type { RotationScope } from './rotation-event.ts';

export interface RotationDue {
  readonly scope: RotationScope;
  /** When the last one was verified. */
  readonly last?: string;
  readonly due?: string;
  /** `unfinished`: one was begun and never verified. `never`: nothing is recorded of it. */
  readonly state: 'in time' | 'soon' | 'overdue' | 'unfinished' | 'never';
  readonly remedy: string;
}

const DAY_MS = 86_400_000;
const SOON_MS = 14 * DAY_MS;

const REMEDIES: Readonly<Record<RotationScope, string>> = {
  age: 'larder cluster secrets rotate',
  'k3s-token': 'larder cluster secrets rotate-token',
};

/** Without a ledger nothing is known of them. `now`: epoch ms. */
export function dueRotations(state: State | undefined, { rotation }: ClusterSpec, now: number): readonly RotationDue[] {
  const days: Readonly<Record<RotationScope, number>> = { age: rotation.ageKeyDays, 'k3s-token': rotation.tokenDays };
  return (['age', 'k3s-token'] as const).map((scope) => {
    const remedy = REMEDIES[scope];
    const last = lastVerified(state, scope);
    const begun = openRotation(state, scope) !== undefined;
    if (last?.completedAt === undefined) return { scope, state: begun ? 'unfinished' : 'never', remedy };
    // The file may ask for it earlier than was said when it was recorded.
    const at = Math.min(momentOf(last.nextRotationDue), momentOf(last.completedAt) + days[scope] * DAY_MS);
    const due = new Date(at).toISOString();
    const timely = at < now ? 'overdue' : at < now + SOON_MS ? 'soon' : 'in time';
    return { scope, last: last.completedAt, due, state: begun ? 'unfinished' : timely, remedy };
  });
}

/** The newest that was planned or begun after the last one that was verified, and was not verified itself. */
export function openRotation(state: State | undefined, scope: RotationScope): SecretsRotation | undefined {
  const last = lastVerified(state, scope);
  const isOpen = ({ initiatedAt, status }: SecretsRotation): boolean =>
    status !== 'verified' && (last === undefined || momentOf(initiatedAt) > momentOf(last.initiatedAt));
  return ofScope(state, scope)
    .filter(isOpen)
    .toSorted((a, b) => momentOf(a.initiatedAt) - momentOf(b.initiatedAt))
    .at(-1);
}

function lastVerified(state: State | undefined, scope: RotationScope): SecretsRotation | undefined {
  return ofScope(state, scope)
    .filter(({ status }) => status === 'verified')
    .reduce(later, undefined);
}

function ofScope(state: State | undefined, scope: RotationScope): readonly SecretsRotation[] {
  return [...(state?.rotations.values() ?? [])].filter(({ rotationScope }) => rotationScope === scope);
}

function later(one: SecretsRotation | undefined, other: SecretsRotation): SecretsRotation {
  return one !== undefined && momentOf(one.nextRotationDue) > momentOf(other.nextRotationDue) ? one : other;
}
