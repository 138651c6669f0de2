/** PodDisruptionBudget (pkg/printers, read in 1.36). */
import { type FieldProblem, invalidValue, notSupported } from '../field.ts';
import { at, type Json, type JsonObject, numberAt, objectAt, textAt } from '../json.ts';
import type { Kind, Rules } from '../kind.ts';
import { row } from '../row.ts';
import { NEGATIVE } from './integer.ts';

const BOTH = 'minAvailable and maxUnavailable cannot be both set';
const PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

const budgetRules: Rules = {
  defaults: (budget) => ({
    ...budget,
    spec: objectAt(budget, 'spec'),
    status: objectAt(budget, 'status'),
  }),
  create: (budget) => ({ ...budget, status: NOTHING }),
  problems: (budget) => {
    const spec = objectAt(budget, 'spec');
    const [least, most] = [at(spec, 'minAvailable'), at(spec, 'maxUnavailable')];
    const policy = textAt(spec, 'unhealthyPodEvictionPolicy');
    return [
      ...(least !== undefined && most !== undefined ? [invalidValue('spec', printedSpec(spec), BOTH)] : []),
      ...shareProblems(least, 'spec.minAvailable'),
      ...shareProblems(most, 'spec.maxUnavailable'),
      ...(policy === undefined || EVICTION_POLICIES.includes(policy)
        ? []
        : [notSupported('spec.unhealthyPodEvictionPolicy', policy, EVICTION_POLICIES)]),
    ];
  },
};

const NOTHING = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

/** As the server's own type prints itself. */
function printedSpec(spec: JsonObject): JsonObject {
  return {
    MinAvailable: at(spec, 'minAvailable') ?? null,
    Selector: at(spec, 'selector') ?? null,
    MaxUnavailable: at(spec, 'maxUnavailable') ?? null,
    UnhealthyPodEvictionPolicy: at(spec, 'unhealthyPodEvictionPolicy') ?? null,
  };
}

/** A number, or so many of a hundred. */
function shareProblems(share: Json | undefined, field: string): readonly FieldProblem[] {
  if (typeof share === 'number') return share < 0 ? [invalidValue(field, share, NEGATIVE)] : [];
  if (typeof share !== 'string') return [];
  if (!/^[0-9]+%$/.test(share)) return [invalidValue(field, share, PERCENT)];
  return Number(share.slice(0, -1)) > 100 ? [invalidValue(field, share, 'must not be greater than 100%')] : [];
}

export const disruptionBudgetKinds: readonly Kind[] = [
  row('policy/v1', 'poddisruptionbudgets', {
    counted: true,
    putNeedsVersion: true,
    rules: budgetRules,
    cells: {
      'Min Available': (budget) => String(at(budget, 'spec', 'minAvailable') ?? 'N/A'),
      'Max Unavailable': (budget) => String(at(budget, 'spec', 'maxUnavailable') ?? 'N/A'),
      'Allowed Disruptions': (budget) => numberAt(budget, 'status', 'disruptionsAllowed') ?? 0,
    },
  }),
];
