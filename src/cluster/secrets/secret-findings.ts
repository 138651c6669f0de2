/** What is wrong with the encrypted files of a repository. Names and recipients are readable without a key. */
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { type AgeIdentity, findIdentities } from './age-identity.ts';
import { partsOf, type SecretPlace, valueIn } from './reveal.ts';
import { readSecretFile } from './secret-file.ts';
import { secretFiles, secretReferences } from './secrets-of.ts';
import { openSops, readSops } from './sops-file.ts';

export interface SecretFileState {
  readonly file: string;
  /** `unopened`: whole as far as it can be told without a key. */
  readonly state: 'whole' | 'unopened' | 'missing' | 'wrong';
  readonly recipients: readonly string[];
  /** Sentences: what, and what to do. */
  readonly findings: readonly string[];
}

export async function secretStates(spec: ClusterSpec, place: SecretPlace): Promise<readonly SecretFileState[]> {
  const found = await findIdentities(place.env);
  const identities = found.kind === 'identities' ? found.identities : [];
  const states: SecretFileState[] = [];
  for (const file of secretFiles(spec)) states.push(await stateOf(file, { spec, place, identities }));
  return states;
}

interface Looking {
  readonly spec: ClusterSpec;
  readonly place: SecretPlace;
  readonly identities: readonly AgeIdentity[];
}

async function stateOf(file: string, { spec, place, identities }: Looking): Promise<SecretFileState> {
  const keys = secretReferences(spec)
    .map(partsOf)
    .filter((each) => each.file === file)
    .map(({ key }) => key);
  const wrong = (message: string): SecretFileState => ({ file, state: 'wrong', recipients: [], findings: [message] });
  const read = readSecretFile(place.repository, file);
  if (read.kind === 'refused') return wrong(read.message);
  if (read.kind === 'absent') {
    const findings = keys.map((key) => `${file} is not there: larder cluster secrets set ${file} ${key}`);
    return { file, state: 'missing', recipients: [], findings };
  }
  const looked = readSops(file, read.text);
  if (looked.kind === 'refused') return wrong(looked.message);
  if (looked.kind === 'plain') {
    return wrong(
      `${file} is NOT encrypted: take its values for known, change them where they are used, and write it anew`,
    );
  }
  const { entries, others } = looked.metadata;
  const recipients = [...entries.map(({ recipient }) => recipient), ...others];
  const differing = recipientFindings(file, recipients, spec.secrets?.recipients);
  if (!identities.some(({ recipient }) => recipients.includes(recipient))) {
    return { file, state: 'unopened', recipients, findings: differing };
  }
  const opened = await openSops(file, read.text, identities);
  if (opened.kind === 'refused') return { ...wrong(opened.message), recipients };
  const missing = keys.flatMap((key) => {
    const value = valueIn(opened, file, key);
    return value.kind === 'refused' ? [value.message] : value.value === '' ? [`${file}: ${key} is empty`] : [];
  });
  return { file, state: 'whole', recipients, findings: [...differing, ...missing] };
}

function recipientFindings(file: string, are: readonly string[], wanted: readonly string[] = are): readonly string[] {
  const remedy = 'larder cluster secrets rotate';
  return [
    ...are
      .filter((each) => !wanted.includes(each))
      .map((each) => `${file} can be read by ${each}, whom cluster.yaml does not name: ${remedy}`),
    ...wanted
      .filter((each) => !are.includes(each))
      .map((each) => `${file} cannot be read by ${each}, whom cluster.yaml names: ${remedy}`),
  ];
}
