import { count } from './count.ts';
import { codeText, plainText, table } from './markdown-text.ts';
import type { Report, ReportAccount, ReportModule } from './report.ts';

const verdicts: Readonly<Record<ReportModule['verdict'], string>> = {
  go: 'go',
  decide: 'decide first',
  refused: 'refused',
};

/** `migration-report.md`: what a person reads from above to below. */
export function markdown(report: Report): string {
  const { input, counts, modules, order, questions, diagnostics, accounts } = report;
  const byFile = Map.groupBy(accounts, ({ file }) => file);
  const parts = [
    '# Migration report',
    `${count(sum(counts), 'line')} of ${count(counts.files, 'file')}: **${counts.direct}** direct, **${counts.approximate}** approximate, **${counts.manual}** for a person, **${counts.dropped}** dropped. ${count(counts.modules, 'module was', 'modules were')} written, ${count(counts.refused, 'job')} refused. Every line has an entry in migration-report.json; migration-report.html shows jobs and manifests side by side.${input === undefined ? '' : ` Names of jobs' files are relative to ${codeText(input)}.`}`,
    ...section(
      'Problems',
      diagnostics.map(
        ({ severity, code, message, file, line }) =>
          `- ${severity}: ${file === undefined ? '' : `${codeText(`${file}:${line}`)} `}${plainText(message)} (${code})`,
      ),
    ),
    ...(modules.length === 0
      ? []
      : [
          '## Jobs',
          table(
            ['Job', 'Verdict', 'Direct', 'Approximate', 'Manual', 'Dropped', 'Calls', 'Shares data with'],
            modules.map(row),
          ),
        ]),
    ...section(
      'Order',
      order.map((step, index) => `${index + 1}. ${step.map((name) => plainText(name)).join(', ')}`),
    ),
    ...section(
      'Answers',
      questions.map(
        ({ id, text, value, answered }) =>
          `- ${codeText(id)}: ${plainText(text)} **${plainText(value)}**${answered ? '' : ' (the default; nobody answered)'}`,
      ),
    ),
    ...modules.flatMap((module) => jobSection(module, byFile.get(module.file) ?? [])),
  ];
  return `${parts.join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.join('\n')];
}

function sum({ direct, approximate, manual, dropped }: Report['counts']): number {
  return direct + approximate + manual + dropped;
}

function row({ name, verdict, counts, calls, shares }: ReportModule): readonly string[] {
  const { direct, approximate, manual, dropped } = counts;
  return [
    plainText(name),
    verdicts[verdict],
    ...[direct, approximate, manual, dropped].map(String),
    calls.map(plainText).join(', '),
    shares.map(plainText).join(', '),
  ];
}

/** What is not simply the same: each such line once, what a person has to do first. */
function jobSection(module: ReportModule, accounts: readonly ReportAccount[]): readonly string[] {
  const todos = [...Map.groupBy(module.todos, ({ text }) => text)].map(([text, same]) => {
    const places = new Set(same.map(({ file, line }) => codeText(`${file}:${line}`)));
    return `- [ ] ${[...places].join(', ')} ${plainText(text)}`;
  });
  const rest = accounts.filter(({ class: kind, todo }) => kind !== 'direct' && todo === undefined);
  const rows = rest.map(({ line, path, class: kind, text }) => [String(line), codeText(path), kind, plainText(text)]);
  return [
    `## ${plainText(module.name)}`,
    `${codeText(module.file)}, job ${codeText(module.job)}: ${verdicts[module.verdict]}.${module.reasons.map((reason) => ` ${plainText(reason)}.`).join('')}`,
    ...(todos.length === 0 ? [] : [todos.join('\n')]),
    ...(rows.length === 0 ? [] : [table(['Line', 'What', 'Class', 'What became of it'], rows)]),
  ];
}
