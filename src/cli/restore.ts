import type { Command } from 'commander';
import { undeleteAnswer } from '../operator/api.ts';
import { addressOf, namespaceOption } from './address-of.ts';
import { claim } from './claim.ts';
import { Exit, exitCodes } from './exit.ts';
import { printOne } from './print.ts';
import { type AskOptions, asking, type CommandContext, examples, recording } from './program.ts';
import { tellOperator } from './reach.ts';

interface RestoreOptions extends AskOptions {
  readonly export?: string;
  readonly to?: string;
  readonly claim?: string;
  readonly size?: string;
  readonly class?: string;
  readonly dryRun?: boolean;
}

/** `larder volumes restore`: an archive back to a name, and to a claim if one is named. */
export function restore(root: Command, context: CommandContext): void {
  const verb = recording(
    asking(
      root
        .command('restore <archive>')
        .description('Bring an archive back to its name or another; refused when the name is taken'),
    ),
  )
    .option('--export <export>', 'where it lies, as SERVER:/PATH, when several have that name or one does not answer')
    .option('--to <directory>', 'its new name below the export (default: the one it had)')
    .option('--claim <claim>', 'make a volume that only this claim can bind to')
    .option('--size <size>', 'of that volume, where the archive has no note of it')
    .option('--class <class>', 'of that volume, likewise')
    .option('--dry-run', 'say what would happen, change nothing');
  examples(verb, [
    'larder volumes restore archived-glusterfs_myapp_data --dry-run',
    'larder volumes restore archived-glusterfs_myapp_data --to glusterfs_old_data',
    'larder volumes restore archived-myapp --claim default/myapp --size 10Gi --class glusterfs-nfs',
  ]).action(async (entry: string, options: RestoreOptions) => {
    const wanted = options.claim === undefined ? undefined : claim(options.claim, namespaceOption(context, options));
    if (wanted === undefined && (options.size ?? options.class) !== undefined) {
      throw new Exit(
        exitCodes.usage,
        '--size and --class are those of the volume for a claim: name it with --claim, or leave them out',
      );
    }
    const body = {
      entry,
      dryRun: options.dryRun ?? false,
      ...(options.export === undefined ? {} : { export: options.export }),
      ...(options.to === undefined ? {} : { to: options.to }),
      ...(wanted === undefined ? {} : { claim: `${wanted.namespace}/${wanted.name}` }),
      ...(options.size === undefined ? {} : { size: options.size }),
      ...(options.class === undefined ? {} : { className: options.class }),
    };
    const objects = options.dryRun ? [] : [{ kind: 'Directory', name: options.to ?? entry, verb: 'restore' }];
    const call = { path: '/api/restore', body, objects, changes: context.changes };
    const answer = await tellOperator(addressOf(context, options), undeleteAnswer, call);
    const did = answer.restored ? 'restored' : 'would restore';
    printOne(
      context.terminal,
      options.output,
      answer,
      () => `${did} ${answer.path}\n  from ${answer.entry}\n${answer.next}\n`,
    );
  });
}
