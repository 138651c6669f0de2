import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import type { Command } from 'commander';
import { type AnsibleInventory, merged } from '../../cluster/import/ansible-inventory.ts';
import { importInventory } from '../../cluster/import/import-inventory.ts';
import { readGroupVars, readInventory } from '../../cluster/import/read-inventory.ts';
import { RepositoryError } from '../../cluster/registry.ts';
import { readSpec } from '../../cluster/spec/read-spec.ts';
import { yamlText } from '../../kube/yaml-text.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import { inputText } from '../input.ts';
import { paint, type Terminal } from '../output.ts';
import { type CommandContext, examples } from '../program.ts';

interface Options {
  readonly name: string;
}

/** `larder cluster import`: a cluster.yaml from the inventory of somebody else's playbooks. */
export function importCluster(parent: Command, { terminal }: CommandContext): void {
  const command = parent
    .command('import')
    .description('Print a cluster.yaml for an inventory of k3s-ansible, and what a person must decide.')
    .argument('<inventory>', 'its inventory, YAML or INI; group_vars beside it are read, too')
    .option('--name <name>', 'of the cluster', 'cluster')
    .action((file: string, options: Options) => run(terminal, file, options));
  examples(command, [
    'larder cluster import inventory.yml > cluster.yaml',
    'larder cluster import hosts.ini --name attic',
  ]);
}

function run(terminal: Terminal, file: string, { name }: Options): void {
  const read = readInventory(inputText(file));
  if (read.kind === 'unreadable') throw new RepositoryError('LARDER_IMPORT_UNREADABLE', `${file}: ${read.why}`);
  const inventory = groupVars(file).reduce(merged, read.inventory);
  const made = importInventory(inventory, name);
  if (made.kind === 'empty') throw new RepositoryError('LARDER_IMPORT_UNREADABLE', `${file}: ${made.why}`);
  const text = `# From ${parse(file).base}, an inventory of k3s-ansible.\n${yamlText(made.spec)}`;
  terminal.out(text);
  for (const { kind, about, message } of made.findings) {
    const word = paint(terminal, kind === 'decide' ? 'yellow' : 'dim', kind);
    terminal.err(`${file}: ${word}: ${about}: ${message}\n`);
  }
  const sound = readSpec(text, new Date(systemClock.now()).toISOString().slice(0, 10));
  const errors = sound.kind === 'refused' ? sound.findings.filter(({ severity }) => severity === 'error') : [];
  for (const { line, message, rule } of errors)
    terminal.err(`cluster.yaml:${line}: ${paint(terminal, 'red', 'error')}: ${message} (${rule})\n`);
  const open = made.findings.filter(({ kind }) => kind === 'decide').length + errors.length;
  if (open > 0) throw new Exit(exitCodes.finding, `${open} to decide; what stands above says what`);
}

/** `group_vars/all.yml`, `group_vars/k3s_cluster/all.yml`: by the name of the file, or of its folder. */
function groupVars(file: string): readonly AnsibleInventory[] {
  const folder = join(dirname(file), 'group_vars');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name): readonly AnsibleInventory[] => {
      const path = join(folder, name);
      if (!statSync(path).isDirectory()) return isYaml(name) ? [readGroupVars(parse(name).name, inputText(path))] : [];
      return readdirSync(path)
        .sort()
        .filter(isYaml)
        .map((each) => readGroupVars(name, inputText(join(path, each))));
    });
}

const isYaml = (name: string): boolean => /\.ya?ml$/.test(name);
