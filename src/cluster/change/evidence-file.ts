/** Refusals where the files of the newest evidence are not those that were signed. */
import { systemDisk } from '../../ledger/disk.ts';
import type { ConfigurationChange } from '../../ledger/entity.ts';
import { wrongWithEvidence } from '../../ledger/evidence-files.ts';
import { ChangeError } from '../registry.ts';
import type { Refusal } from './refusals.ts';
import type { ChangeSession } from './session.ts';

type Place = Pick<ChangeSession, 'ledger' | 'root'>;

/** Of the newest evidence, each file that is missing, altered or named without a hash; none where there is no evidence. */
export function evidenceFiles({ ledger, root }: Place, { evidence }: ConfigurationChange): readonly Refusal[] {
  const newest = evidence.at(-1);
  if (newest === undefined) return [];
  return wrongWithEvidence({ disk: systemDisk, root }, ledger.state, newest).map((why) => ({
    code: 'LARDER_CHANGE_EVIDENCE_FILE',
    message: `the evidence ${newest.evidenceId} cannot be relied on: ${why}; see larder ledger verify`,
  }));
}

/** @throws ChangeError LARDER_CHANGE_EVIDENCE_FILE */
export function assertEvidenceFiles(place: Place, change: ConfigurationChange): void {
  const [first] = evidenceFiles(place, change);
  if (first) throw new ChangeError(first.code, first.message);
}
