/** Why something was not recorded, and what to do, for people. */
import type { Appended } from './ledger.ts';
import { ruleMeanings } from './rules/meaning.ts';
import type { Violation } from './rules.ts';

/** On one line: what happened comes first. */
export function refusal(outcome: Exclude<Appended, { kind: 'appended' }>): string {
  switch (outcome.kind) {
    case 'refused':
      return brokenRules(outcome.violations);
    case 'secret': {
      const places = outcome.findings.map(({ where, kind }) => `${where} (${kind})`).join(', ');
      return `what looks like a secret is in ${places}. Take it out; if it was ever stored anywhere, rotate it`;
    }
    case 'broken':
      return `the ledger is broken: ${outcome.findings[0]?.message ?? 'nothing hangs together'}. Run \`larder ledger verify\``;
    default:
      return outcome satisfies never;
  }
}

/** Each with its id, which docs/reference/ledger-rules.md explains. */
export function brokenRules(violations: readonly Violation[]): string {
  return violations
    .map(({ rule, message }) => `${message} [${rule}]. ${ruleMeanings[rule].meaning} ${ruleMeanings[rule].remedy}`)
    .join(' ');
}
