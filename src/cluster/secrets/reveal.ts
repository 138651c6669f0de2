/** One secret, by the name that cluster.yaml gives it: `sops:secrets/k3s.sops.yaml#token`. */
import { findIdentities } from './age-identity.ts';
import { type Refused, refused } from './refused.ts';
import { readSecretFile } from './secret-file.ts';
import { type OpenedFile, openSops } from './sops-file.ts';

export interface SecretPlace {
  /** The folder of cluster.yaml. */
  readonly repository: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type Revealed = { readonly kind: 'secret'; readonly value: string } | Refused;

export async function reveal(reference: string, place: SecretPlace): Promise<Revealed> {
  const { file, key } = partsOf(reference);
  const opened = await openSecretFile(file, place);
  return opened.kind === 'refused' ? opened : valueIn(opened, file, key);
}

/** `#` separates them; the schema of cluster.yaml has looked at the form. */
export function partsOf(reference: string): { readonly file: string; readonly key: string } {
  const [, file = '', key = ''] = /^sops:([^#]+)#(.+)$/.exec(reference) ?? [];
  return { file, key };
}

export async function openSecretFile(file: string, { repository, env }: SecretPlace): Promise<OpenedFile | Refused> {
  const read = readSecretFile(repository, file);
  if (read.kind === 'refused') return read;
  if (read.kind === 'absent') {
    const message = `${file} is not there: larder cluster secrets init makes the files that cluster.yaml names`;
    return refused('LARDER_SECRET_FILE', message);
  }
  const found = await findIdentities(env);
  return found.kind === 'refused' ? found : openSops(file, read.text, found.identities);
}

/** A key at the top, or a way through nested ones with dots between them. */
export function valueIn(opened: OpenedFile, file: string, key: string): Revealed {
  const values = opened.values.filter(
    ({ path, place }) => !place.includes('[') && (path.join('.') === key || (path.length === 1 && path[0] === key)),
  );
  const [value] = values;
  if (value !== undefined && values.length === 1) return { kind: 'secret', value: value.text };
  const why = value === undefined ? 'has no value' : 'has several values';
  const message = `${file} ${why} ${key}: larder cluster secrets show ${file} lists its keys, and larder cluster secrets set ${file} ${key} sets one`;
  return refused('LARDER_SECRET_KEY', message);
}
