import { type Command, Option } from 'commander';
import { yamlText } from '../../kube/yaml-text.ts';
import { convert } from '../../nomad/output/conversion.ts';
import { type Assessment, assessment, assessmentMarkdown, verdictWords } from '../../nomad/report/assessment.ts';
import { build } from '../../nomad/report/build.ts';
import { count } from '../../nomad/report/count.ts';
import { page } from '../../nomad/report/page.ts';
import { Exit, exitCodes } from '../exit.ts';
import { paint, type Terminal, toJson, wrap } from '../output.ts';
import { type Column, print } from '../print.ts';
import { type CommandContext, examples } from '../program.ts';
import { checkAnswers } from './questions.ts';
import { type ProjectOptions, projectOptions, readGiven, tell } from './read-project.ts';

const formats = ['table', 'json', 'yaml', 'markdown', 'html'] as const;

interface AssessOptions extends ProjectOptions {
  readonly output: (typeof formats)[number];
}

export function assess(parent: Command, context: CommandContext): void {
  const command = parent
    .command('assess')
    .description(
      'Say of each job what converts, what a person must decide, what stands in the way, and in which order to move.',
    )
    .argument('<path...>', 'folders or files with jobs')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formats).default('table'));
  projectOptions(command).action((names: readonly string[], options: AssessOptions) => run(context, names, options));
  examples(command, ['larder nomad assess modules', 'larder nomad assess modules -o html > assessment.html']);
}

async function run({ terminal }: CommandContext, names: readonly string[], options: AssessOptions): Promise<void> {
  const { project, policy, answers, root } = await readGiven(terminal, { names, options });
  const conversion = convert({ project, policy, answers });
  checkAnswers(answers, conversion.questions);
  tell(terminal, conversion, root);
  const report = build(conversion, answers);
  const found = assessment(report);
  if (found.modules.length === 0 && found.diagnostics.length === 0)
    throw new Exit(exitCodes.finding, `no job is in ${names.join(', ')}`);
  if (options.output === 'json') terminal.out(toJson(found));
  else if (options.output === 'yaml') terminal.out(yamlText(found));
  else if (options.output === 'markdown') terminal.out(assessmentMarkdown(found));
  else if (options.output === 'html')
    terminal.out([...page({ report, conversion, sources: project.sources })].join(''));
  else draw(terminal, found);
  if (found.verdict === 'no-go') throw new Exit(exitCodes.finding, '');
}

type Row = Assessment['modules'][number] & { readonly step: string };

const number = (title: string, value: (row: Row) => number): Column<Row> => ({
  title,
  value: (row) => String(value(row)),
  align: 'right',
});

const columns: readonly Column<Row>[] = [
  { title: 'STEP', value: ({ step }) => step, align: 'right' },
  { title: 'JOB', value: ({ name }) => short(name, 26) },
  { title: 'VERDICT', value: ({ verdict }) => verdict },
  number('DIRECT', ({ counts }) => counts.direct),
  number('APPROX', ({ counts }) => counts.approximate),
  number('MANUAL', ({ counts }) => counts.manual),
  number('DROP', ({ counts }) => counts.dropped),
];

function short(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

const WIDTH = 80;

function draw(terminal: Terminal, found: Assessment): void {
  const stepOf = (name: string): string => {
    const index = found.order.findIndex((step) => step.includes(name));
    return index < 0 ? '' : String(index + 1);
  };
  const rows = found.modules.map((module) => ({ ...module, step: stepOf(module.name) }));
  print(
    terminal,
    'table',
    rows.toSorted((one, other) => Number(one.step) - Number(other.step)),
    columns,
  );
  const colour = found.verdict === 'go' ? 'green' : found.verdict === 'decide' ? 'yellow' : 'red';
  terminal.out(`\n${paint(terminal, colour, verdictWords[found.verdict])}\n`);
  for (const reason of found.reasons) terminal.out(`${wrap(`- ${reason}`, WIDTH)}\n`);
  for (const { name, calls, shares } of found.modules) {
    if (calls.length > 0) terminal.out(`${wrap(`${name} calls ${calls.join(', ')}`, WIDTH)}\n`);
    if (shares.length > 0)
      terminal.out(`${wrap(`${name} shares data with ${shares.join(', ')}: move them together`, WIDTH)}\n`);
  }
  if (found.questions.length > 0) terminal.out(`${count(found.questions.length, 'question')} for --answers:\n`);
  for (const { id, text, value } of found.questions)
    terminal.out(`${wrap(`  ${id}: ${text} (default ${value === '' ? 'nothing' : value})`, WIDTH)}\n`);
}
