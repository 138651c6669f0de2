import type { Command } from 'commander';
import { parseSize } from '../expand/settings/settings.ts';
import { type ClaimAction, type ClaimActionAnswer, claimActionAnswer } from '../operator/claim-api.ts';
import { addressOf, namespaceOption } from './address-of.ts';
import { claim } from './claim.ts';
import { confirm } from './confirm.ts';
import { Exit, exitCodes } from './exit.ts';
import { printOne } from './print.ts';
import { type AskOptions, asking, type CommandContext, examples, recording } from './program.ts';
import { tellOperator } from './reach.ts';

interface ActOptions extends AskOptions {
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `larder grow|pause|resume|approve`: what a person does to one claim. */
export function claimActions(program: Command, context: CommandContext): void {
  const grow = verb(program, 'grow <claim>', 'Grow a claim now, by the same gates as ever')
    .option('--to <size>', 'the size to reach (default: one step, as the settings of the claim have it)')
    .option('--yes', 'do not ask');
  examples(grow, ['larder grow pvc/myapp-data --dry-run', 'larder grow pvc/myapp-data --to 20Gi --yes']).action(
    async (text: string, options: ActOptions) => {
      const planned = await act(context, { text, action: 'grow', size: options.to }, { ...options, dryRun: true });
      if (options.dryRun || !planned.changes) return report(context, planned, options);
      await confirm(context.terminal, `${planned.claim} ${planned.message}.`, options.yes === true, '--dry-run');
      report(context, await act(context, { text, action: 'grow', size: options.to }, options), options);
    },
  );
  examples(verb(program, 'pause <claim>', 'Stop the growth of a claim; measuring and explaining go on'), [
    'larder pause pvc/myapp-data -n default',
  ]).action(async (text: string, options: ActOptions) => {
    report(context, await act(context, { text, action: 'pause' }, options), options);
  });
  examples(verb(program, 'resume <claim>', 'End the pause of a claim'), ['larder resume pvc/myapp-data']).action(
    async (text: string, options: ActOptions) => {
      report(context, await act(context, { text, action: 'resume' }, options), options);
    },
  );
  examples(verb(program, 'approve <claim> <size>', 'Approve the growth of a claim up to a size'), [
    'larder approve pvc/myapp-data 200Gi',
  ]).action(async (text: string, size: string, options: ActOptions) => {
    report(context, await act(context, { text, action: 'approve', size }, options), options);
  });
}

function verb(program: Command, name: string, description: string): Command {
  return recording(asking(program.command(name).description(description))).option(
    '--dry-run',
    'say what would be done, change nothing',
  );
}

interface Asked {
  readonly text: string;
  readonly action: ClaimAction;
  readonly size?: string | undefined;
}

function act(context: CommandContext, { text, action, size }: Asked, options: ActOptions): Promise<ClaimActionAnswer> {
  const { namespace, name } = claim(text, namespaceOption(context, options));
  const read = size === undefined ? undefined : parseSize(size);
  if (read?.ok === false) throw new Exit(exitCodes.usage, `the size of ${action} is "${size}": it ${read.reason}`);
  const dryRun = options.dryRun === true;
  const body = { namespace, name, action, ...(size === undefined ? {} : { size }), dryRun };
  const objects = dryRun ? [] : [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, verb: action }];
  const call = { path: '/api/claims/act', body, objects, changes: context.changes };
  return tellOperator(addressOf(context, options), claimActionAnswer, call);
}

/** Growth that a gate stops is a finding: exit code 1. */
function report({ terminal }: CommandContext, answer: ClaimActionAnswer, { output }: ActOptions): void {
  const { claim: key, action, changes, gate, message } = answer;
  const stopped = gate === undefined ? '' : ` (gate ${gate}; larder explain ${key} shows all of them)`;
  printOne(terminal, output, answer, () => `${key}: ${message}${stopped}\n`);
  if (action === 'grow' && !changes) throw new Exit(exitCodes.finding, '');
}
