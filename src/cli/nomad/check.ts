import { type Command, Option } from 'commander';
import { dryRun } from '../../nomad/check/dry-run.ts';
import type { Finding } from '../../nomad/check/finding.ts';
import { findingsOf } from '../../nomad/check/findings.ts';
import { jobFindings, reportIn } from '../../nomad/check/job-findings.ts';
import { schemaFindings } from '../../nomad/check/schema.ts';
import { subjectOf } from '../../nomad/check/subject.ts';
import { readTree, type WrittenTree } from '../../nomad/check/tree.ts';
import { defaultPolicy } from '../../nomad/default-policy.ts';
import { count } from '../../nomad/report/count.ts';
import { type ClusterOptions, cluster } from '../cluster.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type OutputFormat, paint, type Terminal, wrap } from '../output.ts';
import { print } from '../print.ts';
import { type CommandContext, examples, outputOption } from '../program.ts';
import { setPace } from './pace.ts';
import { type ProjectOptions, projectOptions, readGiven, tell } from './read-project.ts';
import { terraformFormat } from './terraform-format.ts';
import { treeFiles } from './tree-files.ts';

interface CheckOptions extends ProjectOptions, ClusterOptions {
  readonly in?: readonly string[];
  readonly server?: boolean;
  readonly output: OutputFormat;
}

const colours = { error: 'red', warning: 'yellow', skipped: 'dim' } as const;
const WIDTH = 78;

/** The place first and whole, so that it can be opened; sentences as wide as a terminal is at least. */
function paragraph(terminal: Terminal, { check: id, severity, file, line, object, message, todo }: Finding): string {
  const where = line === undefined ? file : `${file}:${line}`;
  const text = wrap(`${message}. ${todo}`, WIDTH).split('\n');
  return [
    `${where}`,
    `  ${paint(terminal, colours[severity], severity)} ${id} ${object}`,
    ...text.map((each) => `  ${each}`),
    '',
  ].join('\n');
}

/** `larder nomad check`: whether a written tree does what the jobs did, also after somebody has edited it. */
export function check(parent: Command, context: CommandContext): void {
  const command = parent
    .command('check')
    .description('Check written modules against their jobs, the schemas of their kinds and, with --server, a cluster.')
    .argument('<out>', 'folder that `larder nomad convert` wrote into')
    .addOption(new Option('--in <path...>', 'the jobs; without them only what needs no job is checked'))
    .addOption(new Option('--server', 'ask a cluster whether it would take each manifest; nothing is stored'))
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)'))
    .addOption(new Option('--context <name>', 'context of the kubeconfig (default: its current one)'))
    .addOption(outputOption());
  projectOptions(command).action((out: string, options: CheckOptions) => run(context, out, options));
  examples(command, ['larder nomad check . --in modules', 'larder nomad check . --in modules --server']);
}

async function run(context: CommandContext, out: string, options: CheckOptions): Promise<void> {
  const { terminal } = context;
  // the schemas of all kinds come with it, and the other verbs of the room need none
  const { unknownFields } = await import('../../operator/nomad/unknown-fields.ts');
  setPace('frugal');
  const tree = readTree(treeFiles(out));
  if (tree.modules.length === 0 && tree.broken.length === 0) {
    throw new Exit(
      exitCodes.usage,
      `${out} holds no modules: name the folder that \`larder nomad convert\` wrote into`,
    );
  }
  const findings = [
    ...(await againstJobs(context, { tree, out, options })),
    ...(await schemaFindings(tree)),
    ...unknownFields(tree),
    ...(await terraformFormat(tree, out)),
    ...(options.server ? await cluster(context, options, (client, signal) => dryRun(client, tree, signal)) : []),
  ];
  if (options.output === 'table') terminal.out(findings.map((each) => paragraph(terminal, each)).join(''));
  else print(terminal, options.output, findings, []);
  const of = (severity: Finding['severity']): number => findings.filter((each) => each.severity === severity).length;
  const manifests = tree.modules.reduce((sum, module) => sum + module.manifests.length, 0);
  const summary = `${count(manifests, 'manifest')} of ${count(tree.modules.length, 'module')}: ${count(of('error'), 'error')}, ${count(of('warning'), 'warning')}, ${count(of('skipped'), 'check')} skipped`;
  if (of('error') > 0) throw new Exit(exitCodes.finding, summary);
  terminal.err(`${summary}.\n`);
}

interface Given {
  readonly tree: WrittenTree;
  readonly out: string;
  readonly options: CheckOptions;
}

async function againstJobs({ terminal }: CommandContext, { tree, out, options }: Given): Promise<readonly Finding[]> {
  if (options.in === undefined) {
    const { report, findings } = reportIn(tree);
    const message =
      'the jobs were not given: images, environment, ports, mounts and the report were not compared with them';
    const skipped: Finding = {
      check: 'C1',
      severity: 'skipped',
      file: out,
      object: 'jobs',
      message,
      todo: 'Name them with --in.',
    };
    const nothing = { jobs: [], intentions: [], volumes: new Map(), input: new Map() };
    return [skipped, ...findings, ...findingsOf(subjectOf({ tree, report, policy: defaultPolicy, ...nothing }))];
  }
  const { project, policy, answers, root } = await readGiven(terminal, { names: options.in, options, out });
  tell(terminal, project, root);
  return jobFindings(tree, { project, policy, answers });
}
