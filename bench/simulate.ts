/**
 * How fast a year is played: 100,000 claims for 365 days, by the function that decides on a cluster. The bar is thirty
 * seconds; what it is held against in the same run is looking at every measurement, on a few of the same claims.
 */
import { play } from '../src/expand/simulate/play.ts';
import { scenarioSchema } from '../src/expand/simulate/scenario.ts';
import { scriptOf } from '../src/expand/simulate/script.ts';
import { createProviders } from '../src/providers/index.ts';
import type { BenchReport } from './report.ts';

const CLAIMS = 100_000;
const DAYS = 365;
const BAR_SECONDS = 30;
/** Looking every minute for a year takes a second and a half a claim. */
const WATCHED = 4;

/** A quarter each: still, slow, quick, and one that comes and goes by day. */
function written(count: number): object {
  const each = (name: string, usage: object) => ({
    name,
    count: Math.max(1, Math.round(count / 4)),
    size: '100Gi',
    settings: { enabled: 'true', 'max-size': '4Ti' },
    usage: { start: '50Gi', ...usage },
  });
  return {
    duration: `${DAYS}d`,
    claims: [
      each('still', {}),
      each('slow', { growth: '500Mi/d' }),
      each('quick', { growth: '4Gi/d' }),
      each('daily', {
        growth: '1Gi/d',
        bursts: [
          { at: '90d', add: '40Gi', over: '2h' },
          { at: '91d', remove: '40Gi' },
        ],
      }),
    ],
  };
}

async function playAll(
  count: number,
  everyMeasurement: boolean,
): Promise<{ readonly seconds: number; readonly steps: number; readonly decisions: number }> {
  const made = scriptOf(scenarioSchema.parse(written(count)), () => createProviders());
  if (made.kind === 'invalid') throw new Error(made.problems.join('\n'));
  const script = { ...made.script, stage: { ...made.script.stage, everyMeasurement } };
  const before = process.cpuUsage();
  let [steps, decisions] = [0, 0];
  for await (const { course } of play(script)) {
    steps += course.steps.length;
    decisions += course.decisions;
  }
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1_000_000, steps, decisions };
}

export async function run(): Promise<BenchReport> {
  await playAll(400, false);
  const jumped = await playAll(CLAIMS, false);
  const watched = await playAll(WATCHED, true);
  const perClaim = jumped.seconds / CLAIMS;
  return {
    about: `larder simulate: ${CLAIMS.toLocaleString('en')} claims for ${DAYS} days, one core; ${jumped.steps.toLocaleString('en')} growths, ${jumped.decisions.toLocaleString('en')} decisions`,
    rows: [
      {
        what: 'all claims',
        unit: 'CPU s',
        median: jumped.seconds,
        bar: { text: `< ${BAR_SECONDS}`, met: jumped.seconds < BAR_SECONDS },
      },
      {
        what: 'one claim',
        unit: 'CPU µs',
        median: perClaim * 1_000_000,
        ratio: { to: 'looking at every measurement', value: perClaim / (watched.seconds / WATCHED) },
      },
      {
        what: `one claim, looked at every minute (${WATCHED} of them)`,
        unit: 'CPU s',
        median: watched.seconds / WATCHED,
      },
    ],
  };
}
