import { generateKeyPairSync, randomInt } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { publicAuthority } from '../../cluster/access/authority.ts';
import { plainKey } from '../../cluster/access/issue.ts';
import { authorityLine } from '../../cluster/access/ssh-certificate.ts';
import { cloudConfig } from '../../cluster/image/cloud-config.ts';
import {
  type BootFile,
  type FirstBoot,
  type HostKey,
  type Method,
  methodFor,
  type Network,
} from '../../cluster/image/first-boot.ts';
import { FIRSTRUN_WORDS, firstrun } from '../../cluster/image/firstrun.ts';
import { MEMORY_WORDS, withKernelWords } from '../../cluster/image/kernel-words.ts';
import { pinHostKey } from '../../cluster/image/pin-host-key.ts';
import { readNetwork } from '../../cluster/image/read-network.ts';
import { writeSecretFile } from '../../cluster/secrets/secret-file.ts';
import type { NodeSpec } from '../../cluster/spec/cluster-spec.ts';
import { sshPrivateKeyText } from '../../ledger/ssh-private-key.ts';
import { fingerprint } from '../../ledger/ssh-public-key.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type CommandContext, examples, recording } from '../program.ts';
import { inRoom, type RoomOptions, recordedRoom, type SecretRoom, unlessRefused } from './secrets/secret-room.ts';

interface Options extends RoomOptions {
  readonly out: string;
  readonly method?: Method;
  readonly gateway?: string;
  readonly dns?: readonly string[];
  readonly dhcp?: true;
  readonly keys: boolean;
  readonly pin?: true;
}

const COMMAND_LINE = 'cmdline.txt';

/** `larder cluster image`: what a card must hold so that a blank machine is reached under its own, known key. */
export function image(parent: Command, context: CommandContext): void {
  const command = parent
    .command('image <node>')
    .description('Write the files for the first start of a node: user, host key, address, who gets in. No password.')
    .requiredOption('--out <dir>', 'an empty folder, or the boot partition of the card as it is mounted here')
    .option('--method <cloud-init|firstrun>', 'default: firstrun for Raspberry Pi OS 12, else cloud-init')
    .option('--gateway <address/length>', 'router and length of the network, as 192.168.1.1/24: the address is fixed')
    .option('--dns <address...>', 'name servers (default: the gateway)')
    .option('--dhcp', 'the router gives the address; keep it there for the MAC of the node')
    .option('--no-keys', 'only certificates open it, not the keys of operators with the role admin')
    .option('--pin', 'write the host key into cluster.yaml');
  recording(inRoom(command)).action((name: string, options: Options) => {
    const room = recordedRoom(command, context.terminal, options);
    return run(context, { room, name, options });
  });
  examples(command, [
    'larder cluster image pi-cluster-1.local --out card --gateway 192.168.1.1/24 --pin',
    'larder cluster image pi-cluster-1.local --out /media/bootfs --dhcp --no-keys --pin',
  ]);
}

interface Asked {
  readonly room: SecretRoom;
  readonly name: string;
  readonly options: Options;
}

async function run({ terminal, changes }: CommandContext, { room, name, options }: Asked): Promise<void> {
  const node = room.spec.nodes.find((each) => each.name === name);
  if (node === undefined) throw refusal('NODE', `cluster.yaml has no node ${name}`);
  const { method = methodFor(room.spec, node) } = options;
  if (method !== 'cloud-init' && method !== 'firstrun') throw refusal('NODE', '--method is cloud-init or firstrun');
  const boot = firstBoot(room, node, options);
  const pinned = pinnedText(room, node, boot.hostKey, options);
  const files = [
    ...(method === 'cloud-init' ? cloudConfig(boot) : firstrun(boot)),
    ...commandLine(options.out, method, node),
  ];
  checkFolder(options.out, files);
  await changes.begin([{ kind: 'Node', name, verb: 'image' }]);
  write(options.out, files);
  if (pinned !== undefined) unlessRefused(await writeSecretFile(room.repository, resolve(room.specFile), pinned));
  const { publicKey } = boot.hostKey;
  terminal.err(`${files.map(({ path }) => join(options.out, path)).join('\n')}\n`);
  terminal.err(`${name} will show the host key ${fingerprint(publicKey)}\n`);
  terminal.err(
    pinned === undefined
      ? `pin it in ${room.specFile}, below ${name}:\n  ssh: { hostKey: ${publicKey} }\n`
      : `it is pinned in ${room.specFile}: commit it\n`,
  );
  terminal.err(`The files hold the private half until the first start: delete every copy beside the card\n`);
}

