import { type Command, Option } from 'commander';
import { Exit, exitCodes } from '../exit.ts';
import { type CommandContext, examples } from '../program.ts';
import { planRun, type RunRequest } from './run-cluster.ts';
import { bootstrapRequest, rebuildRequest, type UpgradeOptions, upgradeRequest } from './run-requests.ts';
import { accepting, type RunOptions, sessioning } from './run-session.ts';
import { towards } from './upgrade.ts';

interface PlanOptions extends RunOptions, UpgradeOptions {
  readonly rebuild?: string;
  readonly upgrade?: true;
}

/** `larder cluster plan`: what a run would do, as far as check mode can say. */
export function plan(parent: Command, { terminal }: CommandContext): void {
  const verb = parent
    .command('plan')
    .description(
      'Show what bootstrap would do (or --rebuild NODE, --upgrade), and do none of it. 1 it would be refused',
    )
    .addOption(new Option('--rebuild <node>', 'what a rebuild of the node would do').conflicts('upgrade'))
    .option('--upgrade', 'what an upgrade would do');
  examples(towards(accepting(sessioning(verb))), [
    'larder cluster plan',
    'larder cluster plan --rebuild pi-cluster-4.local',
    'larder cluster plan --upgrade --to v1.34.2+k3s1',
  ]).action(async (options: PlanOptions) => {
    const changes = await planRun(terminal, options, requestOf(options));
    terminal.err(changes ? 'nothing was changed\n' : 'nothing to do: every host is as cluster.yaml says\n');
  });
}

function requestOf(options: PlanOptions): RunRequest {
  const { rebuild, upgrade, to, via } = options;
  if (upgrade) return upgradeRequest(options);
  if (to !== undefined || via.length > 0) throw new Exit(exitCodes.usage, '--to and --via belong to --upgrade');
  return rebuild === undefined ? bootstrapRequest : rebuildRequest(rebuild);
}
