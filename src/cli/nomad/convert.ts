import { readFileSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { type Command, Option } from 'commander';
import { type Conversion, convert as convertProject } from '../../nomad/output/conversion.ts';
import { calledNames, outputTree, wholeText } from '../../nomad/output/output-tree.ts';
import type { Project } from '../../nomad/project.ts';
import { build } from '../../nomad/report/build.ts';
import { count } from '../../nomad/report/count.ts';
import type { Report } from '../../nomad/report/report.ts';
import { ROOT } from '../../nomad/terraform/root-text.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { OutputFormat } from '../output.ts';
import { printLazily } from '../print-lazily.ts';
import { type CommandContext, examples, outputOption, recording } from '../program.ts';
import { keepApart } from './apart.ts';
import { earlierModules, type Output, type OutputPlan, planOutput, type See } from './output-files.ts';
import { setPace } from './pace.ts';
import { askQuestions, checkAnswers } from './questions.ts';
import { type ProjectOptions, projectOptions, readGiven, tell } from './read-project.ts';
import { uncalled } from './uncalled.ts';
import { finishEarlier, writeOutput } from './write-output.ts';

interface ConvertOptions extends ProjectOptions {
  readonly out: string;
  readonly yes?: boolean;
  readonly diff?: boolean;
  readonly output: OutputFormat;
}

export function convert(parent: Command, context: CommandContext): void {
  const command = parent
    .command('convert')
    .description('Write Kubernetes modules for Nomad jobs, and a report with an entry for every line.')
    .argument('<path...>', 'folders or files with jobs (HCL or JSON), and the Terraform beside them')
    .addOption(new Option('--out <folder>', 'where the modules and the report go').makeOptionMandatory())
    .option('--yes', 'ask nothing: take every default, and report it')
    .option('--diff', 'show what would change, and write nothing')
    .addOption(outputOption());
  recording(projectOptions(command)).action(async (names: readonly string[], options: ConvertOptions) => {
    try {
      await run(context, names, options);
    } finally {
      setPace('usual');
    }
  });
  examples(command, [
    'larder nomad convert modules --out . --yes',
    'larder nomad convert modules/web/jobspec.nomad.hcl --out k8s --diff',
  ]);
}

async function run(context: CommandContext, names: readonly string[], options: ConvertOptions): Promise<void> {
  const { terminal } = context;
  const { out, diff = false } = options;
  keepApart(names, out);
  if (!diff) {
    await context.changes.begin([{ kind: 'Folder', name: out, verb: 'write' }]);
    finishEarlier(resolve(out));
  }
  const { modules, report, sources } = await decide(context, names, options);
  const folders = modules.filter(({ reasons }) => reasons.length === 0).map(({ rendered }) => rendered.folder);
  const tree = { conversion: { modules }, report, sources, earlier: earlierModules(out) };
  const output: Output = { files: outputTree(tree), folders };
  const plan = diff ? showDiff(context, out, output) : await uninterrupted(() => writeOutput(resolve(out), output));
  for (const { path, beside } of plan.kept)
    terminal.err(
      `${join(out, path)} was not written by this tool, or was edited since: it stays, and ${beside} has what would be there\n`,
    );
  await printLazily(terminal, options.output, report, () => summary(report, plan, { out, diff }));
  const lacking = diff ? undefined : uncalled(out, plan, calledNames(tree));
  if (lacking !== undefined) terminal.err(`${lacking}\n`);
  if (report.diagnostics.some(({ severity }) => severity === 'error')) {
    throw new Exit(exitCodes.finding, 'not every job was converted; what stands above says why');
  }
  if (lacking !== undefined) throw new Exit(exitCodes.finding, `${join(out, ROOT)} lacks what stands above`);
}

interface Decided extends Pick<Conversion, 'modules'> {
  readonly report: Report;
  readonly sources: Project['sources'];
}

/** What is read and typed is forgotten with its end, before all texts are made: together they would be half as much again. */
async function decide(
  { terminal }: CommandContext,
  names: readonly string[],
  options: ConvertOptions,
): Promise<Decided> {
  const {
    project,
    policy,
    answers: given,
    root,
  } = await readGiven(terminal, {
    ...{ names, options, out: options.out },
    pace: 'short',
  });
  const convertWith = (answers: ReadonlyMap<string, string>): Conversion =>
    convertProject({ project, policy, answers });
  const first = convertWith(given);
  checkAnswers(given, first.questions);
  const asks = !options.yes && !options.diff && terminal.interactive && process.stdin.isTTY === true;
  const answers = asks ? await askQuestions(terminal, given, convertWith) : given;
  const conversion = asks ? convertWith(answers) : first;
  tell(terminal, conversion, root);
  const report = { ...build(conversion, answers), input: inputFrom(options.out, root) };
  if (project.jobs.length === 0) throw new Exit(exitCodes.finding, nothing(names, report));
  return { modules: conversion.modules, report, sources: project.sources };
}

/** The folder of the jobs as somebody finds it from the output; its name alone where the way is long. */
function inputFrom(out: string, root: string): string {
  const way = relative(resolve(out), root);
  return way.startsWith(join('..', '..', '..')) ? basename(root) : way.split(sep).join('/') || '.';
}

function nothing(names: readonly string[], { diagnostics }: Report): string {
  if (diagnostics.length > 0) return 'no job could be read; what stands above says why. Nothing was written';
  return `no job is in ${names.join(', ')}: a job is a file *.nomad, *.nomad.hcl, *.hcl or *.json that holds one. Nothing was written`;
}

function summary(
  { counts, modules }: Report,
  plan: OutputPlan,
  { out, diff }: { readonly out: string; readonly diff: boolean },
): string {
  const { direct, approximate, manual, dropped } = counts;
  const total = direct + approximate + manual + dropped;
  const todo = modules.reduce((sum, { todos }) => sum + todos.length, 0);
  const changed = plan.place.length + plan.remove.length;
  return [
    `${count(counts.modules, 'module')}, ${count(total, 'line')}: ${direct} direct, ${approximate} approximate, ${manual} for a person, ${dropped} dropped.`,
    `${count(changed, 'file')} ${diff ? 'would change' : 'changed'} in ${out}, ${plan.same} ${plan.same === 1 ? 'is' : 'are'} the same.`,
    ...(todo === 0 ? [] : [`${count(todo, 'thing')} to decide: ${join(out, 'migration-report.md')}`]),
    '',
  ].join('\n');
}

function showDiff({ terminal }: CommandContext, out: string, output: Output): OutputPlan {
  const show: See = ({ path, before }, pieces) => {
    terminal.out(`${before === undefined ? '+' : '~'} ${path}\n`);
    if (before !== undefined) terminal.out(lineDiff(readFileSync(join(out, path), 'utf8'), wholeText({ pieces })));
  };
  const plan = planOutput(out, output, show);
  for (const { path } of plan.remove) terminal.out(`- ${path}\n`);
  return plan;
}

/** Lines of the one that the other has not, in their order: enough to see what an option changes. */
function lineDiff(before: string, after: string): string {
  const old = new Set(before.split('\n'));
  const now = new Set(after.split('\n'));
  const gone = [...old].filter((line) => !now.has(line)).map((line) => `    - ${line}\n`);
  const come = [...now].filter((line) => !old.has(line)).map((line) => `    + ${line}\n`);
  return [...gone, ...come].join('');
}

/** Ctrl-C is too late while files are written and moved: it takes seconds for hundreds of jobs, and half of them would be worse. */
async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  const hold = (): void => undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, hold);
  try {
    return await work();
  } finally {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, hold);
  }
}
