import type { Command } from 'commander';
import { dueRotations, type RotationDue } from '../../../cluster/secrets/due-rotations.ts';
import { type SecretFileState, secretStates } from '../../../cluster/secrets/secret-findings.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { Exit, exitCodes } from '../../exit.ts';
import type { OutputFormat } from '../../output.ts';
import { print, printOne } from '../../print.ts';
import { type CommandContext, examples, outputOption } from '../../program.ts';
import { readLedgerOf } from '../record-events.ts';
import { inRoom, type RoomOptions, secretRoom } from './secret-room.ts';

interface Options extends RoomOptions {
  readonly output: OutputFormat;
}

interface Status {
  readonly files: readonly Omit<SecretFileState, 'findings'>[];
  readonly rotations: readonly RotationDue[];
}

/** `larder cluster secrets status`: the files, who reads them, and when they must be rotated. Exit 1 where something is overdue or wrong. */
export function status(parent: Command, { terminal }: CommandContext): void {
  const command = parent
    .command('status')
    .description('Show the encrypted files, who can read them, and when the next rotation is due.')
    .addOption(outputOption());
  inRoom(command).action(async (options: Options) => {
    const room = secretRoom(terminal, options);
    const files = await secretStates(room.spec, room);
    const ledger = await readLedgerOf({}, room.repository);
    const state = ledger.kind === 'open' ? ledger.state : undefined;
    const rotations = dueRotations(state, room.spec, systemClock.now());
    const value: Status = { files: files.map(({ findings: _, ...each }) => each), rotations };
    if (options.output !== 'table') printOne(terminal, options.output, value, () => '');
    else {
      print(terminal, 'table', files, [
        { title: 'FILE', value: ({ file }) => file },
        { title: 'STATE', value: ({ state: each }) => each },
        { title: 'READERS', value: ({ recipients }) => String(recipients.length), align: 'right' },
      ]);
      terminal.out('\n');
      print(terminal, 'table', rotations, [
        { title: 'ROTATION', value: ({ scope }) => scope },
        { title: 'LAST', value: ({ last }) => last?.slice(0, 10) ?? 'never' },
        { title: 'DUE', value: ({ due }) => due?.slice(0, 10) ?? 'now' },
        { title: 'STATE', value: ({ state: each }) => each },
      ]);
    }
    if (ledger.kind !== 'open') terminal.err(`rotations are not known: ${ledger.why}\n`);
    for (const message of files.flatMap(({ findings }) => findings)) terminal.err(`${message}\n`);
    const overdue =
      state === undefined ? [] : rotations.filter(({ state: each }) => each === 'overdue' || each === 'unfinished');
    for (const { scope, remedy } of overdue) terminal.err(`${scope} must be rotated: ${remedy}\n`);
    const isWrong = files.some(({ findings }) => findings.length > 0) || overdue.length > 0;
    if (isWrong) throw new Exit(exitCodes.finding, '');
  });
  examples(command, ['larder cluster secrets status']);
}
