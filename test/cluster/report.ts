/** What a run on somebody's cluster says of itself: for people, and as JSON. Pure. */

export interface Outcome {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly detail: string;
  readonly seconds: number;
}

export interface Report {
  readonly run: string;
  readonly context: string;
  readonly kubernetes: string;
  readonly larder: string;
  /** ISO 8601. */
  readonly begun: string;
  readonly outcomes: readonly Outcome[];
  /** What the operator wanted to change outside of the run's own objects. */
  readonly heldBack: readonly string[];
  /** What the run could not remove. */
  readonly left: readonly string[];
}

const MARKS = { passed: '✓', failed: '✗', skipped: '–' } as const;

export function textOf(report: Report): string {
  const { outcomes, heldBack, left } = report;
  const count = (outcome: Outcome['outcome']): number => outcomes.filter((each) => each.outcome === outcome).length;
  return [
    `Larder ${report.larder} on ${report.context} (Kubernetes ${report.kubernetes}), ${report.begun}, run ${report.run}`,
    '',
    ...outcomes.flatMap(linesOf),
    '',
    ...section('Kept from changing what is not of this run:', heldBack),
    ...section('Left on the cluster; remove by hand:', left),
    `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} not for a user's cluster or not possible here`,
    '',
  ].join('\n');
}

function linesOf({ name, outcome, detail, seconds }: Outcome): readonly string[] {
  const time = outcome === 'skipped' ? '' : ` (${seconds.toFixed(1)} s)`;
  const why = detail === '' ? [] : detail.split('\n').map((line) => `    ${line}`);
  return [`${MARKS[outcome]} ${name}${time}`, ...why];
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ''];

/** Nothing that passed is no success. */
export const succeeded = ({ outcomes, left }: Report): boolean =>
  left.length === 0 &&
  outcomes.every(({ outcome }) => outcome !== 'failed') &&
  outcomes.some(({ outcome }) => outcome === 'passed');
