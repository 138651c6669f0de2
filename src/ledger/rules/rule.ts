import type { EventType } from '../event.ts';
import type { RecordOf, Unsigned } from '../record.ts';
import type { State } from '../state.ts';
import type { RuleId } from './meaning.ts';

/** Why a record breaks the rule, in words that name the object; the field of its data, where it is one. */
export interface Breach {
  readonly message: string;
  readonly field?: string;
}

/** What a rule may look at beside the record: everything before it, and the key that signed it, where that is known. */
export interface Before {
  readonly state: State;
  readonly key?: string;
}

export interface Rule {
  readonly id: RuleId;
  /** Of records of these types. */
  readonly types: readonly EventType[];
  readonly broken: (before: Before, record: Unsigned) => Breach | undefined;
}

/** A rule about records of some types; it gets no others. */
export function rule<T extends EventType>(
  id: RuleId,
  types: readonly T[],
  broken: (before: Before, record: RecordOf<T>) => Breach | string | undefined,
): Rule {
  return {
    id,
    types,
    broken: (before, record) => {
      if (!isOf(record, types)) return undefined;
      const breach = broken(before, record);
      return typeof breach === 'string' ? { message: breach } : breach;
    },
  };
}

function isOf<T extends EventType>(record: Unsigned, types: readonly T[]): record is RecordOf<T> {
  return types.some((type) => type === record.type);
}
