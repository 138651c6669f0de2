/**
 * How fast decisions are: 100,000 claims with resolved policies and 50 measurements each, on one core. The bar is one
 * second of CPU; the limit measured in the same run is what merely parsing the same inputs from JSON costs.
 */

import { situationInput } from '../src/expand/decide.fixture.ts';
import { decide } from '../src/expand/decide.ts';
import { toJson } from '../src/expand/decision.ts';
import type { DecideInput } from '../src/expand/facts.ts';
import { type BenchReport, distribution } from './report.ts';

const CLAIMS = 100_000;
const SAMPLES = 50;
const BAR_SECONDS = 1;
const ROUNDS = 7;

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

/** A tenth near or above its threshold, as in a busy cluster; the rest quiet. */
function inputs(): readonly DecideInput[] {
  return Array.from({ length: CLAIMS }, (_, index) =>
    situationInput({
      index,
      samples: SAMPLES,
      usedRatio: index % 10 === 0 ? 0.78 + (index % 100) / 500 : (index % 70) / 100,
    }),
  );
}

export async function run(): Promise<BenchReport> {
  const all = inputs();
  let grown = 0;
  for (const input of all) if (decide(input).verdict.kind === 'Expand') grown += 1;
  const rounds = Array.from({ length: ROUNDS }, () =>
    cpuSeconds(() => {
      for (const input of all) decide(input);
    }),
  );
  const texts = all.map((input) => JSON.stringify(toJson(input)));
  const parsing = cpuSeconds(() => {
    for (const text of texts) JSON.parse(text);
  });
  const spread = distribution(rounds);
  return {
    about: `decide() on ${CLAIMS.toLocaleString('en')} claims with ${SAMPLES} measurements each, one core; ${grown.toLocaleString('en')} of them grow`,
    rows: [
      {
        what: 'all decisions',
        unit: 'CPU s',
        ...spread,
        ratio: { to: 'parsing the inputs', value: spread.median / parsing },
        bar: { text: `< ${BAR_SECONDS}`, met: spread.median < BAR_SECONDS },
      },
      { what: 'one decision', unit: 'CPU µs', median: (spread.median / CLAIMS) * 1_000_000 },
      { what: 'parsing the inputs from JSON', unit: 'CPU s', median: parsing },
    ],
  };
}
