/** The certificate authority of a cluster: its private half in an encrypted file, its public half beside it for the nodes. */
import { generateKeyPairSync, type KeyObject, randomInt } from 'node:crypto';
import { readSshPrivateKey, sshPrivateKeyText } from '../../ledger/ssh-private-key.ts';
import type { Refused } from '../secrets/refused.ts';
import { openSecretFile, type SecretPlace, valueIn } from '../secrets/reveal.ts';
import { readSecretFile, writeSecretFile } from '../secrets/secret-file.ts';
import { readTree } from '../secrets/sops-tree.ts';
import { sealNew, setValue } from '../secrets/write-values.ts';
import { type AccessRefused, accessRefused } from './access-refused.ts';
import { authorityLine } from './ssh-certificate.ts';

export const AUTHORITY_FILE = 'secrets/ssh-ca.sops.yaml';
const PRIVATE_KEY = 'private_key';
/** What nodes trust; anybody may read it. */
export const AUTHORITY_PUBLIC = 'access/ssh-ca.pub';

export interface NewAuthority extends SecretPlace {
  readonly cluster: string;
  readonly recipients: readonly string[];
  readonly now: number;
}

/** Never over one that is there: everybody's certificates would end. */
export async function makeAuthority({
  repository,
  cluster,
  recipients,
  now,
}: NewAuthority): Promise<{ readonly kind: 'made'; readonly publicKey: string } | Refused | AccessRefused> {
  for (const file of [AUTHORITY_FILE, AUTHORITY_PUBLIC]) {
    const there = readSecretFile(repository, file);
    if (there.kind === 'refused') return there;
    if (there.kind === 'text')
      return accessRefused('LARDER_ACCESS_EXISTS', `${file} is there already; nothing was changed`);
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const read = readTree('{}', 'yaml');
  if (read.kind === 'invalid') return accessRefused('LARDER_ACCESS_FILE', read.why);
  const { tree } = read;
  tree.root.flow = false;
  setValue(tree, PRIVATE_KEY, sshPrivateKeyText(privateKey, `${cluster} ssh CA`, randomInt(2 ** 32)));
  const sealed = await sealNew({ repository, file: AUTHORITY_FILE, tree, recipients, now });
  if (sealed.kind === 'refused') return sealed;
  const publicKey = authorityLine(privateKey);
  const written = await writeSecretFile(repository, AUTHORITY_FILE, sealed.text);
  if (written.kind === 'refused') return written;
  const beside = await writeSecretFile(repository, AUTHORITY_PUBLIC, `${publicKey} ${cluster} ssh CA\n`);
  return beside.kind === 'refused' ? beside : { kind: 'made', publicKey };
}

export type OpenedAuthority =
  | { readonly kind: 'authority'; readonly key: KeyObject; readonly publicKey: string }
  | Refused
  | AccessRefused;

/** In memory only. The two halves must fit, else nodes would refuse what it signs. */
export async function openAuthority(place: SecretPlace): Promise<OpenedAuthority> {
  const shown = publicAuthority(place.repository);
  if (shown.kind === 'refused') return shown;
  const opened = await openSecretFile(AUTHORITY_FILE, place);
  if (opened.kind === 'refused') return opened;
  const value = valueIn(opened, AUTHORITY_FILE, PRIVATE_KEY);
  if (value.kind === 'refused') return value;
  const key = readSshPrivateKey(value.value);
  if (key.kind !== 'open') {
    return accessRefused('LARDER_ACCESS_NO_CA', `${AUTHORITY_FILE} holds no private key of ssh that can be used`);
  }
  if (key.publicKey === shown.publicKey) return { kind: 'authority', key: key.key, publicKey: key.publicKey };
  const message = `${AUTHORITY_PUBLIC} is not the public half of ${AUTHORITY_FILE}: take both from git as they were`;
  return accessRefused('LARDER_ACCESS_NO_CA', message);
}

/** What the nodes trust. */
export function publicAuthority(
  repository: string,
): { readonly kind: 'public'; readonly publicKey: string } | Refused | AccessRefused {
  const read = readSecretFile(repository, AUTHORITY_PUBLIC);
  if (read.kind === 'refused') return read;
  const line = read.kind === 'text' ? /^(ssh-ed25519 [A-Za-z0-9+/=]+)(?: .*)?\n?$/.exec(read.text)?.[1] : undefined;
  if (line !== undefined) return { kind: 'public', publicKey: line };
  const why = read.kind === 'absent' ? 'is not there' : 'is no public key of Ed25519';
  return accessRefused('LARDER_ACCESS_NO_CA', `${AUTHORITY_PUBLIC} ${why}: larder cluster access init makes one`);
}
