import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { sopsRules } from '../../../cluster/init/sops-rules.ts';
import { type AgeIdentity, findIdentities, identityFile, newIdentity } from '../../../cluster/secrets/age-identity.ts';
import { creationRule, SOPS_CONFIG } from '../../../cluster/secrets/creation-rule.ts';
import { partsOf } from '../../../cluster/secrets/reveal.ts';
import { readSecretFile, writeSecretFile } from '../../../cluster/secrets/secret-file.ts';
import { secretStates } from '../../../cluster/secrets/secret-findings.ts';
import { sealNew, setValue } from '../../../cluster/secrets/write-values.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { confirm } from '../../confirm.ts';
import { Exit, exitCodes } from '../../exit.ts';
import { type CommandContext, examples, recording } from '../../program.ts';
import { inRoom, type RoomOptions, recordedRoom, type SecretRoom, secretRoom, unlessRefused } from './secret-room.ts';
import { emptyTree } from './set.ts';

interface Options extends RoomOptions {
  readonly yes?: boolean;
}

const TOKEN = 'sops:secrets/k3s.sops.yaml#token';
/** As long as k3s makes it by itself, twice. */
const TOKEN_BYTES = 32;

/** `larder cluster secrets init`: a key, the rules, and a token for the nodes. What is there stays as it is. */
export function init(parent: Command, context: CommandContext): void {
  const command = parent
    .command('init')
    .description('Make what is missing: an age key of yours, .sops.yaml, and the token of the cluster, encrypted.')
    .option('--yes', 'do not ask');
  recording(inRoom(command)).action(async (options: Options) => {
    const room = recordedRoom(command, context.terminal, options);
    const identities = await identitiesOf(context, options);
    const known = await withRecipients(context, { room, identities, options });
    await writeRules(context, known);
    await writeToken(context, known);
    for (const { findings } of await secretStates(known.spec, known)) {
      for (const finding of findings) context.terminal.err(`still to do: ${finding}\n`);
    }
  });
  examples(command, ['larder cluster secrets init']);
}

async function identitiesOf({ terminal, changes }: CommandContext, { yes }: Options): Promise<readonly AgeIdentity[]> {
  const found = await findIdentities(terminal.env);
  if (found.kind === 'identities') return found.identities;
  const path = identityFile(terminal.env);
  // A key that cannot be read is somebody's key all the same.
  if (found.code !== 'LARDER_SECRET_NO_IDENTITY' || existsSync(path)) {
    throw new Exit(exitCodes.usage, `${found.message} (${found.code})`);
  }
  await confirm(terminal, `Make an age key of your own in ${path}?`, yes === true);
  const made = await newIdentity();
  await changes.begin([{ kind: 'AgeKey', name: made.recipient, verb: 'create' }]);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const created = new Date(systemClock.now()).toISOString();
  const text = `# created: ${created}\n# public key: ${made.recipient}\n${made.identity}\n`;
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  terminal.err(
    `your age key is in ${path}; its public half: ${made.recipient}\nKeep a copy offline: without it nobody reads the files\n`,
  );
  return [made];
}

interface Asked {
  readonly room: SecretRoom;
  readonly identities: readonly AgeIdentity[];
  readonly options: Options;
}

/** cluster.yaml with a `secrets` part, appended where there is none; the rest of it is not touched. */
async function withRecipients(
  { terminal, changes }: CommandContext,
  { room, identities, options }: Asked,
): Promise<SecretRoom> {
  const [own] = identities;
  if (own === undefined) return room;
  const { secrets } = room.spec;
  if (secrets?.recipients.some((each) => identities.some(({ recipient }) => recipient === each))) return room;
  if (secrets !== undefined) {
    const message = `your key is not in secrets.recipients of ${room.specFile}: add it, then let somebody who can read the files run larder cluster secrets rotate\n    - ${own.recipient}`;
    throw new Exit(exitCodes.finding, message);
  }
  await confirm(terminal, `Add the secrets of the cluster to ${room.specFile}?`, options.yes === true);
  await changes.begin([{ kind: 'File', name: room.specFile, verb: 'write' }]);
  appendFileSync(room.specFile, `\nsecrets:\n  token: ${TOKEN}\n  recipients:\n    - ${own.recipient}\n`);
  terminal.err(`${room.specFile} names the token and your key now\n`);
  return secretRoom(terminal, options);
}

async function writeRules({ terminal, changes }: CommandContext, { repository, spec }: SecretRoom): Promise<void> {
  const read = unlessRefused(readSecretFile(repository, SOPS_CONFIG));
  if (read.kind === 'text') {
    const rule = creationRule(read.text, partsOf(spec.secrets?.token ?? TOKEN).file);
    if (rule.kind === 'rule' && rule.recipients.length > 0) return;
    // Larder's own without a recipient yet; what somebody wrote stays.
    if (!/^creation_rules: \[\]$/m.test(read.text)) return;
  }
  await changes.begin([{ kind: 'File', name: SOPS_CONFIG, verb: 'write' }]);
  unlessRefused(await writeSecretFile(repository, SOPS_CONFIG, sopsRules(spec)));
  terminal.err(`${join(repository, SOPS_CONFIG)} says who can read new files\n`);
}

async function writeToken({ terminal, changes }: CommandContext, { repository, spec }: SecretRoom): Promise<void> {
  const { file, key } = partsOf(spec.secrets?.token ?? TOKEN);
  if (unlessRefused(readSecretFile(repository, file)).kind === 'text') return;
  const tree = emptyTree(file);
  setValue(tree, key, randomBytes(TOKEN_BYTES).toString('hex'));
  const recipients = spec.secrets?.recipients ?? [];
  const sealed = unlessRefused(await sealNew({ repository, file, tree, recipients, now: systemClock.now() }));
  await changes.begin([{ kind: 'Secrets', name: `${file}#${key}`, verb: 'create' }]);
  unlessRefused(await writeSecretFile(repository, file, sealed.text));
  terminal.err(`${file} holds a new token, encrypted: commit it\n`);
}
