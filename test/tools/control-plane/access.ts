/** Who may talk to a control plane: its certificates, keys, tokens and kubeconfigs, as files in its folder. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCertificates } from '../../../src/embedded/certificates.ts';
import { renderKubeconfig } from '../../../src/embedded/kubeconfig.ts';
import { systemClock } from '../../../src/telemetry/clock.ts';

export interface Access {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** The administrator's. */
  readonly token: string;
  /** PEM, and the path of the same. */
  readonly authority: string;
  readonly authorityFile: string;
  /** Bearer tokens of the users that were asked for, by name. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** Users besides the administrator, each with its groups. */
export type Users = Readonly<Record<string, readonly string[]>>;

const ADMINISTRATORS = 'system:masters';

export async function writeAccess(folder: string, url: string, users: Users): Promise<Access> {
  const { authority } = await openCertificates(join(folder, 'pki'), systemClock);
  writeServiceAccountKeys(folder);
  const all: Users = {
    admin: [ADMINISTRATORS],
    'system:kube-controller-manager': [ADMINISTRATORS],
    'system:kube-scheduler': [],
    ...users,
  };
  const tokens = Object.fromEntries(Object.keys(all).map((name) => [name, randomBytes(24).toString('base64url')]));
  const tokenOf = (name: string): string => tokens[name] ?? '';
  const lines = Object.entries(all).map(([name, groups]) => `${tokenOf(name)},${name},${name},"${groups.join(',')}"\n`);
  writeSecret(join(folder, 'tokens.csv'), lines.join(''));
  const kubeconfigOf = (file: string, user: string): string => {
    const path = join(folder, file);
    writeSecret(path, renderKubeconfig({ url, token: tokenOf(user), authority }));
    return path;
  };
  kubeconfigOf('kube-controller-manager.kubeconfig', 'system:kube-controller-manager');
  kubeconfigOf('kube-scheduler.kubeconfig', 'system:kube-scheduler');
  return {
    kubeconfig: kubeconfigOf('kubeconfig', 'admin'),
    token: tokenOf('admin'),
    authority,
    authorityFile: join(folder, 'pki', 'ca.crt'),
    tokens: Object.fromEntries(Object.keys(users).map((name) => [name, tokenOf(name)])),
  };
}

function writeServiceAccountKeys(folder: string): void {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  writeFileSync(join(folder, 'service-account.pub'), publicKey);
  writeSecret(join(folder, 'service-account.key'), privateKey);
}

function writeSecret(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}
