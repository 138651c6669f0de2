/** Making room in words: what is asked, what would go, and why the rest stays. Pure. */
import { shellWord } from '../../src/nomad/report/shell-word.ts';
import type { CleanPlan, CleanPlans, CleanRequest, CleanRow } from '../../src/operator/clean-api.ts';
import { sizeText } from '../words/size.ts';

export interface CleanFields {
  readonly belowFree: string;
  /** Empty: as the configuration says. */
  readonly early: string;
}

const earlies = ['none', 'trash', 'all'] as const;

/** An empty amount asks for all that may go, as the form says. */
export function cleanRequestOf({ belowFree, early }: CleanFields): CleanRequest {
  const chosen = earlies.find((each) => each === early);
  return { belowFree: belowFree.trim(), ...(chosen === undefined ? {} : { early: chosen }) };
}

export function cleanCommand({ belowFree = '', early }: CleanRequest): string {
  const words = ['larder volumes clean', '--below-free', belowFree === '' ? "''" : shellWord(belowFree)];
  return [...words, ...(early === undefined ? [] : ['--early', early])].join(' ');
}

export function goingOf(plans: readonly CleanPlan[]): readonly CleanRow[] {
  return plans.flatMap(({ rows }) => rows.filter(({ verdict }) => verdict === 'remove'));
}

const reasons: Readonly<Record<string, string>> = {
  ended: 'its time is over',
  early: 'before its time is over',
  owned: 'a living volume owns it',
  'no-end': 'nobody gave it an end',
  'not-ended': 'its time is not over',
  enough: 'enough is free without it',
};

/** Why a directory goes or stays. */
export function keptWords(reason: string): string {
  return Object.hasOwn(reasons, reason) ? (reasons[reason] ?? reason) : reason;
}

/** Beside what may go, which exports were not asked: what lies there neither goes nor counts. */
export function cleanOutcome({ plans, problems }: CleanPlans): { readonly changes: boolean; readonly message: string } {
  const { changes, message } = outcomeOf(plans);
  const unread = problems.map((problem) => `Not looked at: ${problem.message}.`);
  return { changes, message: [message, ...unread].join(' ') };
}

function outcomeOf(plans: readonly CleanPlan[]): { readonly changes: boolean; readonly message: string } {
  const going = goingOf(plans);
  if (going.length === 0) return { changes: false, message: `nothing may go. ${plans.map(freeText).join(' ')}`.trim() };
  const bytes = going.reduce((sum, row) => sum + BigInt(row.bytes === '' ? '0' : row.bytes), 0n);
  const about = going.some((row) => row.bytes === '') ? 'at least' : 'about';
  const many = going.length === 1 ? '1 directory goes' : `${going.length} directories go`;
  return {
    changes: true,
    message: `${many}, for ever, which frees ${about} ${sizeText(bytes.toString())}. ${plans.map(freeText).join(' ')}`,
  };
}

function freeText({ export: name, freeBytes, neededBytes }: CleanPlan): string {
  const wanted = neededBytes === '' || neededBytes === '0' ? '' : `, ${sizeText(neededBytes)} more wanted`;
  return `${name} has ${sizeText(freeBytes)} free${wanted}.`;
}
