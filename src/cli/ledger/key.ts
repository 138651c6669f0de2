import type { Command } from 'commander';
import { holderOf } from '../../ledger/holder.ts';
import { fileSigner } from '../../ledger/key-file.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { fingerprint } from '../../ledger/ssh-public-key.ts';
import type { State } from '../../ledger/state.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type CommandContext, examples, group } from '../program.ts';
import { append } from './append.ts';
import { type AskedOptions, agreed, asked } from './asked.ts';
import { publicKeyOf } from './operator.ts';
import { type WriteOptions, writing } from './place.ts';

interface RotateOptions extends WriteOptions, AskedOptions {
  readonly to: string;
}
interface RevokeOptions extends WriteOptions, AskedOptions {
  readonly reason: string;
}

/** `larder ledger key`: an operator's keys come and go; what they signed stays. */
export function key(root: Command, context: CommandContext): void {
  const verbs = group(root, 'key', 'Keys of operators: rotate your own, revoke one that is lost');
  rotate(verbs, context);
  revoke(verbs, context);
}

function rotate(verbs: Command, { terminal }: CommandContext): void {
  const verb = writing(verbs.command('rotate'))
    .description(
      'Put a new key in the place of your own; the old one signs this, and nothing after it. Asks where it sees only the public half',
    )
    .requiredOption('--to <key>', 'the new key: its file, that of its public half, or the public key itself');
  examples(asked(verb), [
    'larder ledger key rotate --to ~/.ssh/id_ed25519_new',
    'larder ledger key rotate --to ~/.ssh/id_ed25519_new.pub --yes',
  ]).action(async ({ to, ...options }: RotateOptions) => {
    const isPublic = to.endsWith('.pub') || to.includes(' ');
    const newKey = isPublic ? publicKeyOf(to) : (await fileSigner(to, terminal.env)).publicKey;
    // Whoever shows the private half is not locked out.
    const yes = !isPublic || options.yes === true;
    if (!(await agreed(terminal, rotation(newKey, isPublic), { ...options, yes }))) return;
    await append(terminal, options, ({ state }, { publicKey }) => {
      const operatorId = holder(state, publicKey);
      return { event: { type: 'key-rotated', data: { operatorId, oldKey: publicKey, newKey } } };
    });
    terminal.err(`From now on ${fingerprint(newKey)} signs.\n`);
  });
}

function rotation(newKey: string, isPublic: boolean): string {
  const said = `Your old key signs nothing from now on, only ${fingerprint(newKey)} does.`;
  if (!isPublic) return said;
  return `${said} Only its public half was named: without the private half you are locked out, and with the only admin everybody is.`;
}

function revoke(verbs: Command, { terminal }: CommandContext): void {
  const verb = writing(verbs.command('revoke'))
    .argument('<key>', 'fingerprint as in operator list (SHA256:…), file of the public key, or the key itself')
    .description('Refuse what a key signs from now on; what it signed before stays valid')
    .requiredOption('--reason <text>', 'why, for who reads it in a year');
  examples(asked(verb), ['larder ledger key revoke ben.pub --reason "laptop stolen" --yes']).action(
    async (which: string, { reason, ...options }: RevokeOptions) => {
      if (!(await agreed(terminal, `What ${which} signs is refused from now on.`, options))) return;
      await append(terminal, options, (ledger) => {
        const publicKey = which.startsWith('SHA256:') ? byFingerprint(ledger, which) : publicKeyOf(which);
        const operatorId = holder(ledger.state, publicKey);
        return { event: { type: 'key-revoked', data: { operatorId, key: publicKey, reason } } };
      });
    },
  );
}

function holder(state: State, publicKey: string): string {
  const operatorId = holderOf(state, publicKey);
  if (operatorId !== undefined) return operatorId;
  throw new Exit(exitCodes.approval, `${fingerprint(publicKey)} is no key of an operator: larder ledger operator list`);
}

function byFingerprint({ state }: Ledger, wanted: string): string {
  const keys = [...state.operators.values()].flatMap((operator) => operator.keys);
  const found = keys.find(({ publicKey }) => fingerprint(publicKey) === wanted);
  if (found) return found.publicKey;
  throw new Exit(exitCodes.usage, `no operator has a key ${wanted}: larder ledger operator list`);
}
