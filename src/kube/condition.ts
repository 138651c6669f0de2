/** Conditions in the status of an object: each type once, the time of its last change kept while its status is. */
import type { Condition } from './kinds.ts';

export type ConditionState = Pick<Condition, 'type' | 'status' | 'observedGeneration'> & {
  /** One word in CamelCase; the API refuses an empty one. */
  readonly reason: string;
  readonly message: string;
};

/** The list with that condition in its place, the others as they are. `now` is epoch ms. */
export function withCondition(
  conditions: readonly Condition[],
  state: ConditionState,
  now: number,
): readonly Condition[] {
  const known = conditions.find(({ type }) => type === state.type);
  const since = known?.status === state.status ? known.lastTransitionTime : undefined;
  const condition: Condition = { ...state, lastTransitionTime: since ?? timeOf(now) };
  return known ? conditions.map((each) => (each === known ? condition : each)) : [...conditions, condition];
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timeOf(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}
