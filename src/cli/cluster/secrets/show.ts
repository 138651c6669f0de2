import type { Command } from 'commander';
import { openSecretFile, valueIn } from '../../../cluster/secrets/reveal.ts';
import { confirm } from '../../confirm.ts';
import type { OutputFormat } from '../../output.ts';
import { print } from '../../print.ts';
import { type CommandContext, examples, outputOption } from '../../program.ts';
import { inRoom, namedFile, type RoomOptions, secretRoom, unlessRefused } from './secret-room.ts';

interface Options extends RoomOptions {
  readonly reveal?: string;
  readonly yes?: boolean;
  readonly output: OutputFormat;
}

/** `larder cluster secrets show`: the names in an encrypted file, whose checksum was looked at; a value only when asked. */
export function show(parent: Command, { terminal }: CommandContext): void {
  const command = parent
    .command('show <secrets>')
    .description('List the names in an encrypted file. Values only with --reveal, one at a time.')
    .option('--reveal <key>', 'print the value of this key')
    .option('--yes', 'do not ask before a value is printed')
    .addOption(outputOption());
  inRoom(command).action(async (named: string, options: Options) => {
    const room = secretRoom(terminal, options);
    const file = namedFile(room, named);
    const opened = unlessRefused(await openSecretFile(file, room));
    if (options.reveal !== undefined) {
      const { value } = unlessRefused(valueIn(opened, file, options.reveal));
      await confirm(terminal, `Print ${options.reveal} of ${file} here, in plain text?`, options.yes === true);
      return terminal.out(value.endsWith('\n') ? value : `${value}\n`);
    }
    const rows = opened.values.map(({ place, type, isSecret }) => ({ key: place.slice(1), type, encrypted: isSecret }));
    print(terminal, options.output, rows, [
      { title: 'KEY', value: ({ key }) => key },
      { title: 'TYPE', value: ({ type }) => type },
      { title: 'ENCRYPTED', value: ({ encrypted }) => (encrypted ? 'yes' : 'no') },
    ]);
  });
  examples(command, [
    'larder cluster secrets show secrets/k3s.sops.yaml',
    'larder cluster secrets show secrets/k3s.sops.yaml --reveal token',
  ]);
}
