/** Whether a record may be added to what is there. The rules themselves are rows in `rules/`, in words in `rules/meaning.ts`. */
import { replay } from './fold.ts';
import type { Unsigned } from './record.ts';
import { judge } from './rules/judge.ts';
import type { RuleId } from './rules/meaning.ts';
import type { State } from './state.ts';

export interface Violation {
  readonly rule: RuleId;
  readonly message: string;
  /** Of the data. */
  readonly field?: string;
}

/**
 * The rules that a record would break after `state`; none: it may be added. `key` is the key that signs it (OpenSSH);
 * without it nothing is said about keys. The fold asks the same of each record, so that what was refused at an append is
 * found at replay.
 */
export function decide(state: State, record: Unsigned, key?: string): readonly Violation[] {
  const violations = judge({ state, key }, record);
  if (violations.length > 0 || record.type !== 'correction') return violations;
  const { violations: after } = replay([...state.history.values(), { record, key }]);
  return after
    .filter(({ id }) => !state.unsettled.has(id))
    .flatMap(({ id, violations: broken }) =>
      broken.map(({ rule, message }) => ({
        rule: 'correction-history' as const,
        message: `record ${id} would break ${rule}: ${message}`,
        field: 'data',
      })),
    );
}
