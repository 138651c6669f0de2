/**
 * The shapes of a room's vocabulary. Each room declares its events, error codes and metrics once, as tables in its own
 * `registry.ts`; the code can only use declared names, and the reference pages in docs/ are generated from the tables.
 */

/** What a user reads about one event reason; `remedy` is a sentence that starts with what to do. */
export interface EventEntry {
  readonly type: 'Normal' | 'Warning';
  readonly meaning: string;
  readonly remedy: string;
}
export type EventTable = Readonly<Record<string, EventEntry>>;

export interface ErrorEntry {
  readonly meaning: string;
  readonly remedy: string;
}
export type ErrorTable = Readonly<Record<string, ErrorEntry>>;

export interface MetricEntry {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds in the unit of the name; histograms only. */
  readonly buckets?: readonly number[];
}
export type MetricTable = Readonly<Record<string, MetricEntry>>;

/**
 * A failure of the world or of us (expected outcomes are values, not this). `message` = what happened, to which object,
 * what to do; `code` is stable and documented.
 */
export class CodedError<Code extends string = string> extends Error {
  override readonly name: string = 'CodedError';
  readonly code: Code;
  constructor(code: Code, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
