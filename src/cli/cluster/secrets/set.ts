import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { openSecretFile } from '../../../cluster/secrets/reveal.ts';
import { readSecretFile, writeSecretFile } from '../../../cluster/secrets/secret-file.ts';
import { readTree, type SopsTree } from '../../../cluster/secrets/sops-tree.ts';
import { type Sealed, sealAgain, sealNew, setValue } from '../../../cluster/secrets/write-values.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { confirm } from '../../confirm.ts';
import { Exit, exitCodes } from '../../exit.ts';
import { type CommandContext, examples, recording } from '../../program.ts';
import { hiddenInput } from './hidden-input.ts';
import { inRoom, namedFile, type RoomOptions, recordedRoom, type SecretRoom, unlessRefused } from './secret-room.ts';

interface Options extends RoomOptions {
  readonly generate?: true;
  readonly yes?: boolean;
}

/** Of a generated value: as much as an AES key. */
const GENERATED_BYTES = 32;

/** `larder cluster secrets set`: one value, from the keyboard or standard input. Makes the file where it is not there. */
export function set(parent: Command, context: CommandContext): void {
  const command = parent
    .command('set <secrets> <key>')
    .description(
      'Set one value of an encrypted file. It is typed unseen, or read from standard input; never an argument.',
    )
    .option('--generate', 'a random value, which nobody sees')
    .option('--yes', 'replace a value without asking');
  recording(inRoom(command)).action((named: string, key: string, options: Options) => {
    const room = recordedRoom(command, context.terminal, options);
    return run(context, { room, file: namedFile(room, named), key, options });
  });
  examples(command, [
    'larder cluster secrets set secrets/alerting.sops.yaml pager < webhook.txt',
    'larder cluster secrets set secrets/k3s.sops.yaml token --generate',
  ]);
}

interface Asked {
  readonly room: SecretRoom;
  readonly file: string;
  readonly key: string;
  readonly options: Options;
}

async function run({ terminal, changes }: CommandContext, { room, file, key, options }: Asked): Promise<void> {
  const isNew = unlessRefused(readSecretFile(room.repository, file)).kind === 'absent';
  const opened = isNew ? undefined : unlessRefused(await openSecretFile(file, room));
  const isThere = opened?.values.some(({ path, text }) => path.join('.') === key && text !== '') === true;
  if (isThere) await confirm(terminal, `Replace ${key} of ${file}?`, options.yes === true);
  const value = options.generate ? randomBytes(GENERATED_BYTES).toString('hex') : await hiddenInput(terminal, key);
  const tree = opened?.tree ?? emptyTree(file);
  setValue(tree, key, value);
  const now = systemClock.now();
  const { recipients = [] } = room.spec.secrets ?? {};
  const sealed: Sealed = opened
    ? sealAgain(file, opened, tree, now)
    : await sealNew({ repository: room.repository, file, tree, recipients, now });
  const { text } = unlessRefused(sealed);
  await changes.begin([{ kind: 'Secrets', name: `${file}#${key}`, verb: isThere ? 'replace' : 'set' }]);
  unlessRefused(await writeSecretFile(room.repository, file, text));
  terminal.err(`${key} is set in ${file}${isNew ? ', which is new' : ''}: commit it\n`);
}

export function emptyTree(file: string): SopsTree {
  const read = readTree('{}', file.endsWith('.json') ? 'json' : 'yaml');
  if (read.kind === 'invalid') throw new Exit(exitCodes.finding, read.why);
  if (read.tree.format === 'yaml') read.tree.root.flow = false;
  return read.tree;
}
