/**
 * How fast decisions are: 100,000 claims with resolved policies, 50 measurements and a rate of growth each, on one core.
 * The bar is one second of CPU; the limit measured in the same run is what merely parsing the same inputs from JSON costs.
 * A rate is taken once in five minutes and not with each decision; what that costs is a row of its own.
 */

import { situationInput } from '../src/expand/decide.fixture.ts';
import { decide } from '../src/expand/decide.ts';
import { toJson } from '../src/expand/decision.ts';
import type { DecideInput } from '../src/expand/facts.ts';
import { minutes, steady, trendRules } from '../src/expand/forecast/trend.fixture.ts';
import { trendOf } from '../src/expand/forecast/trend.ts';
import { type BenchReport, distribution } from './report.ts';

const CLAIMS = 100_000;
const SAMPLES = 50;
const POINTS = 50;
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
      // A third of them grow, a third stand still, of a third nothing is known yet.
      over: index % 3 === 2 ? {} : { trend: steady(index % 3 === 0 ? 2 ** 24 : 0) },
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
  const trail = minutes(POINTS * 5, (minute) => minute * 1e6 + ((minute * 7_919) % 1e6));
  const rates = cpuSeconds(() => {
    for (let each = 0; each < CLAIMS; each += 1) trendOf(trail, trendRules);
  });
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
      { what: `rates of all claims, from ${POINTS} points each`, unit: 'CPU s', median: rates },
      { what: 'parsing the inputs from JSON', unit: 'CPU s', median: parsing },
    ],
  };
}
