/** Whether the files that people read before they approve are still those that were signed. */

import { systemDisk } from '../../ledger/disk.ts';
import type { ConfigurationChange, ManualApplyEvidence } from '../../ledger/entity.ts';
import { standingFile } from '../../ledger/look.ts';
import type { Artifact } from '../../ledger/record.ts';
import { ChangeError } from '../registry.ts';
import type { Refusal } from './refusals.ts';
import type { ChangeSession } from './session.ts';

type Place = Pick<ChangeSession, 'ledger' | 'root'>;

/** Of the newest evidence, each file that is missing, altered or named without a hash; none where there is no evidence. */
export function evidenceFiles({ ledger, root }: Place, { evidence }: ConfigurationChange): readonly Refusal[] {
  const newest = evidence.at(-1);
  if (newest === undefined) return [];
  const artifacts = ledger.state.history.get(newest.record)?.record.artifacts ?? [];
  return [unhashed(newest, artifacts), ...artifacts.map((artifact) => wrongWith(root, artifact))]
    .filter((why) => why !== undefined)
    .map((why) => ({
      code: 'LARDER_CHANGE_EVIDENCE_FILE',
      message: `the evidence ${newest.evidenceId} cannot be relied on: ${why}; see larder ledger verify`,
    }));
}

/** @throws ChangeError LARDER_CHANGE_EVIDENCE_FILE */
export function assertEvidenceFiles(place: Place, change: ConfigurationChange): void {
  const [first] = evidenceFiles(place, change);
  if (first) throw new ChangeError(first.code, first.message);
}

/** What anybody may write over without a trace is no evidence. */
function unhashed({ outputPath }: ManualApplyEvidence, artifacts: readonly Artifact[]): string | undefined {
  if (artifacts.some(({ path }) => path === outputPath)) return undefined;
  return `its record has no hash of ${outputPath}`;
}

function wrongWith(root: string, { path, sha256, bytes }: Artifact): string | undefined {
  const standing = standingFile({ disk: systemDisk, root }, path);
  if (standing === undefined) return `${path} is missing`;
  if (standing.kind === 'other') return `${path} ${standing.why}`;
  if (standing.sha256 === sha256 && standing.bytes === bytes) return undefined;
  return `${path} was changed: its SHA-256 is ${standing.sha256}, and ${sha256} in the record`;
}
