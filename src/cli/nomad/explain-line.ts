import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { type Command, Option } from 'commander';
import { type Conversion, convert } from '../../nomad/output/conversion.ts';
import { build } from '../../nomad/report/build.ts';
import type { ReportAccount } from '../../nomad/report/report.ts';
import { rows } from '../../nomad/translate/rows.ts';
import { Exit, exitCodes } from '../exit.ts';
import { unreadable } from '../input.ts';
import { type OutputFormat, paint, type Terminal } from '../output.ts';
import { printLazily } from '../print-lazily.ts';
import { type CommandContext, examples, outputOption } from '../program.ts';
import { inputFiles } from './input-files.ts';
import { type ProjectOptions, projectOptions, readGiven, tell } from './read-project.ts';

interface ExplainOptions extends ProjectOptions {
  readonly in?: string;
  readonly output: OutputFormat;
}

export function explainLine(parent: Command, context: CommandContext): void {
  const command = parent
    .command('explain')
    .description('Say what a line of a job becomes in Kubernetes, and why.')
    .argument('<file:line>', 'a line of a job')
    .addOption(new Option('--in <folder>', 'the folder that the other jobs are in (default: that of the file alone)'))
    .addOption(outputOption());
  projectOptions(command).action((where: string, options: ExplainOptions) => run(context, where, options));
  examples(command, [
    'larder nomad explain modules/web/jobspec.nomad.hcl:12',
    'larder nomad explain modules/web/jobspec.nomad.hcl:12 --in modules',
  ]);
}

async function run({ terminal }: CommandContext, where: string, options: ExplainOptions): Promise<void> {
  const [, name, number] = /^(.+):(\d+)$/.exec(where) ?? [];
  if (name === undefined) throw new Exit(exitCodes.usage, `${where}: it is written FILE:LINE`);
  const names = [options.in ?? name];
  const { root } = inputFiles(names);
  const file = relative(root, real(name)).split(sep).join('/');
  const line = Number(number);
  const { project, policy, answers } = await readGiven(terminal, { names, options });
  const conversion = convert({ project, policy, answers });
  if (!project.sources.has(file)) throw new Exit(exitCodes.usage, `${name} holds no job, or is not in ${root}`);
  tell(terminal, { diagnostics: conversion.diagnostics.filter(({ at }) => at?.file === file) }, root);
  const found = build(conversion, answers).accounts.filter(
    (each) => each.file === file && each.line <= line && line <= each.end,
  );
  const nearest = found.filter((each) => each.line === line);
  const shown = nearest.length > 0 ? nearest : found.slice(-1);
  if (shown.length === 0) throw new Exit(exitCodes.finding, `${where}: nothing is written there that a job is made of`);
  await printLazily(terminal, options.output, shown, () =>
    shown.map((each) => paragraph(terminal, each, conversion)).join('\n'),
  );
}

function real(name: string): string {
  try {
    return realpathSync(name);
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

const colours = { direct: 'green', approximate: 'yellow', manual: 'red', dropped: 'dim' } as const;

function paragraph(terminal: Terminal, account: ReportAccount, { modules }: Conversion): string {
  const { path, class: kind, row, text, todo, outputs } = account;
  const why = rows().find(({ id }) => id === row)?.why ?? '';
  const texts = new Map(
    modules.flatMap(({ rendered }) => rendered.manifests.map((each) => [each.path, each.text.split('\n')] as const)),
  );
  const all = outputs.map(({ file, line }) => `  ${file}:${line}: ${(texts.get(file)?.[line - 1] ?? '').trim()}`);
  const lines = [...new Set(all)];
  return [
    `${paint(terminal, 'bold', path)}`,
    `  ${paint(terminal, colours[kind], kind)}: ${text} (${row})`,
    ...(why === '' ? [] : [`  ${why}`]),
    ...(todo === undefined ? [] : [`  To do: ${todo}`]),
    ...lines,
    '',
  ].join('\n');
}
