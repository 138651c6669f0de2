/** The Secret with what Alertmanager sends to: addresses and keys, in memory from the encrypted files. */
import { reveal, type SecretPlace } from '../secrets/reveal.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { targetFiles } from './alertmanager-config.ts';

export type AlertTargets =
  | { readonly kind: 'secret'; readonly secret: object }
  /** Every one that could not be read. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

export async function alertTargets(spec: ClusterSpec, place: SecretPlace): Promise<AlertTargets> {
  const data: Record<string, string> = {};
  const problems = new Set<string>();
  for (const { name, reference, content } of targetFiles(spec)) {
    const revealed = await reveal(reference, place);
    if (revealed.kind === 'refused') problems.add(`${revealed.message} (${revealed.code})`);
    else data[name] = Buffer.from(content(revealed.value)).toString('base64');
  }
  if (problems.size > 0) return { kind: 'refused', problems: [...problems] };
  const metadata = { name: 'alert-targets', namespace: 'monitoring' };
  return { kind: 'secret', secret: { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data } };
}
