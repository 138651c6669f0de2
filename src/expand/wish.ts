/** Growth that a person asks for: decided by the same gates as any other, with the wish as one more reason. */
import type { Outcome } from '../kube/controller.ts';
import { orAbort } from '../kube/or-abort.ts';
import type { Decision } from './decision.ts';
import { type Floor, unreachable } from './floor.ts';
import type { Situation } from './situation.ts';
import { planSize } from './size.ts';

export interface Wish {
  /** Bytes; undefined: one step, as the settings of the claim have it. */
  readonly toBytes: bigint | undefined;
  /** Only decide. */
  readonly dryRun: boolean;
}

export interface Granted {
  readonly decision: Decision;
  /** The request was raised. */
  readonly requested: boolean;
  /** Why it was not, although every gate was passed; empty otherwise. */
  readonly reason: string;
}

interface Waiting {
  readonly wish: Wish;
  readonly answer: PromiseWithResolvers<Granted | undefined>;
}

/** Wishes wait here until the claim's own turn comes, because a claim is only written to within it. */
export class Wishes {
  readonly #waiting = new Map<string, Waiting>();

  /** A second wish for the same claim takes the place of the first. Undefined: there is no such claim. */
  async make(key: string, wish: Wish, signal: AbortSignal): Promise<Granted | undefined> {
    const waiting = { wish, answer: Promise.withResolvers<Granted | undefined>() };
    this.answer(key, undefined);
    this.#waiting.set(key, waiting);
    try {
      return await orAbort(waiting.answer.promise, signal);
    } finally {
      if (this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    }
  }

  of(key: string): Wish | undefined {
    return this.#waiting.get(key)?.wish;
  }

  answer(key: string, granted: Granted | undefined): void {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    waiting?.answer.resolve(granted);
  }
}

export function grantedOf(decision: Decision, outcome: Outcome): Granted {
  if (decision.verdict.kind !== 'Expand') return { decision, requested: false, reason: '' };
  return { decision, requested: outcome.kind === 'done', reason: outcome.kind === 'done' ? '' : outcome.reason };
}

/** The claim's situation as if others wanted that size for it. A size that the claim has already is no wish. */
export function wishing(situation: Situation, { toBytes }: Wish): Situation {
  const { claim, resolution, constraints } = situation;
  const { baseBytes, targetBytes } = planSize(claim, resolution.settings, constraints);
  const floor: Floor = {
    bytes: toBytes ?? targetBytes ?? unreachable(baseBytes),
    trigger: 'manual',
    source: 'asked for by hand',
  };
  return { ...situation, floor };
}
