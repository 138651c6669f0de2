import type { Command } from 'commander';
import { secretStates } from '../../../cluster/secrets/secret-findings.ts';
import { Exit, exitCodes } from '../../exit.ts';
import type { OutputFormat } from '../../output.ts';
import { print } from '../../print.ts';
import { type CommandContext, examples, outputOption } from '../../program.ts';
import { inRoom, type RoomOptions, secretRoom } from './secret-room.ts';

/** `larder cluster secrets check`: for a pipeline without a key; with one every checksum is looked at, too. */
export function check(parent: Command, { terminal }: CommandContext): void {
  const command = parent
    .command('check')
    .description('Look at every encrypted file that cluster.yaml names: there, encrypted, whole, for the right people.')
    .addOption(outputOption());
  inRoom(command).action(async (options: RoomOptions & { readonly output: OutputFormat }) => {
    const room = secretRoom(terminal, options);
    const states = await secretStates(room.spec, room);
    const findings = states.flatMap(({ file, findings: found }) => found.map((message) => ({ file, message })));
    if (options.output === 'table') for (const { message } of findings) terminal.out(`${message}\n`);
    else print(terminal, options.output, findings, []);
    const unopened = states.filter(({ state }) => state === 'unopened').map(({ file }) => file);
    if (unopened.length > 0) terminal.err(`not opened, for lack of a key: ${unopened.join(', ')}\n`);
    if (findings.length > 0) throw new Exit(exitCodes.finding, `${findings.length} of it must be mended`);
    terminal.err(`${states.length} encrypted files, nothing to mend\n`);
  });
  examples(command, ['larder cluster secrets check', 'larder cluster secrets check -o json']);
}
