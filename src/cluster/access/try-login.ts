/** Whether a node lets somebody in with a certificate and nothing else. */
import { generateKeyPairSync, type KeyObject, randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sshPrivateKeyText } from '../../ledger/ssh-private-key.ts';
import { knownHosts } from '../inventory/known-hosts.ts';
import { privateFolder } from '../secrets/private-folder.ts';
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';
import { issueCertificate } from './issue.ts';
import { runSsh } from './run-ssh.ts';
import { authorityLine } from './ssh-certificate.ts';

export type Login = { readonly kind: 'in' } | { readonly kind: 'refused'; readonly why: string };

export interface Trying {
  readonly spec: ClusterSpec;
  readonly node: NodeSpec;
  readonly authority: KeyObject;
  /** What is run there; it must end with 0. */
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  readonly now: number;
}

const LIFE_MS = 10 * 60_000;
const CONNECT_SECONDS = 15;

/** With a key and a certificate that are made for this once, and pinned host keys. No agent, no key of the person. */
export async function tryLogin({ spec, node, authority, command, env, now }: Trying): Promise<Login> {
  using folder = privateFolder(env);
  const { privateKey } = generateKeyPairSync('ed25519');
  const operator = { id: 'larder-access-check', sshKey: '', role: 'admin' as const };
  const publicKey = authorityLine(privateKey);
  const { line } = issueCertificate({ cluster: spec.name, operator, publicKey, authority, now, lifeMs: LIFE_MS });
  const at = (name: string): string => join(folder.path, name);
  writeFileSync(at('key'), sshPrivateKeyText(privateKey, '', randomInt(2 ** 32)), { mode: 0o600 });
  writeFileSync(at('key-cert.pub'), line);
  writeFileSync(at('known_hosts'), knownHosts(spec));
  const options = [
    ...['BatchMode=yes', 'IdentitiesOnly=yes', 'IdentityAgent=none', 'PreferredAuthentications=publickey'],
    ...['StrictHostKeyChecking=yes', `UserKnownHostsFile=${at('known_hosts')}`, 'GlobalKnownHostsFile=/dev/null'],
    ...[`ConnectTimeout=${CONNECT_SECONDS}`, 'ControlPath=none', 'PubkeyAuthentication=yes'],
    `CertificateFile=${at('key-cert.pub')}`,
  ].flatMap((option) => ['-o', option]);
  const where = ['-i', at('key'), '-p', String(node.ssh.port), '-l', node.ssh.user, '--', node.address, command];
  const { code, output } = await runSsh('ssh', ['-F', 'none', ...options, ...where], { env });
  if (code === 0) return { kind: 'in' };
  return { kind: 'refused', why: output.trim().split('\n').at(-1) ?? `ssh ended with ${code}` };
}
