/** What came of the claims that were played so far, under the settings of now and under what is proposed. */
import { added, nothingYet, type Outcome, outcomeOf, type Prices, type Total } from '../../expand/simulate/outcome.ts';
import type { Played } from '../../expand/simulate/play.ts';
import type { Fared, WhatIfAnswer, WhatIfRow, WhatIfTotal } from './policy-api.ts';

const ROWS_AT_MOST = 100;

interface Span {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

export class Tally {
  readonly #prices: Prices;
  readonly #span: Span;
  readonly #notes = new Set<string>();
  readonly #rows: WhatIfRow[] = [];
  readonly #present = new Sum();
  readonly #proposed = new Sum();
  #unmeasured = 0;

  constructor(prices: Prices, { from, to }: Span) {
    this.#prices = prices;
    this.#span = { from, to };
  }

  get played(): number {
    return this.#rows.length;
  }

  note(...notes: readonly string[]): void {
    for (const note of notes) this.#notes.add(note);
  }

  /** Nothing was measured of one. */
  unmeasured(): void {
    this.#unmeasured += 1;
  }

  add(
    { namespace, name }: Pick<WhatIfRow, 'namespace'> & { readonly name: string },
    present: Played,
    proposed: Played,
  ) {
    const [before, after] = [this.#outcome(present), this.#outcome(proposed)];
    this.#present.add(before, present.course.decisions);
    this.#proposed.add(after, proposed.course.decisions);
    this.#rows.push({ namespace, claim: name, present: faredOf(before), proposed: faredOf(after) });
  }

  /** `matched`: how many there are; `cut`: why not all were played, empty: all were. */
  answer(matched: number, cut: string): WhatIfAnswer {
    const { currency } = this.#prices;
    return {
      ...this.#span,
      matched,
      played: this.played,
      unmeasured: this.#unmeasured,
      present: this.#present.total(),
      proposed: this.#proposed.total(),
      claims: this.#rows.toSorted(byDifference).slice(0, ROWS_AT_MOST),
      ...(currency === '' ? {} : { currency }),
      cut,
      notes: [...this.#notes],
    };
  }

  #outcome({ course, situation }: Played): Outcome {
    return outcomeOf(course, situation, this.#span.to - this.#span.from, this.#prices);
  }
}

/** Invariant: `#total` and the figures beside it are of the same claims. */
class Sum {
  #total: Total = nothingYet;
  #grown = 0;
  #grownBytes = 0n;

  add(outcome: Outcome, decisions: number): void {
    this.#total = added(this.#total, outcome, decisions);
    if (outcome.endBytes === outcome.startBytes) return; // one that is under way at the end has grown nothing yet
    this.#grown += 1;
    this.#grownBytes += outcome.endBytes - outcome.startBytes;
  }

  total(): WhatIfTotal {
    const { steps, endBytes, everFull, fullMs, cost } = this.#total;
    return {
      grown: this.#grown,
      grownBytes: this.#grownBytes.toString(),
      growths: steps,
      endBytes: endBytes.toString(),
      everFull,
      fullMs,
      ...(cost === undefined ? {} : { cost }),
    };
  }
}

function faredOf({ startBytes, endBytes, steps, fullMs, above95Ms, cost, verdict }: Outcome): Fared {
  return {
    startBytes: startBytes.toString(),
    endBytes: endBytes.toString(),
    growths: steps,
    fullMs,
    above95Ms,
    ...(cost === undefined ? {} : { cost }),
    verdict,
  };
}

/** Where the two differ in what a person feels: full, then size, then how often it was changed. */
function byDifference(one: WhatIfRow, other: WhatIfRow): number {
  const apart = ({ present, proposed }: WhatIfRow): readonly [number, number, number] => [
    Math.abs(proposed.fullMs - present.fullMs),
    Math.abs(Number(proposed.endBytes) - Number(present.endBytes)),
    Math.abs(proposed.growths - present.growths),
  ];
  const [a, b] = [apart(one), apart(other)];
  return b[0] - a[0] || b[1] - a[1] || b[2] - a[2] || (one.claim < other.claim ? -1 : 1);
}
