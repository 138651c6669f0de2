import type { Report } from '../report.ts';
import type { Criterion } from './criterion.ts';
import { countWords, recordWords, spanWords, titleWords, valueWords, verdictWords } from './wording.ts';

/** The whole report for a pull request or a folder of reviews: nothing is left out. */
export function reportMarkdown(report: Report): string {
  const parts = [
    `# Governance report: ${escaped(titleWords(report))}`,
    escaped(`${spanWords(report)}. ${countWords(report)}.`),
    table(report.criteria),
    ...report.criteria.map(chapter),
  ];
  return `${parts.join('\n\n')}\n`;
}

function table(criteria: readonly Criterion[]): string {
  const rows = criteria.map(
    ({ title, value, target, verdict }) =>
      `| ${verdictWords[verdict.kind]} | ${escaped(title)} | ${escaped(value)} | ${escaped(target)} |`,
  );
  return ['| | Criterion | Value | Target |', '|---|---|---|---|', ...rows].join('\n');
}

function chapter(criterion: Criterion): string {
  const { title, verdict, notes } = criterion;
  const lines = [`## ${escaped(title)}: ${verdictWords[verdict.kind]}`, '', `${escaped(valueWords(criterion))}.`];
  if (notes.length > 0) lines.push('', ...notes.map((note) => `- ${escaped(note)}`));
  lines.push('', `Computed from ${escaped(recordWords(criterion))}.`);
  return lines.join('\n');
}

/** Texts of records are shown and never read as markup: each character that Markdown gives a meaning gets a backslash. */
function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]{}<>#|~&]/g, (character) => `\\${character}`);
}
