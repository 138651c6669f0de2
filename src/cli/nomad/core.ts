import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { core as coreFiles } from '../../nomad/core/core.ts';
import { type CoreNode, type CorePlan, problemsOf } from '../../nomad/core/plan.ts';
import type { Policy } from '../../nomad/policy.ts';
import { count } from '../../nomad/report/count.ts';
import { Exit, exitCodes } from '../exit.ts';
import { makeFolder } from '../make-folder.ts';
import { type CommandContext, examples, recording } from '../program.ts';
import { written } from '../written.ts';
import { type ProjectOptions, projectOptions, readPolicy } from './read-project.ts';

interface CoreOptions extends ProjectOptions {
  readonly out: string;
  readonly name: string;
  readonly node: readonly CoreNode[];
  readonly nfs: string;
  readonly vault: string;
  readonly kv1: readonly string[];
  readonly linkerdVersion?: string;
  readonly coexist: boolean;
  readonly force?: boolean;
}

/** `larder nomad core`: what all services of the cluster share. */
export function core(parent: Command, context: CommandContext): void {
  const command = parent
    .command('core')
    .description(
      'Write the shared parts of the cluster: storage, mesh, secrets, recommendations, ingress; pinned, with smoke checks.',
    )
    .addOption(new Option('--out <folder>', 'where the folder k8s goes').makeOptionMandatory())
    .addOption(new Option('--nfs <server:/path>', 'the export that the directories are in').makeOptionMandatory())
    .addOption(new Option('--vault <url>', 'Vault, as the cluster reaches it').makeOptionMandatory())
    .addOption(
      new Option('--kv1 <mount>', 'a mount of KV version 1, which gets a store of its own; may be repeated')
        .argParser((mount: string, before: readonly string[]) => [...before, mount])
        .default([], 'none'),
    )
    .addOption(new Option('--name <name>', 'of the cluster').default('larder'))
    .addOption(
      new Option('--node <name=address>', 'a node; may be repeated, servers first').argParser(node).default([], 'none'),
    )
    .addOption(new Option('--linkerd-version <version>', "version of Linkerd's charts, with --mesh linkerd"))
    .addOption(new Option('--no-coexist', 'Nomad is gone from the nodes: use its ports'))
    .addOption(new Option('--force', 'replace files that are there'));
  recording(projectOptions(command)).action((options: CoreOptions) => run(context, options));
  examples(command, [
    'larder nomad core --out . --nfs nas:/storage/v --vault https://vault.example.com:8200 --node one=10.0.0.1',
  ]);
}

function node(text: string, before: readonly CoreNode[]): readonly CoreNode[] {
  const [name, address] = text.split('=');
  if (!name || !address) throw new Exit(exitCodes.usage, `--node ${text}: it is written --node NAME=ADDRESS`);
  return [...before, { name, address }];
}

async function run({ terminal, changes }: CommandContext, options: CoreOptions): Promise<void> {
  const plan = planOf(options, await readPolicy(options));
  const problems = problemsOf(plan);
  if (problems.length > 0) throw new Exit(exitCodes.usage, problems.join('\n'));
  const files = coreFiles(plan);
  const there = [...files.keys()].filter((path) => existsSync(join(options.out, path)));
  if (there.length > 0 && !options.force) {
    const list = there.map((path) => `  ${join(options.out, path)}`).join('\n');
    throw new Exit(
      exitCodes.finding,
      `nothing was written, because these are there:\n${list}\nLook at them, then say --force or name another folder`,
    );
  }
  await changes.begin(
    [...files.keys()].map((path) => ({ kind: 'File', name: join(options.out, path), verb: 'write' })),
  );
  for (const [path, { text, executable }] of files) {
    const file = join(options.out, path);
    written(file, () => {
      makeFolder(dirname(file));
      writeFileSync(file, text);
      chmodSync(file, executable ? 0o755 : 0o644);
    });
    terminal.out(`${path}\n`);
  }
  terminal.err(`${count(files.size, 'file')} written; begin with ${join(options.out, 'k8s/README.md')}.\n`);
}

function planOf(options: CoreOptions, policy: Policy): CorePlan {
  const colon = options.nfs.indexOf(':/');
  return {
    name: options.name,
    policy,
    nodes: options.node,
    nfs: { server: options.nfs.slice(0, Math.max(colon, 0)), path: options.nfs.slice(colon + 1) },
    vault: options.vault,
    kv1: options.kv1,
    coexist: options.coexist,
    ...(options.linkerdVersion === undefined ? {} : { linkerd: options.linkerdVersion }),
  };
}