function firstBoot(room: SecretRoom, node: NodeSpec, options: Options): FirstBoot {
  const authority = publicAuthority(room.repository);
  const known = authority.kind === 'public' ? authority.publicKey : undefined;
  const admins = room.spec.operators.filter(({ role }) => role === 'admin').map(({ sshKey }) => plainKey(sshKey));
  const keys = options.keys ? admins : [];
  if (known === undefined && keys.length === 0) {
    throw refusal(
      'NODE',
      `nobody could log in to ${node.name}: add an operator with the role admin to cluster.yaml, or run larder cluster access init`,
    );
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const hostKey = {
    privateKey: sshPrivateKeyText(privateKey, node.name, randomInt(2 ** 32)),
    publicKey: authorityLine(privateKey),
  };
  return { spec: room.spec, node, hostKey, network: networkOf(node, options), keys, authority: known };
}

function networkOf(node: NodeSpec, { gateway, dns, dhcp }: Options): Network {
  if ((gateway === undefined) === (dhcp === undefined)) {
    throw refusal(
      'NODE',
      `say how ${node.name} gets ${node.address}: --gateway ADDRESS/LENGTH, or --dhcp where the router keeps it`,
    );
  }
  if (gateway === undefined) return { kind: 'dhcp' };
  const read = readNetwork(node.address, gateway, dns);
  if (read.kind === 'invalid') throw refusal('NODE', read.why);
  return read.network;
}

/** A key that is pinned already is that of a machine that runs: to replace it has to be asked for. */
function pinnedText(
  { specFile }: SecretRoom,
  node: NodeSpec,
  { publicKey }: HostKey,
  { pin }: Options,
): string | undefined {
  if (!pin) {
    if (node.ssh.hostKey === undefined) return undefined;
    throw refusal(
      'NODE',
      `${node.name} has a pinned host key; a new card has a new one: say --pin, and the old machine is refused from then on`,
    );
  }
  const pinned = pinHostKey(readFileSync(specFile, 'utf8'), node.name, publicKey);
  if (pinned.kind === 'not-pinned') throw refusal('NODE', `the host key cannot be pinned: ${pinned.why}`);
  return pinned.text;
}

/** On a boot partition its own line with what is missing; elsewhere what has to be added to it. */
function commandLine(out: string, method: Method, { arch }: NodeSpec): readonly BootFile[] {
  const words = [...MEMORY_WORDS, ...(method === 'firstrun' ? FIRSTRUN_WORDS : [])];
  const own = join(out, COMMAND_LINE);
  if (existsSync(own)) return [{ path: COMMAND_LINE, text: withKernelWords(readFileSync(own, 'utf8'), words) }];
  return arch === 'arm64' ? [{ path: 'cmdline-additions.txt', text: withKernelWords('', words) }] : [];
}

/** A boot partition has samples of these files; another folder must be empty, because one could be the card of another node. */
function checkFolder(out: string, files: readonly BootFile[]): void {
  if (!existsSync(out) || existsSync(join(out, COMMAND_LINE))) return;
  const there = readdirSync(out);
  if (there.length === 0) return;
  const what = files.some(({ path }) => there.includes(path))
    ? 'holds files for a first start already'
    : 'is not empty, and no boot partition (cmdline.txt)';
  throw refusal('WRITE', `${out} ${what}: name an empty folder`);
}

function write(out: string, files: readonly BootFile[]): void {
  try {
    mkdirSync(out, { recursive: true, mode: 0o700 });
    for (const { path, text } of files) {
      writeFileSync(join(out, path), text, { mode: 0o600 });
      if (path.endsWith('.sh')) chmodSync(join(out, path), 0o700);
    }
  } catch (cause) {
    throw refusal('WRITE', `${out} cannot be written: ${cause instanceof Error ? cause.message : cause}`);
  }
}

function refusal(what: 'NODE' | 'WRITE', message: string): Exit {
  return new Exit(exitCodes.usage, `${message} (LARDER_IMAGE_${what})`);
}
