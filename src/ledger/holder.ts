import type { State } from './state.ts';

/** The operator who holds a key now, or held it last: what is wrong with a key of the past is for the rules to say. */
export function holderOf({ operators }: Pick<State, 'operators'>, publicKey: string): string | undefined {
  let past: string | undefined;
  for (const { operatorId, keys } of operators.values()) {
    const own = keys.find((key) => key.publicKey === publicKey);
    if (own?.ended === undefined && own !== undefined) return operatorId;
    if (own !== undefined) past = operatorId;
  }
  return past;
}
