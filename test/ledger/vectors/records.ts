import { hashOf, idOf, minute, type Told, told } from '../teller.ts';
import { change, correction, evidence, rebuild, rotation, runStarted, type Vector } from './vector.ts';

const PATH = 'docs/governance/reviews/2026-03-01-c1/abc-diff.txt';
const artifact = { path: PATH, sha256: hashOf('diff'), bytes: 4 };
const withFile: readonly Told[] = [change(), { ...evidence(), artifacts: [artifact] }];

function tombstone(more: Readonly<Record<string, unknown>> = {}, operator = 'ana'): Told {
  return told('artifact-tombstoned', { path: PATH, sha256: artifact.sha256, reason: 'a token', ...more }, { operator });
}
/** The second record: the first after the opening. */
const SECOND = idOf(2);
const slow = rebuild({ completedAt: minute(90) }).data;

export const recordVectors: readonly Vector[] = [
  {
    rule: 'correction-of',
    about: 'a record that is not there',
    before: [rebuild()],
    keeps: correction(SECOND, slow),
    breaks: correction(idOf(99), slow),
    names: idOf(99),
  },
  {
    rule: 'correction-of',
    about: 'evidence',
    before: [change(), evidence()],
    breaks: correction(idOf(3), evidence({ outputPath: 'other.txt' }).data),
    names: 'evidence-attached',
  },
  {
    rule: 'correction-by',
    about: 'somebody else; an admin may',
    before: [{ ...rebuild(), operator: 'bot' }],
    keeps: correction(SECOND, slow, 'ana'),
    breaks: correction(SECOND, slow, 'ben'),
    names: 'ben',
  },
  {
    rule: 'correction-by',
    about: 'who signed it may',
    before: [{ ...rebuild(), operator: 'ben' }],
    keeps: correction(SECOND, slow, 'ben'),
    breaks: correction(SECOND, slow, 'bot'),
    names: 'bot',
  },
  {
    rule: 'correction-data',
    about: 'data of no schema',
    before: [rebuild()],
    breaks: correction(SECOND, { runId: 'r1' }),
    names: 'rebuild-recorded',
  },
  {
    rule: 'correction-data',
    about: 'another run; another node it may be',
    before: [rebuild()],
    keeps: correction(SECOND, rebuild({ nodeId: 'pi-2' }).data),
    breaks: correction(SECOND, rebuild({ runId: 'r9' }).data),
    names: 'runId',
  },
  {
    rule: 'correction-data',
    about: 'a critical change that never was',
    before: [change({ critical: true })],
    keeps: correction(SECOND, change({ critical: true, featureBranch: 'other' }).data),
    breaks: correction(SECOND, change().data),
    names: 'critical',
  },
  {
    rule: 'correction-data',
    about: 'a change that a correction made critical',
    before: [change(), correction(SECOND, change({ critical: true }).data)],
    breaks: correction(SECOND, change().data),
    names: 'critical',
  },
  {
    rule: 'correction-data',
    about: 'corrected twice, critical by the second',
    before: [change(), correction(SECOND, change({ featureBranch: 'other' }).data)],
    keeps: correction(SECOND, change({ critical: true }).data),
    breaks: correction(SECOND, change({ changeId: 'c2' }).data),
    names: 'changeId',
  },
  {
    rule: 'correction-history',
    about: 'with it the record breaks a rule',
    before: [rebuild()],
    keeps: correction(SECOND, slow),
    breaks: correction(SECOND, rebuild({ startedAt: minute(41) }).data),
    names: SECOND,
  },
  {
    rule: 'correction-history',
    about: 'with it a later record breaks a rule: the run should not have started',
    before: [rebuild(), runStarted()],
    keeps: correction(SECOND, slow),
    breaks: correction(SECOND, rebuild({ status: 'failed' }).data),
    names: idOf(3),
  },
  {
    rule: 'times-past',
    about: 'evidence of the future; the clocks of two machines may differ by five minutes',
    before: [change()],
    keeps: { ...evidence({ timestamp: minute(15) }), at: minute(10) },
    breaks: { ...evidence({ timestamp: '2099-01-01T00:00:00Z' }), at: minute(10) },
    names: 'timestamp is 2099-01-01T00:00:00Z',
  },
  {
    rule: 'times-past',
    about: 'a rebuild that ended in the future, a second over five minutes, in another offset',
    before: [],
    keeps: { ...rebuild({ completedAt: minute(40) }), at: minute(35) },
    breaks: { ...rebuild({ completedAt: '2026-03-01T02:40:01+02:00' }), at: minute(35) },
    names: 'completedAt is 2026-03-01T02:40:01+02:00',
  },
  {
    rule: 'times-past',
    about: 'a step of a drill',
    before: [],
    breaks: told('drill-recorded', {
      ...{ drillId: 'd', kind: 'failover', initiatedBy: 'ana', result: 'success' },
      ...{ startedAt: minute(0), completedAt: minute(1) },
      steps: [{ step: 'power', startedAt: minute(0), completedAt: '2099-01-01T00:00:00Z', result: 'success' }],
    }),
    names: 'completedAt is 2099-01-01T00:00:00Z',
  },
  {
    rule: 'tombstone-artifact',
    about: 'a file that no record names',
    before: withFile,
    keeps: tombstone(),
    breaks: tombstone({ path: PATH.replace('diff', 'other') }),
    names: 'other',
  },
  {
    rule: 'tombstone-artifact',
    about: 'another hash',
    before: withFile,
    breaks: tombstone({ sha256: hashOf('other') }),
    names: PATH,
  },
  {
    rule: 'tombstone-artifact',
    about: 'a second time',
    before: [...withFile, tombstone()],
    breaks: tombstone(),
    names: PATH,
  },
  {
    rule: 'server-records',
    about: 'a server excuses a missing file',
    before: withFile,
    keeps: tombstone({}, 'ben'),
    breaks: tombstone({}, 'bot'),
    names: 'bot',
  },
  {
    rule: 'id-known',
    about: 'a rotation that is not there',
    before: [...withFile, rotation()],
    keeps: tombstone({ rotationId: 'rot1' }),
    breaks: tombstone({ rotationId: 'rot9' }),
    names: 'rot9',
  },
];
