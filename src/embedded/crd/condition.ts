/** Conditions of a definition, each once. */
import { type JsonObject, listAt, textAt, withAt } from '../json.ts';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** The time stays what it was while the status does. */
export function withCondition(definition: JsonObject, condition: Condition): JsonObject {
  const { type, status, reason, message } = condition;
  const conditions = listAt(definition, 'status', 'conditions');
  const known = conditions.find((each) => textAt(each, 'type') === type);
  const unchanged = textAt(known, 'status') === status;
  const since = textAt(known, 'lastTransitionTime');
  const lastTransitionTime = unchanged && since !== undefined ? since : condition.lastTransitionTime;
  const fresh: JsonObject = { type, status, lastTransitionTime, reason, message };
  const all = known ? conditions.map((each) => (each === known ? fresh : each)) : [...conditions, fresh];
  return withAt(definition, ['status', 'conditions'], all);
}
