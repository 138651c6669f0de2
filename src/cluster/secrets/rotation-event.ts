/** A rotation as the ledger keeps it: begun, then verified; due again within the days of cluster.yaml. */
import { createHash } from 'node:crypto';
import type { LedgerEvent } from '../../ledger/event.ts';

const DAY_MS = 86_400_000;

export interface RotationFacts {
  readonly rotationId: string;
  readonly scope: RotationScope;
  /** age public keys of those who can read it now. */
  readonly recipients: readonly string[];
  /** Epoch ms. */
  readonly initiatedAt: number;
  /** Days until the next one; at most 90. */
  readonly days: number;
}

/** What is rotated: the files for their recipients, or what the nodes know each other by. */
export type RotationScope = 'age' | 'k3s-token';

type Rotation = Extract<LedgerEvent, { type: 'rotation-recorded' }>;

export function rotationBegun(facts: RotationFacts): Rotation {
  const data = { ...shared(facts), verificationSteps: [], nextRotationDue: dueAfter(facts.initiatedAt, facts.days) };
  return { type: 'rotation-recorded', data: { ...data, status: 'in-progress' } };
}

export function rotationVerified(facts: RotationFacts, completedAt: number, steps: readonly string[]): Rotation {
  return {
    type: 'rotation-recorded',
    data: {
      ...shared(facts),
      completedAt: new Date(completedAt).toISOString(),
      verificationSteps: [...steps],
      nextRotationDue: dueAfter(completedAt, facts.days),
      status: 'verified',
    },
  };
}

/** It was begun and came to nothing: it is still to be done. */
export function rotationPutOff(facts: RotationFacts, why: string): Rotation {
  const data = {
    ...shared(facts),
    verificationSteps: [`not done: ${why}`],
    nextRotationDue: dueAfter(facts.initiatedAt, facts.days),
  };
  return { type: 'rotation-recorded', data: { ...data, status: 'scheduled' } };
}

function shared({ rotationId, scope, recipients, initiatedAt }: RotationFacts) {
  return {
    rotationId,
    rotationScope: scope,
    ageKeyFingerprint: `SHA256:${createHash('sha256')
      .update([...recipients].sort().join('\n'))
      .digest('hex')}`,
    initiatedAt: new Date(initiatedAt).toISOString(),
  };
}

function dueAfter(at: number, days: number): string {
  return new Date(at + days * DAY_MS).toISOString();
}
