import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataModel } from './data-model.ts';
import type { LedgerEvent } from './event.ts';
import { fold } from './fold.ts';
import type { LedgerRecord } from './record.ts';
import { summary } from './summary.ts';

const time = '2026-03-01T12:00:00.000Z';

/** Records that follow each other; nobody looks at hashes and signatures here. */
function recordsOf(events: readonly LedgerEvent[]): readonly LedgerRecord[] {
  return events.map((event, index) => ({
    ...{
      schemaVersion: 1,
      seq: index + 1,
      prev: null,
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    },
    ...{ at: time, operator: 'ana', artifacts: [], gitCommit: null, hash: '', signature: '' },
    ...event,
  }));
}

const opened: LedgerEvent = {
  type: 'ledger-opened',
  data: {
    ledgerId: '6f1c7b0e-41a2-4f0e-9d0b-2f9d5e1c7a11',
    title: 'Home',
    operators: [{ operatorId: 'ana', role: 'admin', keys: ['ssh-ed25519 AAAA'] }],
  },
};

test('a change gives a change, its evidence and its apply, in the names of the data model', () => {
  const hash = 'ab'.repeat(32);
  const object = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' };
  const evidence = {
    evidenceId: 'e1',
    command: 'kubectl diff',
    outputPath: 'x.diff',
    timestamp: time,
    manifestHash: hash,
  };
  const { state, violations } = fold(
    recordsOf([
      opened,
      {
        type: 'change-created',
        data: {
          ...{ changeId: 'c1', featureBranch: 'f', manifestPaths: ['a.yaml'], status: 'pending-review' },
          ...{ runbookUpdates: ['docs/runbooks/apply.md'], somethingOfTheClient: 'kept in the record' },
        },
      },
      { type: 'evidence-attached', data: { ...evidence, changeId: 'c1' } },
      {
        type: 'change-applied',
        data: {
          ...{ changeId: 'c1', evidenceId: 'e1', command: 'apply', exitCode: 0, manifestHash: hash },
          ...{ objects: [{ ...object, outcome: 'created', resourceVersion: '7' }], startedAt: time, completedAt: time },
        },
      },
    ]),
  );
  assert.deepEqual(violations, []);
  assert.deepEqual(dataModel(state), [
    {
      ...{ entity: 'ConfigurationChange', change_id: 'c1', feature_branch: 'f', manifest_paths: ['a.yaml'] },
      ...{ applied_at: time, approved_by: [], runbook_updates: ['docs/runbooks/apply.md'], status: 'applied' },
      ...{ reviewers: [], critical: false, author: 'ana', created_at: time, incident_ids: [] },
    },
    {
      ...{ entity: 'ManualApplyEvidence', evidence_id: 'e1', change_id: 'c1', command: 'kubectl diff' },
      ...{ output_path: 'x.diff', timestamp: time, manifest_hash: hash },
    },
    {
      ...{ entity: 'ApplyEvent', change_id: 'c1', evidence_id: 'e1', command: 'apply', exit_code: 0 },
      manifest_hash: hash,
      objects: [{ api_version: 'v1', kind: 'ConfigMap', name: 'a', outcome: 'created', resource_version: '7' }],
      ...{ started_at: time, completed_at: time, operator: 'ana' },
    },
  ]);
});

test('labels are somebody’s own words and stay as they are', () => {
  const data = {
    nodeId: 'n',
    hostname: 'n',
    role: 'worker',
    ipAddress: '10.0.0.1',
    labels: { diskType: 'ssd' },
  } as const;
  const [node] = dataModel(fold(recordsOf([opened, { type: 'node-recorded', data }])).state);
  assert.deepEqual(node?.['labels'], { diskType: 'ssd' });
  assert.equal(node?.['ip_address'], '10.0.0.1');
});

test('a summary is one line', () => {
  const [, rotation] = recordsOf([
    opened,
    { type: 'incident-opened', data: { incidentId: 'i', title: 'two\nlines', severity: 'info', openedAt: time } },
  ]);
  assert.ok(rotation);
  assert.equal(summary(rotation), 'i · info · two lines');
});
