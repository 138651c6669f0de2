import { count } from './count.ts';
import { codeText, plainText, table } from './markdown-text.ts';
import type { Report, ReportModule } from './report.ts';

/** What a person wants to know before a migration: can it be done, what stands in the way, in which order. */
export interface Assessment {
  readonly verdict: 'go' | 'decide' | 'no-go';
  readonly reasons: readonly string[];
  readonly modules: readonly ReportModule[];
  readonly order: Report['order'];
  readonly counts: Report['counts'];
  /** That nobody has answered. */
  readonly questions: Report['questions'];
  readonly diagnostics: Report['diagnostics'];
}

export function assessment({ modules, order, counts, questions, diagnostics }: Report): Assessment {
  const refused = modules
    .filter(({ verdict }) => verdict === 'refused')
    .map(({ name, reasons }) => `${name}: ${reasons[0]}`);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const unread = errors.filter(({ file }) => !modules.some((module) => module.file === file));
  const broken = unread.map(({ file, line, message }) =>
    file === undefined ? message : `${file}:${line}: ${message}`,
  );
  const stops = [...refused, ...broken];
  const todos = modules.reduce((sum, module) => sum + module.todos.length, 0);
  const open = modules.filter(({ verdict }) => verdict === 'decide').length;
  const decide = open > 0 ? [`${count(todos, 'thing')} to decide in ${open} of ${count(modules.length, 'job')}`] : [];
  return {
    verdict: stops.length > 0 ? 'no-go' : open > 0 ? 'decide' : 'go',
    reasons: [...stops, ...decide],
    ...{ modules, order, counts, diagnostics },
    questions: questions.filter(({ answered }) => !answered),
  };
}

export const verdictWords: Readonly<Record<Assessment['verdict'], string>> = {
  go: 'GO: every job can be moved as it is',
  decide: 'GO, when a person has decided',
  'no-go': 'NO-GO as it stands',
};

export function assessmentMarkdown({ verdict, reasons, modules, order, questions }: Assessment): string {
  const parts = [
    '# Assessment',
    `**${verdictWords[verdict]}**`,
    ...(reasons.length === 0 ? [] : [reasons.map((reason) => `- ${plainText(reason)}`).join('\n')]),
    ...(modules.length === 0
      ? []
      : [
          '## Jobs',
          table(
            [
              'Job',
              'File',
              'Verdict',
              'Direct',
              'Approximate',
              'Manual',
              'Dropped',
              'To decide',
              'Calls',
              'Shares data with',
            ],
            modules.map(({ name, file, verdict: own, counts, todos, calls, shares }) => [
              plainText(name),
              codeText(file),
              own,
              ...[counts.direct, counts.approximate, counts.manual, counts.dropped, todos.length].map(String),
              plainText(calls.join(', ')),
              plainText(shares.join(', ')),
            ]),
          ),
          '## Order',
          order.map((step, index) => `${index + 1}. ${plainText(step.join(', '))}`).join('\n'),
        ]),
    ...(questions.length === 0
      ? []
      : [
          '## Questions',
          questions
            .map(
              ({ id, text, value }) => `- ${codeText(id)}: ${plainText(text)} (without an answer: ${codeText(value)})`,
            )
            .join('\n'),
        ]),
    ...modules
      .filter(({ todos }) => todos.length > 0)
      .flatMap(({ name, todos }) => [
        `## ${plainText(name)}`,
        todos.map(({ file, line, text }) => `- ${codeText(`${file}:${line}`)} ${plainText(text)}`).join('\n'),
      ]),
  ];
  return `${parts.join('\n\n')}\n`;
}
