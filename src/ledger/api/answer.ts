/** What an operation answers: a body with its status, or a problem. Both are expected; a failure of ours is an exception. */
import { type Problem, problem } from '../../http/problem.ts';
import type { LedgerCode } from '../registry.ts';

export type Answer =
  | {
      readonly kind: 'done';
      readonly status: 200 | 201;
      readonly body: unknown;
      /** Path of what was made. */
      readonly location?: string;
      /** Id of the record that says it, where one was written. */
      readonly record?: string;
    }
  | Refusal;

export interface Refusal {
  readonly kind: 'problem';
  readonly problem: Problem;
}

export function done(body: unknown): Answer {
  return { kind: 'done', status: 200, body };
}

/** Members beside those of RFC 9457, as `violations`, tell programs what the detail tells people. */
export function refused(
  status: number,
  code: LedgerCode,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
): Refusal {
  return { kind: 'problem', problem: { ...problem(status, code, detail), ...more } };
}

export function notFound(what: string): Answer {
  return refused(404, 'LARDER_LEDGER_UNKNOWN', `${what} is not in the ledger: nothing was recorded about it`);
}
