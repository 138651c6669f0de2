import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Operator } from '../../ledger/entity.ts';
import { operatorRole } from '../../ledger/event.ts';
import { fingerprint, readPublicKeyLine } from '../../ledger/ssh-public-key.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import { inputText } from '../input.ts';
import type { OutputFormat } from '../output.ts';
import { type Column, print } from '../print.ts';
import { type CommandContext, examples, group, outputOption } from '../program.ts';
import { append } from './append.ts';
import { type AskedOptions, agreed, asked } from './asked.ts';
import { folderOf, kept, type PlaceOptions, placed, readOnly, type WriteOptions, writing } from './place.ts';

const NEVER = 'never';

type Role = 'admin' | 'operator' | 'server';

interface AddOptions extends WriteOptions {
  readonly publicKey: readonly string[];
  readonly role: Role;
  readonly expires?: string;
}
interface ChangeOptions extends WriteOptions {
  readonly role?: Role;
  readonly expires?: string;
}
interface RemoveOptions extends WriteOptions, AskedOptions {
  readonly reason: string;
}

/** `larder ledger operator`: who may sign records, and for how long. */
export function operator(root: Command, context: CommandContext): void {
  const verbs = group(root, 'operator', 'Who may sign records: add, change, remove, list');
  add(verbs, context);
  change(verbs, context);
  remove(verbs, context);
  list(verbs, context);
}

const roleOption = (): Option =>
  new Option(
    '--role <role>',
    'admin: also changes who is in the ledger; server: records for others, approves nothing',
  ).choices(operatorRole.options);

function add(verbs: Command, { terminal }: CommandContext): void {
  const verb = writing(verbs.command('add'))
    .argument('<id>', 'how the operator is called: letters, digits and . _ @ -')
    .description('Add an operator with an ssh key; an admin signs')
    .requiredOption('--public-key <key...>', 'file of the public key, as id_ed25519.pub, or the key itself')
    .addOption(roleOption().default('operator'))
    .option('--expires <time>', 'the last day, or a time, from which on records are refused', expiry);
  examples(verb, ['larder ledger operator add ben --public-key ben.pub --expires 2027-12-31']).action(
    async (operatorId: string, { publicKey, role, expires, ...options }: AddOptions) => {
      const data = { operatorId, role, keys: publicKey.map(publicKeyOf), ...(expires && { expiresAt: expires }) };
      await append(terminal, options, () => ({ event: { type: 'operator-added', data } }));
    },
  );
}

function change(verbs: Command, { terminal }: CommandContext): void {
  const verb = writing(verbs.command('change'))
    .argument('<id>', 'an operator')
    .description('Give an operator another role or another end; an admin signs')
    .addOption(roleOption())
    .option('--expires <time>', 'the last day, or a time, or never', expiryOrNever);
  examples(verb, ['larder ledger operator change ben --role admin --expires never']).action(
    async (operatorId: string, { role, expires, ...options }: ChangeOptions) => {
      const expiresAt = expires === NEVER ? null : expires;
      const data = { operatorId, ...(role && { role }), ...(expiresAt === undefined ? {} : { expiresAt }) };
      await append(terminal, options, () => ({ event: { type: 'operator-changed', data } }));
    },
  );
}

function remove(verbs: Command, { terminal }: CommandContext): void {
  const verb = writing(verbs.command('remove'))
    .argument('<id>', 'an operator')
    .description('Refuse what an operator signs from now on; what was signed stays valid; an admin signs')
    .requiredOption('--reason <text>', 'why, for who reads it in a year');
  examples(asked(verb), ['larder ledger operator remove ben --reason "left the team" --yes']).action(
    async (operatorId: string, { reason, ...options }: RemoveOptions) => {
      const what = `Records of ${operatorId} are refused from now on.`;
      if (!(await agreed(terminal, what, options))) return;
      await append(terminal, options, () => ({ event: { type: 'operator-removed', data: { operatorId, reason } } }));
    },
  );
}

const columns = (now: number): readonly Column<Operator>[] => [
  { title: 'OPERATOR', value: ({ operatorId }) => operatorId },
  { title: 'ROLE', value: ({ role }) => role },
  { title: 'SINCE', value: ({ addedAt }) => addedAt.slice(0, 10) },
  { title: 'UNTIL', value: (row) => until(row, now) },
  {
    title: 'KEYS',
    value: ({ keys }) =>
      keys
        .filter(({ ended }) => !ended)
        .map(({ publicKey }) => fingerprint(publicKey))
        .join('\n'),
  },
];

function until({ removed, expiresAt }: Operator, now: number): string {
  if (removed) return `removed ${removed.at.slice(0, 10)}`;
  if (expiresAt === undefined) return '-';
  return Date.parse(expiresAt) <= now ? `expired ${expiresAt.slice(0, 10)}` : expiresAt.slice(0, 10);
}

function list(verbs: Command, { terminal }: CommandContext): void {
  const verb = placed(verbs.command('list')).description('Who may sign, with which keys').addOption(outputOption());
  examples(verb, ['larder ledger operator list']).action((options: PlaceOptions & { readonly output: OutputFormat }) =>
    kept(async () => {
      const ledger = await readOnly(terminal, folderOf(terminal, options));
      print(terminal, options.output, [...ledger.state.operators.values()], columns(systemClock.now()));
    }),
  );
}

/** A file of a public key, or the key itself, as `type base64`. Throws Exit 2. */
export function publicKeyOf(word: string): string {
  const line = readPublicKeyLine(word.includes(' ') ? word : inputText(word));
  if (line.kind === 'key') return line.text;
  throw new Exit(exitCodes.usage, `${word} ${line.why}`);
}

/** A day is meant with its evening, in UTC. */
function expiry(word: string): string {
  const text = /^\d{4}-\d{2}-\d{2}$/.test(word) ? `${word}T23:59:59Z` : word;
  const moment = /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(moment)) return new Date(moment).toISOString();
  throw new InvalidArgumentError('It is no time: write 2027-12-31, or 2027-12-31T12:00:00Z.');
}

function expiryOrNever(word: string): string {
  return word === NEVER ? word : expiry(word);
}
