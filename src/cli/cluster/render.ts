import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { RepositoryFile } from '../../cluster/init/repository-file.ts';
import { RepositoryError } from '../../cluster/registry.ts';
import { alertTargets } from '../../cluster/render/alert-targets.ts';
import { silentRoutes } from '../../cluster/render/alertmanager-config.ts';
import { generated, isGenerated } from '../../cluster/render/generated.ts';
import type { ClusterSpec } from '../../cluster/spec/cluster-spec.ts';
import { Exit, exitCodes } from '../exit.ts';
import { makeFolder } from '../make-folder.ts';
import { type Terminal, toJson } from '../output.ts';
import { type CommandContext, examples, recording } from '../program.ts';
import { written } from '../written.ts';
import { intoOwnLedger } from './record-events.ts';
import { SPEC_FILE, specOf } from './spec-file.ts';

interface Options {
  readonly file: string;
  readonly check?: boolean;
  readonly alertTargets?: boolean;
}

/** `larder cluster render`: what the repository has that is made from cluster.yaml, made again. */
export function render(parent: Command, context: CommandContext): void {
  const command = parent
    .command('render')
    .description('Make what the repository has from cluster.yaml: targets, alert rules, who is told, names.')
    .option('-f, --file <file>', 'the cluster; its folder is the repository', SPEC_FILE)
    .option('--check', 'write nothing; exit code 1 where a file is not as it would be made')
    .option('--alert-targets', 'print the Secret with the addresses of the alert routes, for a pipe into kubectl');
  recording(command).action((options: Options) => {
    intoOwnLedger(command, dirname(resolve(options.file)));
    return run(context, options);
  });
  examples(command, [
    'larder cluster render',
    'larder cluster render --check',
    'larder cluster render --alert-targets | kubectl apply --server-side -f -',
  ]);
}

/** They are secrets: a pipe gets them, and no screen does. */
async function printTargets(terminal: Terminal, spec: ClusterSpec, repository: string): Promise<void> {
  if (terminal.interactive)
    throw new Exit(
      exitCodes.usage,
      'this would show secrets on your screen: pipe it into kubectl apply --server-side -f -',
    );
  const made = await alertTargets(spec, { repository, env: terminal.env });
  if (made.kind === 'refused') throw new Exit(exitCodes.finding, made.problems.join('\n'));
  terminal.out(toJson(made.secret));
}

type State = 'same' | 'stale' | 'missing' | 'own';

async function run({ terminal, changes }: CommandContext, options: Options): Promise<void> {
  const { file, check = false } = options;
  const spec = specOf(terminal, file);
  const root = dirname(file);
  if (options.alertTargets) return printTargets(terminal, spec, root);
  for (const line of silentRoutes(spec)) terminal.err(`${line}\n`);
  const states = generated(spec).map((each) => ({ each, state: stateOf(root, each) }));
  const own = states.filter(({ state }) => state === 'own').map(({ each }) => each.path);
  if (own.length > 0) throw new RepositoryError('LARDER_RENDER_OWN', ownMessage(own));
  const due = states.filter(({ state }) => state !== 'same');
  if (check) return tellChecked(terminal, due);
  if (due.length === 0) return terminal.err(`${states.length} files are as cluster.yaml says\n`);
  await changes.begin(due.map(({ each }) => ({ kind: 'File', name: each.path, verb: 'write' })));
  for (const { each } of due) {
    replace(join(root, each.path), each.text);
    terminal.out(`${each.path}\n`);
  }
}

function ownMessage(paths: readonly string[]): string {
  return `${paths.join(', ')} was not made from cluster.yaml and is not replaced: move it away. Nothing was written`;
}

function tellChecked(
  terminal: Terminal,
  due: readonly { readonly each: RepositoryFile; readonly state: State }[],
): void {
  for (const { each, state } of due) terminal.out(`${each.path}: ${state}\n`);
  if (due.length > 0)
    throw new Exit(exitCodes.finding, 'cluster.yaml says something else: run larder cluster render, and commit');
}

function stateOf(root: string, { path, text }: RepositoryFile): State {
  const place = join(root, path);
  if (!existsSync(place)) return 'missing';
  const there = readFileSync(place, 'utf8');
  if (there === text) return 'same';
  return isGenerated(there) ? 'stale' : 'own';
}

/** Whoever reads it meanwhile gets the old or the new one. */
function replace(path: string, text: string): void {
  written(path, () => {
    makeFolder(dirname(path));
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  });
}
