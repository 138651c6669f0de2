import type { Command } from 'commander';
import { publicAuthority } from '../../../cluster/access/authority.ts';
import { issuedHere } from '../../../cluster/access/issued.ts';
import { isRevoked, readRevoked } from '../../../cluster/access/revocation.ts';
import { fingerprint } from '../../../ledger/ssh-public-key.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import type { OutputFormat } from '../../output.ts';
import { print } from '../../print.ts';
import { type CommandContext, examples, outputOption } from '../../program.ts';
import { inRoom, type RoomOptions, secretRoom } from '../secrets/secret-room.ts';
import { orExit } from './or-exit.ts';

/** `larder cluster access status`: the authority, and the certificates that this clone issued. */
export function status(parent: Command, { terminal }: CommandContext): void {
  const command = parent
    .command('status')
    .description(
      'Show the authority and the certificates that were issued from this clone; the ledger has all of them.',
    )
    .option('--all', 'also those that ended')
    .addOption(outputOption());
  inRoom(command).action((options: RoomOptions & { readonly output: OutputFormat; readonly all?: true }) => {
    const { repository, spec } = secretRoom(terminal, options);
    const { publicKey } = orExit(publicAuthority(repository));
    const { text } = orExit(readRevoked(repository));
    const now = new Date(systemClock.now()).toISOString();
    const rows = issuedHere(repository).map((each) => ({
      ...each,
      state: isRevoked(text, each.serial) ? 'revoked' : each.until > now ? 'valid' : 'ended',
    }));
    terminal.err(`${spec.name} trusts ${fingerprint(publicKey)}\n`);
    print(terminal, options.output, options.all ? rows : rows.filter(({ state }) => state !== 'ended'), [
      { title: 'OPERATOR', value: ({ operator }) => operator },
      { title: 'SERIAL', value: ({ serial }) => serial },
      { title: 'UNTIL', value: ({ until }) => until },
      { title: 'STATE', value: ({ state }) => state },
      { title: 'AS', value: ({ principals }) => principals.join(','), cut: 'end' },
    ]);
  });
  examples(command, ['larder cluster access status', 'larder cluster access status --all -o json']);
}
