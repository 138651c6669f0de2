import type { Command } from 'commander';
import { type CommandContext, examples } from '../program.ts';
import { beginRun } from './run-cluster.ts';
import { type UpgradeOptions, upgradeRequest } from './run-requests.ts';
import { type RunOptions, running } from './run-session.ts';

/** `larder cluster upgrade`: node by node to another release of k3s, minor by minor. */
export function upgrade(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('upgrade')
    .description(
      'Bring every node to a release of k3s, one at a time, servers first. 1 failed, 3 refused or needs approval',
    );
  examples(towards(running(verb)), [
    'larder cluster upgrade --to v1.34.2+k3s1',
    'larder cluster upgrade --to v1.35.1+k3s1 --via v1.34.6+k3s1',
  ]).action((options: RunOptions & UpgradeOptions) => beginRun(terminal, options, upgradeRequest(options)));
}

export function towards(command: Command): Command {
  return command
    .option('--to <release>', 'the release (default: k3s.version of cluster.yaml)')
    .option('--via <release...>', 'releases for the minors between', []);
}
