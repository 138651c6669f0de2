import type { Command } from 'commander';
import { openAuthority } from '../../../cluster/access/authority.ts';
import { checkedRevoked } from '../../../cluster/access/revocation.ts';
import { tryLogin } from '../../../cluster/access/try-login.ts';
import { playAnsible } from '../../../cluster/run/ansible.ts';
import type { NodeSpec } from '../../../cluster/spec/cluster-spec.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { confirm } from '../../confirm.ts';
import { Exit, exitCodes } from '../../exit.ts';
import type { Terminal } from '../../output.ts';
import { type CommandContext, examples, recording } from '../../program.ts';
import { inRoom, type RoomOptions, recordedRoom, type SecretRoom } from '../secrets/secret-room.ts';
import { orExit } from './or-exit.ts';

interface Options extends RoomOptions {
  readonly check?: true;
  readonly keys?: 'off' | 'on';
  readonly node?: readonly string[];
  readonly privateKey?: string;
  readonly yes?: boolean;
}

type Keys = 'off' | 'on' | 'as they are';
type Authority = Extract<Awaited<ReturnType<typeof openAuthority>>, { kind: 'authority' }>;

/** `larder cluster access deploy`: nodes trust the authority and know what is revoked; keys are turned off only behind a login that worked. */
export function deploy(parent: Command, context: CommandContext): void {
  const command = parent
    .command('deploy')
    .description('Bring the authority and the revoked list to the nodes, and see that a certificate opens each.')
    .option('--check', 'say what would change, and change nothing')
    .option('--keys <off|on>', 'off: only certificates count, on nodes that one was seen to open. on: keys count again')
    .option('--node <name...>', 'these nodes only')
    .option('--private-key <file>', 'ssh key for the nodes as they are now')
    .option('--yes', 'do not ask');
  recording(inRoom(command)).action((options: Options) => {
    if (options.keys !== undefined && !['off', 'on'].includes(options.keys)) {
      throw new Exit(exitCodes.usage, '--keys is off or on');
    }
    const room = recordedRoom(command, context.terminal, options);
    return run(context, room, options);
  });
  examples(command, [
    'larder cluster access deploy --check',
    'larder cluster access deploy',
    'larder cluster access deploy --keys off',
  ]);
}

async function run({ terminal, changes }: CommandContext, room: SecretRoom, options: Options): Promise<void> {
  const nodes = nodesOf(room, options);
  const authority = orExit(await openAuthority(room));
  const revoked = orExit(await checkedRevoked(room.repository, { ...terminal.env })).text;
  const playing: Playing = { room, options, authority, revoked };
  if (options.check) {
    await play(terminal, playing, { nodes, keys: 'as they are', check: true });
    return;
  }
  const names = nodes.map(({ name }) => name);
  await confirm(terminal, `Change who may log in to ${names.join(', ')}?`, options.yes === true, '--check');
  await changes.begin(names.map((name) => ({ kind: 'Node', name, verb: 'access' })));
  await play(terminal, playing, { nodes, keys: options.keys === 'on' ? 'on' : 'as they are', check: false });
  const shut = await shutNodes(terminal, playing, nodes, 'sudo -n true');
  if (options.keys === 'off')
    await keysOff(
      terminal,
      playing,
      nodes.filter((node) => !shut.includes(node)),
    );
  if (shut.length === 0) return;
  const kept = options.keys === 'off' ? '; keys still count there' : '';
  throw new Exit(exitCodes.finding, `no certificate opens ${shut.map(({ name }) => name).join(', ')}${kept}`);
}

/** The login that proves it also stops what would bring the keys back. */
async function keysOff(terminal: Terminal, playing: Playing, nodes: readonly NodeSpec[]): Promise<void> {
  if (nodes.length === 0) return;
  await play(terminal, playing, { nodes, keys: 'off', check: false });
  const proof =
    'sudo -n systemctl stop larder-access-undo.timer 2>/dev/null; sudo -n grep -q "^AuthorizedKeysFile none$" /etc/ssh/sshd_config.d/10-larder-access.conf';
  const shut = await shutNodes(terminal, playing, nodes, proof);
  for (const { name } of nodes.filter((node) => !shut.includes(node)))
    terminal.err(`${name}: only certificates count\n`);
  if (shut.length === 0) return;
  const names = shut.map(({ name }) => name).join(', ');
  throw new Exit(
    exitCodes.finding,
    `no certificate opened ${names} afterwards: keys count there again in three minutes`,
  );
}

function nodesOf({ spec }: SecretRoom, { node }: Options): readonly NodeSpec[] {
  if (node === undefined) return spec.nodes;
  const unknown = node.filter((name) => !spec.nodes.some((each) => each.name === name));
  if (unknown.length > 0) throw new Exit(exitCodes.usage, `cluster.yaml has no node ${unknown.join(', ')}`);
  return spec.nodes.filter(({ name }) => node.includes(name));
}

interface Playing {
  readonly room: SecretRoom;
  readonly options: Options;
  readonly authority: Authority;
  readonly revoked: string;
}

interface Play {
  readonly nodes: readonly NodeSpec[];
  readonly keys: Keys;
  readonly check: boolean;
}

/** Throws Exit 1 where it did not end well on every node. */
async function play(
  terminal: Terminal,
  { room, options, authority, revoked }: Playing,
  { nodes, keys, check }: Play,
): Promise<void> {
  const { spec, repository, specFile } = room;
  const outcome = await playAnsible({
    ...{ repository, spec, secrets: [], env: { ...terminal.env }, clock: systemClock, check },
    ...{ file: specFile.split('/').at(-1) ?? specFile, playbook: 'access.yml', privateKey: options.privateKey },
    limit: nodes.map(({ name }) => name),
    variables: {
      larder_access_authority: authority.publicKey,
      larder_access_revoked: revoked,
      larder_access_keys: keys,
    },
    onEvent(event) {
      if (event.event === 'result' && event.outcome === 'changed') {
        terminal.err(`${event.host}: ${check ? 'would change' : 'changed'}: ${event.task}\n`);
      }
    },
  });
  if (outcome.kind === 'unavailable') throw new Exit(exitCodes.usage, outcome.reason);
  if (outcome.kind === 'interrupted')
    throw new Exit(exitCodes.finding, 'interrupted: run it again, it goes on where it stopped');
  if (outcome.code === 'ok') return;
  const failed = outcome.results.find(({ outcome: each }) => each === 'failed' || each === 'unreachable');
  const where = failed
    ? `${failed.host}: ${failed.task}: ${failed.message ?? failed.outcome}`
    : outcome.log.slice(-500);
  throw new Exit(exitCodes.finding, `access was not brought to every node: ${where}\nRun it again when that is mended`);
}

/** Those that a certificate does not open. */
async function shutNodes(
  terminal: Terminal,
  { room, authority }: Playing,
  nodes: readonly NodeSpec[],
  command: string,
): Promise<readonly NodeSpec[]> {
  const shut: NodeSpec[] = [];
  for (const node of nodes) {
    const trying = { spec: room.spec, node, authority: authority.key, command, env: { ...terminal.env } };
    const login = await tryLogin({ ...trying, now: systemClock.now() });
    if (login.kind === 'in') terminal.err(`${node.name}: a certificate opens it\n`);
    else {
      terminal.err(`${node.name}: a certificate does NOT open it: ${login.why}\n`);
      shut.push(node);
    }
  }
  return shut;
}
