import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { readNodes, specText } from '../../cluster/init/answers.ts';
import { operatorRepository } from '../../cluster/init/operator-repository.ts';
import { readTemplates } from '../../cluster/init/read-templates.ts';
import { checkPlace, type Written, writeRepository } from '../../cluster/init/write-repository.ts';
import type { ClusterSpec } from '../../cluster/spec/cluster-spec.ts';
import { specSchema } from '../../cluster/spec/json-schema.ts';
import { readSpec } from '../../cluster/spec/read-spec.ts';
import { lineWord } from '../../nomad/report/shell-word.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import { inputText } from '../input.ts';
import { type Terminal, toJson } from '../output.ts';
import { type CommandContext, examples, recording } from '../program.ts';
import { findingLine, SPEC_FILE } from './spec-file.ts';

interface Options {
  readonly from?: string;
  readonly name?: string;
  readonly nodes?: readonly string[];
  readonly user: string;
  readonly merge?: true;
  readonly dryRun?: true;
}

/** `larder cluster init`: the repository that operators work in, whole and at once. */
export function init(parent: Command, context: CommandContext): void {
  const command = parent
    .command('init')
    .description('Write the repository of a cluster: cluster.yaml, playbooks, manifests, alerts, runbooks, tests.')
    .argument('<dir>', 'a new or empty folder')
    .option('--from <file>', 'the cluster.yaml that it gets')
    .option('--name <name>', 'of the cluster, where there is no such file yet')
    .option('--nodes <node...>', 'NAME=ADDRESS or NAME=ADDRESS=ROLE (server, worker), one for each')
    .option('--user <user>', 'who logs in to the nodes by ssh', 'larder')
    .option('--merge', 'add what is missing to a folder that holds something; nothing is overwritten')
    .option('--dry-run', 'list the files, and write nothing');
  recording(command).action((dir: string, options: Options) => run(context, dir, options));
  examples(command, [
    'larder cluster init home-cluster',
    'larder cluster init home-cluster --from examples/cluster/cluster.example.yaml',
    'larder cluster init attic --name attic --nodes pi-1.lan=192.168.1.11 pi-2.lan=192.168.1.12=worker',
  ]);
}

async function run({ terminal, changes }: CommandContext, dir: string, options: Options): Promise<void> {
  const { merge = false } = options;
  checkPlace(dir, merge);
  const text = await textOf(terminal, dir, options);
  const spec = specIn(terminal, text, options.from ?? SPEC_FILE);
  const templates = readTemplates('operator-repository').filter(({ path }) => path !== SPEC_FILE);
  const parts = { spec, specText: text, schema: toJson(specSchema()), templates, ansible: readTemplates('ansible') };
  const files = operatorRepository(parts);
  if (options.dryRun) {
    for (const { path } of files) if (!existsSync(join(dir, path))) terminal.out(`${path}\n`);
    return terminal.err('a dry run: nothing was written\n');
  }
  await changes.begin([{ kind: 'Folder', name: dir, verb: 'write' }]);
  tell(terminal, dir, await writeRepository(dir, files, { merge, random: systemRandom }));
}

/** From the file that is named, what a merge finds, the answers; without any the example, which says so. */
async function textOf(terminal: Terminal, dir: string, options: Options): Promise<string> {
  const { from, name, nodes, user } = options;
  const own = join(dir, SPEC_FILE);
  if (options.merge && existsSync(own)) {
    if (from === undefined && name === undefined && nodes === undefined) return inputText(own);
    throw new Exit(
      exitCodes.usage,
      `${own} is there and says what the cluster is: leave --from, --name and --nodes out`,
    );
  }
  if (from !== undefined) {
    if (name === undefined && nodes === undefined) return inputText(from);
    throw new Exit(exitCodes.usage, '--from has the name and the nodes: leave --name and --nodes out');
  }
  if (nodes !== undefined) return answered({ name: name ?? nameFor(dir), nodes, user });
  if (terminal.interactive && process.stdin.isTTY) return ask(dir, options);
  if (name !== undefined) throw new Exit(exitCodes.usage, 'name the nodes, too: --nodes pi-1.lan=192.168.1.11 …');
  terminal.err('neither --from nor --nodes: the example with four Raspberry Pis is written; put your nodes into it\n');
  const example = readTemplates('operator-repository').find(({ path }) => path === SPEC_FILE);
  return example?.text ?? '';
}

interface Given {
  readonly name: string;
  readonly nodes: readonly string[];
  readonly user: string;
}

function answered({ name, nodes, user }: Given): string {
  const read = readNodes(nodes);
  if (read.kind === 'malformed') throw new Exit(exitCodes.usage, read.problems.join('\n'));
  return specText({ name, nodes: read.nodes, user });
}

async function ask(dir: string, { name, user }: Options): Promise<string> {
  const input = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const called = name ?? (await input.question(`Name of the cluster [${nameFor(dir)}]: `)).trim();
    const nodes = await input.question('Nodes, as pi-1.lan=192.168.1.11 pi-2.lan=192.168.1.12=worker: ');
    const words = nodes.split(/[\s,]+/).filter((word) => word !== '');
    if (words.length === 0) throw new Exit(exitCodes.usage, 'a cluster has at least one node. Nothing was written');
    return answered({ name: called === '' ? nameFor(dir) : called, nodes: words, user });
  } finally {
    input.close();
  }
}

/** The last part of the folder's name, in the letters that a name may have. */
function nameFor(dir: string): string {
  const last = join(process.cwd(), dir).split('/').at(-1) ?? '';
  return (
    last
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'cluster'
  );
}

function specIn(terminal: Terminal, text: string, file: string): ClusterSpec {
  const read = readSpec(text, new Date(systemClock.now()).toISOString().slice(0, 10));
  if (read.kind === 'spec') return read.spec;
  const lines = read.findings
    .filter(({ severity }) => severity === 'error')
    .map((finding) => findingLine(terminal, file, finding));
  throw new Exit(exitCodes.finding, `the cluster is not sound\n${lines.join('\n')}\nNothing was written`);
}

function tell(terminal: Terminal, dir: string, { added, kept }: Written): void {
  terminal.out(
    `${dir}: ${added.length} files written${kept.length === 0 ? '' : `, ${kept.length} were there and stay`}\n`,
  );
  terminal.err(`Next:
  cd ${lineWord(dir)} && git init && git add . && git commit -m 'the repository of the cluster'
  larder ledger init --operator YOUR-NAME   # a signed record of what is done from now on
  uv sync                                   # Ansible and its linters, pinned
  larder cluster validate                   # then docs/runbooks/bootstrap.md
`);
}
