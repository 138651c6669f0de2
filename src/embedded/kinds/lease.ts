/** Lease (pkg/apis/coordination/validation, read in 1.36). */
import { type FieldProblem, invalidValue } from '../field.ts';
import { type JsonObject, numberAt, objectAt, textAt, withAt, without } from '../json.ts';
import type { Rules } from '../kind.ts';
import type { Cells } from '../row.ts';

export const leaseRules: Rules = {
  create: (lease) => uncoordinated(lease),
  update: (lease) => uncoordinated(lease),
  problems: leaseProblems,
};

/** What only coordinated leader election reads, which has to be switched on. */
function uncoordinated(lease: JsonObject): JsonObject {
  return withAt(lease, ['spec'], without(objectAt(lease, 'spec'), 'strategy', 'preferredHolder'));
}

function leaseProblems(lease: JsonObject): readonly FieldProblem[] {
  const seconds = numberAt(lease, 'spec', 'leaseDurationSeconds');
  const transitions = numberAt(lease, 'spec', 'leaseTransitions');
  return [
    ...(seconds !== undefined && seconds <= 0
      ? [invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
      : []),
    ...(transitions !== undefined && transitions < 0
      ? [invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
      : []),
  ];
}

export const leaseCells: Cells = {
  Holder: (lease) => textAt(lease, 'spec', 'holderIdentity') ?? '',
};
