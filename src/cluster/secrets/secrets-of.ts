/** Every secret that a cluster names, for those that must keep them out of logs, evidence and records. */
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import type { Refused } from './refused.ts';
import { openSecretFile, partsOf, type SecretPlace } from './reveal.ts';
import { readSecretFile } from './secret-file.ts';

/** The references of cluster.yaml, each once. */
export function secretReferences({ secrets, alerts }: ClusterSpec): readonly string[] {
  const named = [secrets?.token, secrets?.grafanaPassword, secrets?.nomadToken, alerts.smtp?.password];
  const all = [...named.flatMap((each) => each ?? []), ...alerts.routes.map(({ target }) => target)];
  return [...new Set(all)];
}

export function secretFiles(spec: ClusterSpec): readonly string[] {
  return [...new Set(secretReferences(spec).map((reference) => partsOf(reference).file))];
}

export type SecretValues = { readonly kind: 'secrets'; readonly values: readonly string[] } | Refused;

/**
 * All encrypted values of the files that cluster.yaml names, also those that it does not name: whoever reads one has read the
 * file. Refused where one file does not open, for a log would then show what is in it. Empty for a cluster without secrets.
 */
export async function secretsOf(spec: ClusterSpec, place: SecretPlace): Promise<SecretValues> {
  const values = new Set<string>();
  for (const file of secretFiles(spec)) {
    if (readSecretFile(place.repository, file).kind === 'absent') continue; // nothing to repeat
    const opened = await openSecretFile(file, place);
    if (opened.kind === 'refused') return opened;
    for (const { text, isSecret } of opened.values) if (isSecret && text !== '') values.add(text);
  }
  return { kind: 'secrets', values: [...values] };
}
