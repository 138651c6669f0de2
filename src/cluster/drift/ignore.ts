/** Findings that somebody has decided to live with for a while: each with a reason and an end. */
import { z } from 'zod';
import type { DriftFinding } from './finding.ts';

/** Where the repository keeps it. */
export const IGNORE_FILE = 'drift-ignore.yaml';

const kinds = z.enum(['host', 'host-state', 'manifest', 'orphan', 'node', 'version', 'certificate', 'unlogged-change']);

const rule = z.strictObject({
  kind: kinds,
  /** As a finding names it; `*` stands for any text. */
  object: z.string().min(1, 'is empty: name the object as the finding does, * stands for any text'),
  /** Only findings whose message has this text in it. */
  message: z.string().min(1).optional(),
  reason: z.string().trim().min(1, 'is empty: say why this is left as it is'),
  /** The day from which it no longer counts. */
  expires: z.iso.date('is not a day, as 2026-12-31'),
});

export const ignoreList = z.strictObject({ ignore: z.array(rule).default([]) });

export type IgnoreRule = z.infer<typeof rule>;

export interface Ignored {
  readonly reason: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

export interface Applied {
  readonly findings: readonly (DriftFinding & { readonly ignored?: Ignored })[];
  /** Rules that are over, and rules that match nothing. */
  readonly notes: readonly string[];
}

/** A rule that is over leaves its findings to count again. `now`: epoch milliseconds. */
export function withIgnored(findings: readonly DriftFinding[], rules: readonly IgnoreRule[], now: number): Applied {
  const told = rules.map((each) => ({ each, pattern: patternOf(each.object), isOver: Date.parse(endOf(each)) <= now }));
  const used = new Set<IgnoreRule>();
  const result = findings.map((finding) => {
    const matching = told.filter(({ each, pattern }) => isAbout(finding, each, pattern));
    for (const { each } of matching) used.add(each);
    const rule = matching.find(({ isOver }) => !isOver)?.each;
    return rule === undefined ? finding : { ...finding, ignored: { reason: rule.reason, expiresAt: endOf(rule) } };
  });
  const notes = told.flatMap(({ each, isOver }) => {
    const name = `${IGNORE_FILE}: the rule for ${each.kind} ${each.object}`;
    if (isOver && used.has(each)) return [`${name} ended on ${each.expires}: what it was about counts again`];
    if (isOver) return [`${name} ended on ${each.expires} and matches nothing: take it out`];
    return used.has(each) ? [] : [`${name} matches nothing`];
  });
  return { findings: result, notes };
}

function isAbout(finding: DriftFinding, { kind, message }: IgnoreRule, pattern: RegExp): boolean {
  if (finding.kind !== kind || !pattern.test(finding.object)) return false;
  return message === undefined || finding.message.includes(message);
}

/** Midnight UTC at which the day begins. */
function endOf({ expires }: IgnoreRule): string {
  return `${expires}T00:00:00Z`;
}

/** Runs of stars are one star: nothing that somebody writes makes the search slow. */
function patternOf(glob: string): RegExp {
  const parts = glob.split(/\*+/).map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
