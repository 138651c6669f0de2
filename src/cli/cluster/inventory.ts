import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { inventory as inventoryOf } from '../../cluster/inventory/inventory.ts';
import { knownHosts } from '../../cluster/inventory/known-hosts.ts';
import type { ClusterSpec } from '../../cluster/spec/cluster-spec.ts';
import { toJson } from '../output.ts';
import { type CommandContext, examples } from '../program.ts';
import { unlessRefused } from './secrets/secret-room.ts';
import { SPEC_FILE, specOf } from './spec-file.ts';

interface Options {
  readonly file: string;
  readonly list?: boolean;
  readonly host?: string;
  readonly knownHosts?: boolean;
  readonly secrets?: boolean;
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
    .option(
      '--secrets',
      'with the token of the cluster and that of Nomad, for a playbook that needs it: never into a file',
    )
    .action(async ({ file, host, knownHosts: keys = false, secrets = false }: Options) => {
      const spec = specOf(terminal, file);
      if (keys) return terminal.out(knownHosts(spec));
      const made = inventoryOf(spec, secrets ? await secretVariables(spec, file, terminal.env) : {});
      // Ansible asks for hosts that it was given by hand, too: of those nothing is known.
      terminal.out(toJson(host === undefined ? made : (made._meta.hostvars[host] ?? {})));
    });
  examples(command, [
    'larder cluster inventory --list',
    'larder cluster inventory --host pi-cluster-1.local',
    'larder cluster inventory --known-hosts',
  ]);
}

/** Opened in memory, each time Ansible asks. */
async function secretVariables(
  spec: ClusterSpec,
  file: string,
  env: CommandContext['terminal']['env'],
): Promise<Readonly<Record<string, unknown>>> {
  if (spec.secrets === undefined) return {};
  const { reveal } = await import('../../cluster/secrets/reveal.ts');
  const { nextTokenKey } = await import('../../cluster/secrets/cluster-token.ts');
  const place = { repository: dirname(resolve(file)), env };
  const { token, nomadToken } = spec.secrets;
  const next = await reveal(nextTokenKey(token), place); // there while it is rotated
  return {
    larder_k3s_token: unlessRefused(await reveal(token, place)).value,
    ...(next.kind === 'secret' ? { larder_k3s_new_token: next.value } : {}),
    ...(nomadToken === undefined ? {} : { larder_nomad_token: unlessRefused(await reveal(nomadToken, place)).value }),
  };
}
