/** What those are asked who are asked before a write, and where in a write they are asked. */
import type { Target } from '../call.ts';
import type { JsonObject } from '../json.ts';
import type { Reading } from '../store.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

export interface Question {
  readonly target: Target;
  /** Empty while it is still to be generated, and for each object of a deleted collection. */
  readonly name: string;
  readonly operation: Operation;
  /** As it would be written; undefined when it is deleted. */
  readonly object: JsonObject | undefined;
  /** As it is; undefined when it is new. */
  readonly current: JsonObject | undefined;
}

/**
 * Inside a transaction nobody can wait. So an answer that is not there yet ends the work by an exception, which undoes
 * it; whoever ran it gets the answer outside and runs it again.
 */
export interface Consult {
  /** The object as the mutating webhooks want it. @throws Refusal, or Unanswered */
  mutate(reading: Reading, question: Question & { readonly object: JsonObject }): JsonObject;
  /**
   * Whether everybody agrees, to all of it: who asks about many things at once waits once. Mutating webhooks are included
   * when something is deleted. @throws Refusal, or Unanswered
   */
  validate(reading: Reading, ...questions: readonly Question[]): void;
}
