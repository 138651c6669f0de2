import type { Command } from 'commander';
import { z } from 'zod';
import { type MountOptionsRow, mountOptionsRow } from '../operator/api.ts';
import { addressOf } from './address-of.ts';
import { confirm } from './confirm.ts';
import { Exit, exitCodes } from './exit.ts';
import { type Column, print } from './print.ts';
import { type AskOptions, asking, type CommandContext, examples, recording } from './program.ts';
import { tellOperator } from './reach.ts';

interface SyncOptions extends AskOptions {
  readonly class?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const lines = (options: readonly string[]): string => (options.length === 0 ? '-' : options.join('\n'));

const columns: readonly Column<MountOptionsRow>[] = [
  { title: 'CLAIM', value: (row) => row.claim || row.volume, cut: 'end' },
  { title: 'CLASS', value: (row) => row.class, cut: 'end' },
  { title: 'HAS', value: (row) => lines(row.has) },
  { title: 'CLASS SAYS', value: (row) => lines(row.wants) },
];

/** `larder volumes sync-mount-options`: a class's mount options reach volumes only when they are made. */
export function syncMountOptions(root: Command, context: CommandContext): void {
  const verb = recording(
    asking(
      root
        .command('sync-mount-options')
        .description('Give volumes the mount options of their class; pods see them when they mount next'),
    ),
  )
    .option('--class <class>', 'only volumes of this class')
    .option('--dry-run', 'list those that differ, change nothing; exit code 1 when there are any')
    .option('--yes', 'do not ask');
  examples(verb, ['larder volumes sync-mount-options --dry-run', 'larder volumes sync-mount-options --yes']).action(
    (options: SyncOptions) => run(context, options),
  );
}

const whose = ({ class: name }: SyncOptions): string =>
  name === undefined ? 'All volumes have' : `All volumes of class ${name} have`;

async function run(context: CommandContext, options: SyncOptions): Promise<void> {
  const { terminal } = context;
  const { changes } = context;
  const sync = (dryRun: boolean, volumes: readonly MountOptionsRow[]) => {
    const body = { dryRun, ...(options.class === undefined ? {} : { className: options.class }) };
    const objects = volumes.map(({ volume }) => ({
      kind: 'PersistentVolume',
      name: volume,
      verb: 'sync-mount-options',
    }));
    return tellOperator(addressOf(context, options), z.array(mountOptionsRow), {
      ...{ path: '/api/mount-options', body, objects, changes },
    });
  };
  const found = await sync(true, []);
  if (found.length === 0 || options.dryRun) {
    print(terminal, options.output, found, columns);
    if (found.length === 0) terminal.err(`${whose(options)} the mount options of their class.\n`);
    else throw new Exit(exitCodes.finding, '');
    return;
  }
  const many = found.length === 1 ? '1 volume gets' : `${found.length} volumes get`;
  await confirm(terminal, `${many} the mount options of the class.`, options.yes === true, '--dry-run');
  const written = await sync(false, found);
  print(terminal, options.output, written, columns);
  terminal.err(`${written.length} of ${found.length} written; pods see it when they mount next: restart them.\n`);
  if (written.length < found.length) throw new Exit(exitCodes.finding, 'some changed meanwhile: run it again');
}
