/** Lease (pkg/apis/coordination/validation, read in 1.36). */
import { type FieldProblem, invalidValue } from '../field.ts';
import { type JsonObject, numberAt, textAt } from '../json.ts';
import type { Column, Rules } from '../kind.ts';

export const leaseRules: Rules = { problems: leaseProblems };

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

export const leaseColumns: readonly Column[] = [
  {
    name: 'Holder',
    description: 'holderIdentity contains the identity of the holder of a current lease.',
    cell: (lease) => textAt(lease, 'spec', 'holderIdentity') ?? '',
  },
];
