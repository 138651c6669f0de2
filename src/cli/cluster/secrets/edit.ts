import type { Command } from 'commander';
import { editText } from '../../../cluster/secrets/edit-text.ts';
import { type PrivateFolder, privateFolder } from '../../../cluster/secrets/private-folder.ts';
import { openSecretFile } from '../../../cluster/secrets/reveal.ts';
import { readSecretFile, writeSecretFile } from '../../../cluster/secrets/secret-file.ts';
import { closeSops, type OpenedFile } from '../../../cluster/secrets/sops-file.ts';
import { readTree, type SopsTree, treeText } from '../../../cluster/secrets/sops-tree.ts';
import { sealAgain, sealNew } from '../../../cluster/secrets/write-values.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { canAsk, confirm } from '../../confirm.ts';
import { Exit, exitCodes } from '../../exit.ts';
import type { Terminal } from '../../output.ts';
import { type CommandContext, examples, recording } from '../../program.ts';
import { inRoom, namedFile, type RoomOptions, recordedRoom, type SecretRoom, unlessRefused } from './secret-room.ts';

const TEMPLATE = '# Names and values. Names stay readable, values and comments are encrypted.\n';

/** `larder cluster secrets edit`: an encrypted file in an editor, in memory, and encrypted again. */
export function edit(parent: Command, context: CommandContext): void {
  const command = parent
    .command('edit <secrets>')
    .description('Open an encrypted file in your editor, from memory; it is never in plain text in the repository.');
  recording(inRoom(command)).action((named: string, options: RoomOptions) => {
    const room = recordedRoom(command, context.terminal, options);
    return run(context, room, namedFile(room, named));
  });
  examples(command, ['larder cluster secrets edit secrets/alerting.sops.yaml']);
}

async function run({ terminal, changes }: CommandContext, room: SecretRoom, file: string): Promise<void> {
  const read = unlessRefused(readSecretFile(room.repository, file));
  const opened = read.kind === 'absent' ? undefined : unlessRefused(await openSecretFile(file, room));
  const before = opened ? treeText(opened.tree) : TEMPLATE;
  using folder = privateFolder(room.env);
  if (!folder.isMemory) terminal.err(`no memory file system is here: ${folder.path} is on a disk until you are done\n`);
  const tree = await editedTree(terminal, folder, { file, text: before, room });
  if (tree === undefined) return terminal.err('nothing was changed\n');
  const text = await sealedText(room, file, tree, opened);
  await changes.begin([{ kind: 'Secrets', name: file, verb: 'edit' }]);
  const now = unlessRefused(readSecretFile(room.repository, file));
  if ((now.kind === 'text' ? now.text : '') !== (read.kind === 'text' ? read.text : '')) {
    throw new Exit(
      exitCodes.finding,
      `${file} was changed by somebody else meanwhile; nothing was written. Edit it again`,
    );
  }
  unlessRefused(await writeSecretFile(room.repository, file, text));
  terminal.err(`${file} is encrypted again: commit it\n`);
}

interface Draft {
  readonly file: string;
  readonly text: string;
  readonly room: SecretRoom;
}

/** Asks again while it is no file that can be encrypted. Undefined: it is as it was. */
async function editedTree(terminal: Terminal, folder: PrivateFolder, draft: Draft): Promise<SopsTree | undefined> {
  const { file, room } = draft;
  let { text } = draft;
  for (;;) {
    const edited = await editText(folder, { file, text, env: room.env });
    if (edited.kind === 'failed') throw new Exit(exitCodes.usage, `${edited.why}; ${file} is as it was`);
    if (edited.text === draft.text) return undefined;
    const why = obstacle(file, edited.text);
    if (why === undefined) {
      const read = readTree(edited.text, file.endsWith('.json') ? 'json' : 'yaml');
      return read.kind === 'tree' ? read.tree : undefined;
    }
    terminal.err(`${file} ${why}\n`);
    if (!canAsk(terminal)) throw new Exit(exitCodes.usage, `${file} is as it was: the editor left no file of secrets`);
    await confirm(terminal, 'Edit it again?', false);
    text = edited.text;
  }
}

/** Why a text cannot be encrypted; tried with a key that is thrown away. */
function obstacle(file: string, text: string): string | undefined {
  const read = readTree(text, file.endsWith('.json') ? 'json' : 'yaml');
  if (read.kind === 'invalid') return read.why;
  if (read.tree.root.has('sops')) return 'has a key `sops`, which belongs to the tool: take it out';
  const dataKey = Buffer.alloc(32);
  const tried = closeSops(file, { tree: read.tree, dataKey, entries: [], scope: {}, covers: () => true, now: 0 });
  return tried.kind === 'refused' ? tried.message : undefined;
}

async function sealedText(room: SecretRoom, file: string, tree: SopsTree, opened?: OpenedFile): Promise<string> {
  const now = systemClock.now();
  if (opened) return unlessRefused(sealAgain(file, opened, tree, now)).text;
  const { recipients = [] } = room.spec.secrets ?? {};
  return unlessRefused(await sealNew({ repository: room.repository, file, tree, recipients, now })).text;
}
