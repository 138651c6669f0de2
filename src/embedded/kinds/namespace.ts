/** Namespace (pkg/registry/core/namespace, read in 1.36). */
import { type FieldProblem, invalidValue } from '../field.ts';
import { type JsonObject, objectAt, textAt, textsAt, withAt } from '../json.ts';
import type { Rules } from '../kind.ts';
import { finalizersProblems, isTerminating } from '../metadata.ts';
import type { Cells } from '../row.ts';

const FINALIZER = 'kubernetes';
const NAME_LABEL = 'kubernetes.io/metadata.name';

export const namespaceRules: Rules = {
  defaults: (namespace) => {
    const name = textAt(namespace, 'metadata', 'name') ?? '';
    const named = name === '' ? namespace : withAt(namespace, ['metadata', 'labels', NAME_LABEL], name);
    return { ...named, spec: objectAt(named, 'spec'), status: { phase: 'Active', ...objectAt(named, 'status') } };
  },
  create: (namespace) => {
    const finalizers = textsAt(namespace, 'spec', 'finalizers');
    const complete = finalizers.includes(FINALIZER) ? finalizers : [...finalizers, FINALIZER];
    return { ...namespace, spec: { finalizers: complete }, status: { phase: 'Active' } };
  },
  update: (namespace, current) => ({ ...namespace, spec: objectAt(current, 'spec') }),
  problems: (namespace) => finalizersProblems(textsAt(namespace, 'spec', 'finalizers'), 'spec.finalizers', false),
  statusProblems: phaseProblems,
};

function phaseProblems(namespace: JsonObject): readonly FieldProblem[] {
  const phase = textAt(namespace, 'status', 'phase') ?? '';
  const [wanted, when] = isTerminating(namespace) ? ['Terminating', 'is not empty'] : ['Active', 'is empty'];
  if (phase === wanted) return [];
  return [invalidValue('status.Phase', phase, `may only be '${wanted}' if \`deletionTimestamp\` ${when}`)];
}

export const namespaceCells: Cells = {
  Status: (namespace) => textAt(namespace, 'status', 'phase') ?? '',
};
