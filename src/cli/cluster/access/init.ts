import type { Command } from 'commander';
import { AUTHORITY_FILE, AUTHORITY_PUBLIC, makeAuthority } from '../../../cluster/access/authority.ts';
import { fingerprint } from '../../../ledger/ssh-public-key.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { type CommandContext, examples, recording } from '../../program.ts';
import { inRoom, type RoomOptions, recordedRoom } from '../secrets/secret-room.ts';
import { orExit } from './or-exit.ts';

/** `larder cluster access init`: a certificate authority for ssh, its private half encrypted. */
export function init(parent: Command, { terminal, changes }: CommandContext): void {
  const command = parent
    .command('init')
    .description(
      'Make the certificate authority for ssh: its private key encrypted in secrets/, its public one for the nodes.',
    );
  recording(inRoom(command)).action(async (options: RoomOptions) => {
    const room = recordedRoom(command, terminal, options);
    await changes.begin([{ kind: 'SshAuthority', name: room.spec.name, verb: 'create' }]);
    const recipients = room.spec.secrets?.recipients ?? [];
    const made = orExit(await makeAuthority({ ...room, cluster: room.spec.name, recipients, now: systemClock.now() }));
    terminal.err(
      `${AUTHORITY_FILE} and ${AUTHORITY_PUBLIC} are made: ${fingerprint(made.publicKey)}\nCommit both, then: larder cluster access deploy\n`,
    );
  });
  examples(command, ['larder cluster access init']);
}
