/** Words that every form of the report uses. */
import type { Report } from '../report.ts';
import { type Criterion, type CriterionVerdict, dayText, momentText } from './criterion.ts';

export const verdictWords: { readonly [Kind in CriterionVerdict['kind']]: string } = {
  met: 'met',
  missed: 'MISSED',
  'not-known': 'not known',
};

export function titleWords({ ledger }: Report): string {
  return ledger === undefined ? 'no ledger' : ledger.title === '' ? ledger.ledgerId : onOneLine(ledger.title);
}

/** What somebody wrote must not look like a line of ours. */
export function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

export function spanWords({ from, at, quarter, records }: Report): string {
  const apart = records.notCounted === 0 ? '' : `, ${records.notCounted} of them do not count`;
  return `${dayText(from)} to ${momentText(at)}, ${quarter}, from ${records.read} ${records.read === 1 ? 'record' : 'records'}${apart}`;
}

export function countWords({ counts }: Report): string {
  return `${counts.met} met, ${counts.missed} missed, ${counts['not-known']} not known`;
}

/** Value and target, with the reason where it is not met. */
export function valueWords({ value, target, verdict }: Criterion): string {
  return `${value}; target: ${target}${verdict.kind === 'met' ? '' : `; ${verdict.why}`}`;
}

/** The first of them, and how many there are beside. */
export function shortened(lines: readonly string[], most: number): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more`];
}

/** Numbers of records in a row as `12–14, 20`. */
export function recordWords({ records }: Criterion): string {
  const runs: [number, number][] = [];
  for (const { seq } of records) {
    const last = runs.at(-1);
    if (last && seq <= last[1] + 1) last[1] = seq;
    else runs.push([seq, seq]);
  }
  const texts = runs.map(([from, to]) => (from === to ? `${from}` : `${from}${to === from + 1 ? ', ' : '–'}${to}`));
  if (records.length === 1) return `record ${texts[0]}`;
  return texts.length === 0 ? 'no record' : `records ${shortened(texts, 8).join(', ')}`;
}
