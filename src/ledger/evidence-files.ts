/** Whether the files that people read before they approve are still those that were signed. */
import type { ManualApplyEvidence } from './entity.ts';
import { standingFile } from './look.ts';
import type { Place } from './place.ts';
import type { Artifact, Unsigned } from './record.ts';
import { LedgerError } from './registry.ts';
import type { State } from './state.ts';

type Folder = Pick<Place, 'disk' | 'root'>;

/** Why evidence cannot be relied on: each file that is missing, altered or named without a hash. */
export function wrongWithEvidence(
  folder: Folder,
  { history }: State,
  evidence: ManualApplyEvidence,
): readonly string[] {
  const artifacts = history.get(evidence.record)?.record.artifacts ?? [];
  return [unhashed(evidence, artifacts), ...artifacts.map((artifact) => wrongWith(folder, artifact))].filter(
    (why) => why !== undefined,
  );
}

/**
 * An approval is about files, whoever records it and by whichever way it comes.
 * @throws LedgerError LARDER_LEDGER_EVIDENCE
 */
export function assertReadable(folder: Folder, state: State, record: Unsigned): void {
  if (record.type !== 'change-approved') return;
  const { changeId, evidenceId } = record.data;
  const evidence = state.changes.get(changeId)?.evidence.find((each) => each.evidenceId === evidenceId);
  const [why] = evidence === undefined ? [] : wrongWithEvidence(folder, state, evidence);
  if (why === undefined) return;
  const message = `the evidence ${evidenceId} cannot be approved: ${why}. Nothing was recorded`;
  throw new LedgerError('LARDER_LEDGER_EVIDENCE', message);
}

/** What anybody may write over without a trace is no evidence. */
function unhashed({ outputPath }: ManualApplyEvidence, artifacts: readonly Artifact[]): string | undefined {
  if (artifacts.some(({ path }) => path === outputPath)) return undefined;
  return `its record has no hash of ${outputPath}`;
}

function wrongWith(folder: Folder, { path, sha256, bytes }: Artifact): string | undefined {
  const standing = standingFile(folder, path);
  if (standing === undefined) return `${path} is missing`;
  if (standing.kind === 'other') return `${path} ${standing.why}`;
  if (standing.sha256 === sha256 && standing.bytes === bytes) return undefined;
  return `${path} was changed: its SHA-256 is ${standing.sha256}, and ${sha256} in the record`;
}
