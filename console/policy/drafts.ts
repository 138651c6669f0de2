import type { PolicyAnswer } from '../../src/operator/policies/policy-api.ts';

/** What was written and not saved. */
export interface Draft {
  readonly text: string;
  /** What it was made of; undefined: it is new. */
  readonly base: PolicyAnswer | undefined;
}

/** By address, as long as the tab is open: going elsewhere and coming back loses nothing. */
const drafts = new Map<string, Draft>();

export function draftAt(path: string): Draft | undefined {
  return drafts.get(path);
}

/** Undefined: it is as the cluster has it. */
export function keepDraft(path: string, draft: Draft | undefined): void {
  if (draft === undefined) drafts.delete(path);
  else drafts.set(path, draft);
}

addEventListener('beforeunload', (event) => {
  if (drafts.size > 0) event.preventDefault(); // the browser asks, in its own words
});
