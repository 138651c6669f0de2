import { createHash } from 'node:crypto';
import type { Report } from '../report.ts';
import type { Criterion, CriterionVerdict } from './criterion.ts';
import { pageStyle } from './page-style.ts';
import { recordWords, spanWords, titleWords, verdictWords } from './wording.ts';

/** One page that needs nothing else and runs nothing: no script, no image, nothing that is loaded. */
export function reportPage(report: Report): string {
  const title = `Governance report: ${titleWords(report)}`;
  const digest = createHash('sha256').update(pageStyle).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p class="soft">${escaped(spanWords(report))}</p>
<ul class="counts">
${counts(report)}
</ul>
${report.criteria.map(card).join('\n')}
</main>
</body>
</html>
`;
}

const KINDS: readonly CriterionVerdict['kind'][] = ['missed', 'not-known', 'met'];

function counts(report: Report): string {
  return KINDS.map(
    (kind) => `<li class="${kind}"><b>${report.counts[kind]}</b> ${verdictWords[kind].toLowerCase()}</li>`,
  ).join('\n');
}

function card(criterion: Criterion): string {
  const { id, title, value, target, verdict, notes } = criterion;
  const why = verdict.kind === 'met' ? '' : `<dt>Why</dt><dd>${escaped(verdict.why)}</dd>`;
  return `<section id="${id}" class="${verdict.kind}">
<div class="head"><h2>${escaped(title)}</h2><span class="verdict">${verdictWords[verdict.kind].toLowerCase()}</span></div>
<dl><dt>Value</dt><dd>${escaped(value)}</dd><dt>Target</dt><dd>${escaped(target)}</dd>${why}<dt>From</dt><dd>${escaped(recordWords(criterion))}</dd></dl>
${notes.length === 0 ? '' : details(criterion)}</section>`;
}

/** What is missed stands open. */
function details({ notes, verdict }: Criterion): string {
  const open = verdict.kind === 'missed' && notes.length <= 12 ? ' open' : '';
  const items = notes.map((note) => `<li>${escaped(note)}</li>`).join('');
  return `<details${open}><summary>${notes.length === 1 ? '1 note' : `${notes.length} notes`}</summary><ul class="notes">${items}</ul></details>\n`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
