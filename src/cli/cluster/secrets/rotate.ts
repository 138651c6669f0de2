import type { Command } from 'commander';
import { sopsRules } from '../../../cluster/init/sops-rules.ts';
import { type AgeIdentity, findIdentities } from '../../../cluster/secrets/age-identity.ts';
import { SOPS_CONFIG } from '../../../cluster/secrets/creation-rule.ts';
import { openSecretFile } from '../../../cluster/secrets/reveal.ts';
import { readSecretFile, writeSecretFile } from '../../../cluster/secrets/secret-file.ts';
import { secretFiles } from '../../../cluster/secrets/secrets-of.ts';
import { rotated } from '../../../cluster/secrets/write-values.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import type { RecordingOptions } from '../../changes.ts';
import { confirm } from '../../confirm.ts';
import { Exit, exitCodes } from '../../exit.ts';
import type { Terminal } from '../../output.ts';
import { type CommandContext, examples, recording } from '../../program.ts';
import { beginRotation, orPutOff } from './rotation.ts';
import { inRoom, namedFile, type RoomOptions, type SecretRoom, secretRoom, unlessRefused } from './secret-room.ts';

interface Options extends RoomOptions, RecordingOptions {
  readonly dryRun?: true;
  readonly yes?: boolean;
}

/** One file under its new key, not written yet. */
interface Prepared {
  readonly file: string;
  readonly text: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** `larder cluster secrets rotate`: new data keys, for the recipients of cluster.yaml and nobody else. */
export function rotate(parent: Command, { terminal }: CommandContext): void {
  const command = parent
    .command('rotate [secrets...]')
    .description('Encrypt files anew: a new key, for the people of cluster.yaml. All that it names, or these.')
    .option('--dry-run', 'say who would get in and who out, and write nothing')
    .option('--yes', 'do not ask');
  recording(inRoom(command)).action((named: readonly string[], options: Options) => {
    const room = secretRoom(terminal, options);
    return run(terminal, { room, options, files: named.map((each) => namedFile(room, each)) });
  });
  examples(command, ['larder cluster secrets rotate --dry-run', 'larder cluster secrets rotate --yes']);
}

interface Asked {
  readonly room: SecretRoom;
  readonly options: Options;
  /** Empty: all that are there. */
  readonly files: readonly string[];
}

async function run(terminal: Terminal, { room, options, files }: Asked): Promise<void> {
  const { identities } = unlessRefused(await findIdentities(room.env));
  const recipients = recipientsOf(room, identities);
  const isThere = (file: string): boolean => readSecretFile(room.repository, file).kind !== 'absent';
  const wanted = files.length > 0 ? files : secretFiles(room.spec).filter(isThere);
  const prepared = await prepare(room, wanted, { identities, recipients });
  if (prepared.length === 0) throw new Exit(exitCodes.usage, 'cluster.yaml names no encrypted file that is there');
  for (const line of told(prepared)) terminal.err(`${line}\n`);
  if (options.dryRun) return terminal.err('a dry run: nothing was written\n');
  const count = prepared.length === 1 ? '1 file' : `${prepared.length} files`;
  await confirm(
    terminal,
    `Encrypt ${count} anew for ${recipients.length} recipients?`,
    options.yes === true,
    '--dry-run',
  );
  const { repository, spec } = room;
  const facts = { scope: 'age', repository, recipients, days: spec.rotation.ageKeyDays, options } as const;
  const rotation = await beginRotation(terminal, facts);
  const steps = await orPutOff(rotation, () => carryOut(room, prepared));
  const isRecorded = await rotation.verified(steps);
  for (const step of steps) terminal.err(`${step}\n`);
  const gone = new Set(prepared.flatMap(({ removed }) => removed));
  if (gone.size > 0) {
    terminal.err(
      `${[...gone].join(', ')} could read the values until now, and can still, in git's history: change the values themselves, too (larder cluster secrets set, rotate-token)\n`,
    );
  }
  if (!isRecorded) throw new Exit(exitCodes.finding, 'the files are rotated, and the record of it is missing');
}

/** Somebody who rotates without being a recipient would lock themselves out. */
function recipientsOf({ spec, specFile }: SecretRoom, identities: readonly AgeIdentity[]): readonly string[] {
  const recipients = [...new Set(spec.secrets?.recipients ?? [])];
  if (recipients.length === 0)
    throw new Exit(exitCodes.usage, `${specFile} names no secrets.recipients (LARDER_SECRET_RECIPIENTS)`);
  if (identities.some(({ recipient }) => recipients.includes(recipient))) return recipients;
  const own = identities.map(({ recipient }) => recipient).join(', ');
  throw new Exit(
    exitCodes.usage,
    `none of your keys (${own}) is in secrets.recipients of ${specFile}: you could not read the files afterwards. Nothing was changed (LARDER_SECRET_RECIPIENTS)`,
  );
}

/** All of them before the first is written. */
async function prepare(
  { repository }: SecretRoom,
  files: readonly string[],
  keys: { readonly identities: readonly AgeIdentity[]; readonly recipients: readonly string[] },
): Promise<readonly Prepared[]> {
  const prepared: Prepared[] = [];
  for (const file of files) {
    const read = unlessRefused(readSecretFile(repository, file));
    if (read.kind === 'absent') throw new Exit(exitCodes.usage, `${file} is not there (LARDER_SECRET_FILE)`);
    const made = unlessRefused(await rotated({ file, text: read.text, now: systemClock.now(), ...keys }));
    prepared.push({ file, text: made.text, added: made.added, removed: made.removed });
  }
  return prepared;
}

function told(prepared: readonly Prepared[]): readonly string[] {
  return prepared.flatMap(({ file, added, removed }) => [
    `${file}: a new key${added.length + removed.length === 0 ? ', for the same recipients' : ''}`,
    ...added.map((each) => `  in:  ${each}`),
    ...removed.map((each) => `  out: ${each}`),
  ]);
}

/** What was done, as steps of verification. */
async function carryOut(room: SecretRoom, prepared: readonly Prepared[]): Promise<readonly string[]> {
  const steps: string[] = [];
  for (const { file, text } of prepared) unlessRefused(await writeSecretFile(room.repository, file, text));
  const rules = sopsRules(room.spec);
  const config = readSecretFile(room.repository, SOPS_CONFIG);
  if (config.kind === 'text' && config.text !== rules && config.text.startsWith(firstLine(rules))) {
    unlessRefused(await writeSecretFile(room.repository, SOPS_CONFIG, rules));
    steps.push(`${SOPS_CONFIG} names the same recipients`);
  }
  for (const { file } of prepared) {
    unlessRefused(await openSecretFile(file, room));
    steps.push(`${file} opens with the new key, and its checksum is right`);
  }
  return steps;
}

/** Made by Larder, not by somebody with rules of their own. */
function firstLine(text: string): string {
  return text.slice(0, text.indexOf('\n') + 1);
}
