import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { plainKey } from '../../../cluster/access/issue.ts';
import {
  addRevocation,
  checkedRevoked,
  REVOKED_LIST,
  type Revocation,
  revocationText,
} from '../../../cluster/access/revocation.ts';
import { readPublicKeyLine } from '../../../ledger/ssh-public-key.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { confirm } from '../../confirm.ts';
import { Exit, exitCodes } from '../../exit.ts';
import { type CommandContext, examples, recording } from '../../program.ts';
import { inRoom, type RoomOptions, recordedRoom, type SecretRoom } from '../secrets/secret-room.ts';
import { orExit } from './or-exit.ts';

interface Options extends RoomOptions {
  readonly serial?: string;
  readonly operator?: string;
  readonly key?: string;
  readonly reason: string;
  readonly yes?: boolean;
}

/** `larder cluster access revoke`: what nodes must no longer let in, from the next deploy on. */
export function revoke(parent: Command, { terminal, changes }: CommandContext): void {
  const command = parent
    .command('revoke')
    .description('Revoke one certificate, or a key with every certificate of it. Nodes know it after access deploy.')
    .option('--serial <number>', 'one certificate, as access status lists it')
    .option('--operator <id>', 'the key of an operator of cluster.yaml')
    .option('--key <file>', 'a public key')
    .requiredOption('--reason <text>', 'why, for those who read the list')
    .option('--yes', 'do not ask');
  recording(inRoom(command)).action(async (options: Options) => {
    const room = recordedRoom(command, terminal, options);
    const revocation = revocationOf(room, options);
    const what = revocation.kind === 'serial' ? `certificate ${revocation.serial}` : `key ${revocation.publicKey}`;
    await confirm(terminal, `Revoke ${what}?`, options.yes === true);
    const day = new Date(systemClock.now()).toISOString().slice(0, 10);
    await changes.begin([{ kind: 'SshRevocation', name: what, verb: 'revoke' }]);
    orExit(await addRevocation(room.repository, revocationText(revocation, options.reason, day)));
    orExit(await checkedRevoked(room.repository, { ...terminal.env }));
    terminal.err(
      `${what} is in ${REVOKED_LIST}. Until every node has it, it still opens them:\n  larder cluster access deploy\n`,
    );
    if (options.operator !== undefined) {
      terminal.err(
        `take ${options.operator} out of \`operators\` in cluster.yaml as well, and rotate what they could read: larder cluster secrets rotate\n`,
      );
    }
  });
  examples(command, [
    'larder cluster access revoke --serial 4242 --reason "laptop lost"',
    'larder cluster access revoke --operator ana --reason "left the team" --yes',
  ]);
}

function revocationOf({ spec }: SecretRoom, { serial, operator, key }: Options): Revocation {
  const named = [serial, operator, key].filter((each) => each !== undefined);
  if (named.length !== 1) throw new Exit(exitCodes.usage, 'name one of --serial, --operator and --key');
  if (serial !== undefined) {
    if (!/^\d{1,20}$/.test(serial))
      throw new Exit(exitCodes.usage, `${serial} is no serial: larder cluster access status lists them`);
    return { kind: 'serial', serial };
  }
  if (operator !== undefined) {
    const found = spec.operators.find(({ id }) => id === operator);
    if (found === undefined)
      throw new Exit(exitCodes.usage, `cluster.yaml has no operator ${operator}; name the key itself with --key`);
    return { kind: 'key', publicKey: plainKey(found.sshKey) };
  }
  const read = readPublicKeyLine(readKey(key ?? ''));
  if (read.kind === 'invalid') throw new Exit(exitCodes.usage, `${key} ${read.why}`);
  return { kind: 'key', publicKey: read.text };
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Exit(exitCodes.usage, `${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`);
  }
}
