import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { playAnsible } from '../../../cluster/run/ansible.ts';
import { nextTokenKey, tokenProblem } from '../../../cluster/secrets/cluster-token.ts';
import { openSecretFile, partsOf, valueIn } from '../../../cluster/secrets/reveal.ts';
import { writeSecretFile } from '../../../cluster/secrets/secret-file.ts';
import { removeValue, sealAgain, setValue } from '../../../cluster/secrets/write-values.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import type { RecordingOptions } from '../../changes.ts';
import { confirm } from '../../confirm.ts';
import { Exit, exitCodes } from '../../exit.ts';
import type { Terminal } from '../../output.ts';
import { type CommandContext, examples, recording } from '../../program.ts';
import { stoppable } from '../run-session.ts';
import { hiddenInput } from './hidden-input.ts';
import { beginRotation, orPutOff } from './rotation.ts';
import { inRoom, type RoomOptions, type SecretRoom, secretRoom, unlessRefused } from './secret-room.ts';

interface Options extends RoomOptions, RecordingOptions {
  readonly value?: true;
  readonly privateKey?: string;
  readonly yes?: boolean;
}

const TOKEN_BYTES = 32;

/** `larder cluster secrets rotate-token`: the nodes get another token, and the encrypted file with them. */
export function rotateToken(parent: Command, { terminal }: CommandContext): void {
  const command = parent
    .command('rotate-token')
    .description('Give the cluster another token: on a server by k3s, on every node, and in the encrypted file.')
    .option('--value', 'a token of yours, typed unseen or from standard input; without it a random one')
    .option('--private-key <file>', 'ssh key for the nodes')
    .option('--yes', 'do not ask');
  recording(inRoom(command)).action((options: Options) => run(terminal, secretRoom(terminal, options), options));
  examples(command, ['larder cluster secrets rotate-token']);
}

async function run(terminal: Terminal, room: SecretRoom, options: Options): Promise<void> {
  const waiting = await waitingToken(terminal, room, options);
  const question = `Rotate the token of ${room.spec.name} on ${room.spec.nodes.length} nodes? Each service restarts, one at a time.`;
  await confirm(terminal, question, options.yes === true);
  const secrets = [waiting.old, waiting.next];
  const rotation = await beginRotation(terminal, {
    ...{ scope: 'k3s-token', repository: room.repository, recipients: room.spec.secrets?.recipients ?? [] },
    ...{ days: room.spec.rotation.tokenDays, options: { ...options, knownSecrets: secrets } },
  });
  await orPutOff(rotation, () => waiting.keep());
  const why = await stoppable(terminal, (signal) => played(terminal, room, { options, secrets, signal }));
  if (why !== undefined) {
    await rotation.putOff(why);
    const next =
      'The new token waits in the encrypted file beside the old one: run larder cluster secrets rotate-token again, which goes on with it';
    throw new Exit(exitCodes.finding, `${why}\n${next}`);
  }
  await orPutOff(rotation, () => waiting.settle());
  const steps = ['the playbook rotate-token ended well on every node', 'the encrypted file has the new token alone'];
  const isRecorded = await rotation.verified(steps);
  terminal.err(`the token is rotated: commit ${partsOf(room.spec.secrets?.token ?? '').file}\n`);
  if (!isRecorded) throw new Exit(exitCodes.finding, 'the token is rotated, and the record of it is missing');
}

interface WaitingToken {
  readonly old: string;
  readonly next: string;
  /** Writes the new one beside the old one, so that neither is lost whenever this ends. */
  keep(): Promise<void>;
  /** The new one takes the place of the old one. */
  settle(): Promise<void>;
}

/** One that an earlier rotation left is gone on with: some nodes may know it. */
async function waitingToken(terminal: Terminal, room: SecretRoom, options: Options): Promise<WaitingToken> {
  const reference = room.spec.secrets?.token;
  if (reference === undefined) {
    throw new Exit(exitCodes.usage, `${room.specFile} names no token: larder cluster secrets init (LARDER_SECRET_KEY)`);
  }
  const { file, key } = partsOf(reference);
  const opened = unlessRefused(await openSecretFile(file, room));
  const old = unlessRefused(valueIn(opened, file, key)).value;
  const left = valueIn(opened, file, nextTokenKey(key));
  if (left.kind === 'secret') terminal.err('going on with the token that an earlier rotation left\n');
  const next = left.kind === 'secret' ? left.value : await newToken(terminal, options);
  const problem = tokenProblem(next) ?? (next === old ? 'is the one that the cluster has' : undefined);
  if (problem !== undefined) throw new Exit(exitCodes.usage, `the new token ${problem}; nothing was changed`);
  const write = async (change: (tree: typeof opened.tree) => void): Promise<void> => {
    const now = unlessRefused(await openSecretFile(file, room));
    change(now.tree);
    const { text } = unlessRefused(sealAgain(file, now, now.tree, systemClock.now()));
    unlessRefused(await writeSecretFile(room.repository, file, text));
  };
  return {
    old,
    next,
    keep: () => write((tree) => setValue(tree, nextTokenKey(key), next)),
    settle: () =>
      write((tree) => {
        setValue(tree, key, next);
        removeValue(tree, nextTokenKey(key));
      }),
  };
}

function newToken(terminal: Terminal, { value }: Options): Promise<string> {
  return value ? hiddenInput(terminal, 'new token') : Promise.resolve(randomBytes(TOKEN_BYTES).toString('hex'));
}

interface Playing {
  readonly options: Options;
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

/** Why it did not end well. The inventory reveals both tokens, in memory. */
async function played(
  terminal: Terminal,
  { spec, specFile, repository }: SecretRoom,
  { options: { privateKey }, secrets, signal }: Playing,
): Promise<string | undefined> {
  const outcome = await playAnsible({
    ...{ repository, spec, secrets, privateKey, env: { ...terminal.env }, clock: systemClock, signal },
    ...{ file: specFile.split('/').at(-1) ?? 'cluster.yaml', playbook: 'rotate-token.yml' },
    onEvent(event) {
      if (event.event === 'result' && event.outcome !== 'skipped')
        terminal.err(`${event.host}: ${event.task}: ${event.outcome}\n`);
    },
  });
  switch (outcome.kind) {
    case 'unavailable':
      return outcome.reason;
    case 'interrupted':
      return 'the rotation was interrupted: some nodes may have the new token';
    case 'played': {
      if (outcome.code === 'ok') return undefined;
      const failed = outcome.results.find(({ outcome: each }) => each === 'failed' || each === 'unreachable');
      const where = failed
        ? `${failed.host}: ${failed.task}: ${failed.message ?? failed.outcome}`
        : outcome.log.slice(-500);
      return `the rotation stopped: ${where}`;
    }
    default:
      return outcome satisfies never;
  }
}
