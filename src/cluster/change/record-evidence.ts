/** Evidence as the ledger keeps it: the diff as a file, and in the record what an apply must agree with. */
import type { NewArtifact } from '../../ledger/artifact.ts';
import type { ConfigurationChange } from '../../ledger/entity.ts';
import type { LedgerEvent } from '../../ledger/event.ts';
import type { Artifact } from '../../ledger/record.ts';
import { generationsOf } from './comparison.ts';
import type { Bundle, Verdict } from './evidence.ts';
import { type ChangeSession, changeOfId, now, put } from './session.ts';

export const exitCodeOf: Readonly<Record<Verdict, 0 | 1 | 2>> = { none: 0, differences: 1, unknown: 2 };

/** What evidence is of, beside the manifests as they are. */
export interface EvidenceOf {
  readonly command: string;
  readonly force: boolean;
  /** Of a rollback: where the manifests came from, and whether objects that the change made are to go. */
  readonly rollback?: { readonly commit: string; readonly prune: boolean };
}

export interface RecordedEvidence {
  readonly evidenceId: string;
  /** Of the diff, from the root of the repository. */
  readonly path: string;
}

export async function recordEvidence(
  session: ChangeSession,
  changeId: string,
  { bundle, of }: { readonly bundle: Bundle; readonly of: EvidenceOf },
): Promise<RecordedEvidence> {
  changeOfId(session, changeId);
  const [evidenceId, timestamp] = [session.random.uuid(), now(session)];
  const artifact: NewArtifact = {
    folder: changeId,
    name: of.rollback === undefined ? 'change.diff' : 'rollback.diff',
    content: Buffer.from(bundle.shield.mask(artifactText(changeId, bundle, of))),
  };
  const data = {
    changeId,
    evidenceId,
    command: of.command,
    timestamp,
    manifestHash: bundle.manifestHash,
    exitCode: exitCodeOf[bundle.verdict],
    objects: [...bundle.objects],
    generations: generationsOf(bundle.comparisons),
    forceConflicts: of.force,
    summary: bundle.summary,
    cluster: bundle.cluster,
    findings: [...bundle.findings],
    ...(bundle.rendered.length === 0 ? {} : { rendered: bundle.rendered }),
    ...(of.rollback === undefined ? {} : { rollback: of.rollback }),
  };
  const event = ([stored]: readonly Artifact[]): LedgerEvent => ({
    type: 'evidence-attached',
    data: { ...data, outputPath: stored?.path ?? '' },
  });
  const { artifacts } = await put(session, event, [artifact]);
  return { evidenceId, path: artifacts[0]?.path ?? '' };
}

function artifactText(changeId: string, bundle: Bundle, of: EvidenceOf): string {
  const head = [
    `# ${of.command}`,
    `# change ${changeId}: ${bundle.summary}`,
    `# manifests sha256 ${bundle.manifestHash}`,
    ...bundle.rendered.map(({ command, sha256 }) => `# ${command}: sha256 ${sha256}`),
    ...bundle.notes.map((note) => `# ${note}`),
    ...bundle.findings.map(({ check, object, message }) => `# ${check}: ${object}: ${message.replaceAll('\n', ' ')}`),
  ];
  return `${head.join('\n')}\n${bundle.diff}`;
}

/** The newest evidence, when it is of what is to be done; newer evidence of something else needs it taken again. */
export function evidenceFor(
  { evidence }: ConfigurationChange,
  rollback?: EvidenceOf['rollback'],
): ConfigurationChange['evidence'][number] | undefined {
  const newest = evidence.at(-1);
  if (newest === undefined) return undefined;
  const same = JSON.stringify(newest['rollback'] ?? null) === JSON.stringify(rollback ?? null);
  return same ? newest : undefined;
}
