import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { accessKubeconfig } from '../../../cluster/access/access-kubeconfig.ts';
import { openAuthority } from '../../../cluster/access/authority.ts';
import { type ClientCertificate, clientCertificate } from '../../../cluster/access/client-certificate.ts';
import {
  type IssuedCertificate,
  issueCertificate,
  type Operator,
  operatorOfKey,
} from '../../../cluster/access/issue.ts';
import { rememberIssued } from '../../../cluster/access/issued.ts';
import { readLife } from '../../../cluster/access/life.ts';
import { GROUPS, principalsOf } from '../../../cluster/access/principal.ts';
import { readRevoked, revokedKey } from '../../../cluster/access/revocation.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { Exit, exitCodes } from '../../exit.ts';
import type { Terminal } from '../../output.ts';
import { type CommandContext, examples, recording } from '../../program.ts';
import { type ApiOptions, reachingApi, withApi } from '../reach-api.ts';
import { inRoom, type RoomOptions, recordedRoom, type SecretRoom } from '../secrets/secret-room.ts';
import { orExit } from './or-exit.ts';

interface Options extends RoomOptions, ApiOptions {
  readonly key?: string;
  readonly for: string;
  readonly out?: string;
  /** `--no-kube-access`. */
  readonly kubeAccess: boolean;
}

const USUAL_KEY = 'id_ed25519.pub';

/** `larder cluster access issue`: a certificate of some hours for a person of cluster.yaml, and a kubeconfig of the same life. */
export function issue(parent: Command, context: CommandContext): void {
  const command = parent
    .command('issue')
    .description('Issue an ssh certificate and a kubeconfig, for at most 12 hours, to an operator of cluster.yaml.')
    .option('--key <file>', 'public key of the operator (default: ~/.ssh/id_ed25519.pub)')
    .option('--for <time>', 'how long: 8h, 90m', '8h')
    .option('--out <file>', 'where the certificate goes (default: beside the key, where ssh finds it)')
    .option('--no-kube-access', 'no kubeconfig');
  recording(reachingApi(inRoom(command))).action((options: Options) => {
    const room = recordedRoom(command, context.terminal, options);
    return run(context, room, options);
  });
  examples(command, [
    'larder cluster access issue',
    'larder cluster access issue --key ana.pub --for 2h --no-kube-access',
  ]);
}

async function run({ terminal, changes }: CommandContext, room: SecretRoom, options: Options): Promise<void> {
  const life = readLife(options.for);
  if (life.kind === 'invalid') throw new Exit(exitCodes.usage, `${life.why} (LARDER_ACCESS_REFUSED)`);
  const path = options.key ?? join(terminal.env['HOME'] ?? homedir(), '.ssh', USUAL_KEY);
  const { operator, publicKey } = orExit(operatorOfKey(room.spec, keyLine(path)));
  if (revokedKey(orExit(readRevoked(room.repository)).text, publicKey)) {
    throw new Exit(
      exitCodes.approval,
      `the key of ${operator.id} is revoked: ${operator.id} needs another one in cluster.yaml (LARDER_ACCESS_REFUSED)`,
    );
  }
  const authority = orExit(await openAuthority(room));
  const now = systemClock.now();
  const made = issueCertificate({
    ...{ cluster: room.spec.name, operator, publicKey, authority: authority.key, now, lifeMs: life.ms },
  });
  const out = options.out ?? path.replace(/(\.pub)?$/, '-cert.pub');
  const until = new Date(made.until).toISOString();
  const about = `${operator.id}, serial ${made.serial}, until ${until}`;
  await changes.begin([{ kind: 'SshCertificate', name: about, verb: 'issue' }]);
  replaceFile(out, made.line, 0o644);
  rememberIssued(room.repository, {
    operator: operator.id,
    serial: made.serial,
    until,
    principals: principalsOf(operator),
  });
  terminal.err(`${out}: ${about}, as ${principalsOf(operator).join(', ')}\n`);
  if (options.kubeAccess) await issueKubeconfig(terminal, { room, options, operator, made, now, changes });
}

function keyLine(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Exit(
      exitCodes.usage,
      `${path} cannot be read: ${why}: name your public key with --key (LARDER_ACCESS_FILE)`,
    );
  }
}

interface Kubeconfig {
  readonly room: SecretRoom;
  readonly options: Options;
  readonly operator: Operator;
  readonly made: IssuedCertificate;
  readonly now: number;
  readonly changes: CommandContext['changes'];
}

function issueKubeconfig(
  terminal: Terminal,
  { room, options, operator, made, now, changes }: Kubeconfig,
): Promise<void> {
  const { name } = room.spec;
  return withApi(terminal, { ...options, name }, async (api) => {
    if (typeof api === 'string') {
      terminal.err(
        `no kubeconfig: ${api}. Name that of somebody who may sign: --kubeconfig FILE, or say --no-kube-access\n`,
      );
      throw new Exit(
        exitCodes.finding,
        'the ssh certificate is issued, the kubeconfig is not (LARDER_ACCESS_KUBECONFIG)',
      );
    }
    const group = GROUPS[operator.role];
    const serial = BigInt(made.serial).toString(16);
    const object = `larder-${operator.id.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-')}-${serial}`;
    await changes.begin([{ kind: 'CertificateSigningRequest', name: object, verb: 'approve' }]);
    const asked: ClientCertificate = await clientCertificate({
      ...{ client: api.client, clock: systemClock, name: object, user: operator.id, group, lifeMs: made.until - now },
    });
    const { certificate, key } = orExit(asked);
    const folder = join(terminal.env['HOME'] ?? homedir(), '.kube');
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${name}.${operator.id}.yaml`);
    replaceFile(
      path,
      accessKubeconfig({ cluster: name, user: operator.id, server: api.server, ca: api.tls.ca, certificate, key }),
      0o600,
    );
    terminal.err(
      `${path}: ${operator.id} in ${group}, until ${new Date(made.until).toISOString()}\n  export KUBECONFIG=${path}\n`,
    );
  });
}

/** Whole or as it was, and never readable by others for a moment. */
function replaceFile(path: string, text: string, mode: number): void {
  const aside = join(dirname(path), `.${process.pid}.part`);
  writeFileSync(aside, text, { mode, flag: 'w' });
  chmodSync(aside, mode);
  renameSync(aside, path);
}
