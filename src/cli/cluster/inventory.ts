import type { Command } from 'commander';
import { inventory as inventoryOf } from '../../cluster/inventory/inventory.ts';
import { knownHosts } from '../../cluster/inventory/known-hosts.ts';
import { toJson } from '../output.ts';
import { type CommandContext, examples } from '../program.ts';
import { SPEC_FILE, specOf } from './spec-file.ts';

interface Options {
  readonly file: string;
  readonly list?: boolean;
  readonly host?: string;
  readonly knownHosts?: boolean;
}

/** `larder cluster inventory`: the inventory of Ansible, made from cluster.yaml each time it is asked for. */
export function inventory(parent: Command, { terminal }: CommandContext): void {
  const command = parent
    .command('inventory')
    .description("Print Ansible's inventory of the cluster, as an inventory script does.")
    .option('-f, --file <file>', 'the cluster', SPEC_FILE)
    .option('--list', 'all groups and hosts (the default)')
    .option('--host <name>', 'the variables of one host')
    .option('--known-hosts', 'the pinned ssh host keys, as a known_hosts file')
    .action(({ file, host, knownHosts: keys = false }: Options) => {
      const spec = specOf(terminal, file);
      if (keys) return terminal.out(knownHosts(spec));
      const made = inventoryOf(spec);
      // Ansible asks for hosts that it was given by hand, too: of those nothing is known.
      terminal.out(toJson(host === undefined ? made : (made._meta.hostvars[host] ?? {})));
    });
  examples(command, [
    'larder cluster inventory --list',
    'larder cluster inventory --host pi-cluster-1.local',
    'larder cluster inventory --known-hosts',
  ]);
}
