/** When secrets must be rotated, from what the ledger remembers. */
import type { SecretsRotation } from '../../ledger/entity.ts';
import { momentOf } from '../../ledger/moment.ts';
import type { State } from '../../ledger/state.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import type { RotationScope } from './rotation-event.ts';
import { type RotationStanding, rotationCommands, rotationStanding } from './rotation-standing.ts';

export interface RotationDue {
  readonly scope: RotationScope;
  /** When the last one was verified. */
  readonly last?: string;
  readonly due?: string;
  readonly state: RotationStanding;
  readonly remedy: string;
}

/** Without a ledger nothing is known of them. `now`: epoch ms. */
export function dueRotations(state: State | undefined, { rotation }: ClusterSpec, now: number): readonly RotationDue[] {
  const days: Readonly<Record<RotationScope, number>> = { age: rotation.ageKeyDays, 'k3s-token': rotation.tokenDays };
  return (['age', 'k3s-token'] as const).map((scope) => {
    const last = lastVerified(state, scope);
    const completedAt = last?.completedAt;
    const standing = rotationStanding(
      {
        verifiedAt: completedAt === undefined ? undefined : momentOf(completedAt),
        dueAt: last === undefined ? undefined : momentOf(last.nextRotationDue),
        isUnfinished: openRotation(state, scope) !== undefined,
        days: days[scope],
      },
      now,
    );
    return {
      scope,
      ...(completedAt === undefined ? {} : { last: completedAt }),
      ...(standing.due === undefined ? {} : { due: new Date(standing.due).toISOString() }),
      state: standing.state,
      remedy: rotationCommands[scope],
    };
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
