/** Rules that could take too long: refused with the definition, as long as nothing bounds what they look at. */
import type { CelProgram } from '../cel.ts';
import { type FieldProblem, forbiddenField } from '../field.ts';
import { celBounds, LARGEST_REQUEST } from './cel-bounds.ts';
import type { Structural } from './structural.ts';

export interface RuleCost {
  readonly field: string;
  readonly cost: number;
}

/** k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation (read in 0.36) */
const MOST_PER_RULE = 10_000_000;
const MOST_PER_DEFINITION = 100_000_000;

interface Costly {
  readonly field: string;
  readonly node: Structural;
  readonly place: { readonly name: string; readonly times: number; readonly costs: RuleCost[] };
}

/** Adds the cost of the rule to the others. */
export function costProblems(program: CelProgram, { field, node, place }: Costly): readonly FieldProblem[] {
  if (program.kind === 'invalid') return [];
  const sized = celBounds(node, place.name === 'self');
  if (!sized) return [];
  // what nothing bounds is as often there as it fits into a request
  const times = Number.isFinite(place.times) ? place.times : Math.floor(LARGEST_REQUEST / (sized.least + 1));
  const cost = program.estimate({ self: sized.bounds, oldSelf: sized.bounds }) * times;
  place.costs.push({ field, cost });
  return cost > MOST_PER_RULE ? [forbiddenField(field, excess('estimated rule cost', cost, MOST_PER_RULE))] : [];
}

/** `path` is where the schema stands in the definition. */
export function totalProblems(costs: readonly RuleCost[], path: string): readonly FieldProblem[] {
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= MOST_PER_DEFINITION) return [];
  const blamed = costs
    .filter(({ cost }) => cost >= MOST_PER_DEFINITION / 100)
    .sort((left, right) => right.cost - left.cost)
    .slice(0, 4)
    .map(({ field }) => {
      return forbiddenField(
        field,
        'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      );
    });
  const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  return [...blamed, forbiddenField(path, excess(what, total, MOST_PER_DEFINITION))];
}

function excess(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const times = factor > 100 ? 'more than 100' : factor.toFixed(factor < 1.5 ? 6 : 1);
  const advice =
    'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return `${what} exceeds budget by factor of ${times}x (${advice})`;
}
