import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApplyEvent, ConfigurationChange, ManualApplyEvidence, Operator } from '../../ledger/entity.ts';
import { inTurn } from './change-rows.ts';
import { type ChangeFacts, changeStanding } from './change-step.ts';
import type { ChangeRow } from './ledger-api.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const HASH = 'a'.repeat(64);
const CUT_OFF = 'nobody read the answer';

const person = (operatorId: string, role: Operator['role'] = 'operator'): Operator => ({
  ...{ operatorId, role, keys: [], addedAt: '2026-01-01T00:00:00Z', records: [] },
});
const facts = (changed: Partial<ChangeFacts> = {}): ChangeFacts => ({
  operators: [person('ana', 'admin'), person('ben'), person('bot', 'server')],
  ...{ wrongFiles: [], cutOff: CUT_OFF, quote: (word) => `'${word}'`, now: NOW },
  ...changed,
});
const evidence = (changed: Partial<ManualApplyEvidence> = {}): ManualApplyEvidence => ({
  ...{ changeId: 'web', evidenceId: 'e1', command: 'larder change diff web', outputPath: 'x.diff' },
  ...{ timestamp: '2026-03-10T11:00:00Z', authors: ['ana'], recordedAt: '2026-03-10T11:00:00Z', record: 'r2' },
  ...changed,
});
const apply = (changed: Partial<ApplyEvent> = {}): ApplyEvent => ({
  ...{ changeId: 'web', evidenceId: 'e1', command: 'larder change apply web', exitCode: 0, manifestHash: HASH },
  ...{ objects: [], startedAt: '2026-03-10T11:30:00Z', completedAt: '2026-03-10T11:30:01Z' },
  ...{ operator: 'ana', recordedAt: '2026-03-10T11:30:01Z', record: 'r3' },
  ...changed,
});
const change = (changed: Partial<ConfigurationChange> = {}): ConfigurationChange => ({
  ...{ changeId: 'web', featureBranch: 'main', manifestPaths: ['cluster'], status: 'pending-review' },
  ...{ reviewers: [], approvedBy: [], runbookUpdates: ['docs/runbooks/web.md'], critical: false },
  ...{ author: 'ana', authors: ['ana'], createdAt: '2026-03-10T10:00:00Z', evidence: [evidence()] },
  ...{ approvals: [], applies: [], incidentIds: [], records: ['r1'] },
  ...changed,
});
const failed = apply({
  exitCode: 1,
  objects: [
    { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'one', outcome: 'created' },
    { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'two', outcome: 'failed', message: 'quota' },
    { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'three', outcome: 'not-tried' },
  ],
});

test('a change waits for the first thing that is missing, and the command for it is named', () => {
  const stands = (changed: Partial<ConfigurationChange>, given = facts()): readonly [string, string | undefined] => {
    const { stage, step } = changeStanding(change(changed), given);
    return [stage, step?.command];
  };
  assert.deepEqual(stands({ evidence: [], status: 'draft' }), ['waits for evidence', "larder change diff 'web'"]);
  assert.deepEqual(stands({ runbookUpdates: [' '] }), [
    'waits for a runbook',
    "larder change update 'web' --runbook docs/runbooks/FILE.md",
  ]);
  assert.deepEqual(stands({}, facts({ wrongFiles: ['x.diff is missing'] }))[0], 'waits for evidence');
  const object = { apiVersion: 'v1', kind: 'Secret', name: 'db', change: 'unknown' } as const;
  assert.equal(stands({ evidence: [evidence({ objects: [object] })] })[0], 'waits for evidence');
  assert.equal(stands({ evidence: [evidence({ timestamp: '2026-03-09T11:00:00Z' })] })[0], 'waits for evidence');
  assert.deepEqual(stands({}), ['waits for apply', "larder change apply 'web'"]);
  assert.deepEqual(stands({ status: 'applied', applies: [apply()] }), ['applied', undefined]);
  assert.deepEqual(stands({ status: 'rolled-back' }), ['rolled back', undefined]);
});

test('a critical change waits for somebody who neither made it nor took its evidence, and is no server', () => {
  const critical = { critical: true, evidence: [evidence({ authors: ['ana', 'ben'] })] };
  const nobody = changeStanding(change(critical), facts());
  assert.equal(nobody.stage, 'waits for approval');
  assert.match(nobody.step?.who ?? '', /nobody yet/);
  const three = facts({ operators: [person('ana'), person('ben'), person('cleo'), person('bot', 'server')] });
  assert.equal(changeStanding(change(critical), three).step?.who, 'cleo');
  const approval = { evidenceId: 'e1', at: '2026-03-10T11:10:00Z', record: 'r4' };
  const own = change({ ...critical, approvals: [{ ...approval, operator: 'ben' }] });
  assert.equal(changeStanding(own, three).stage, 'waits for approval', 'an author does not count');
  const older = change({ ...critical, approvals: [{ ...approval, operator: 'cleo', evidenceId: 'e0' }] });
  assert.equal(changeStanding(older, three).stage, 'waits for approval', 'nor does one of older evidence');
  const given = change({ ...critical, approvals: [{ ...approval, operator: 'cleo' }] });
  assert.equal(changeStanding(given, three).stage, 'waits for apply');
});

test('an apply that failed or was cut off stands out with each object, until somebody has looked again', () => {
  const broken = changeStanding(change({ applies: [failed] }), facts());
  assert.equal(broken.stage, 'failed');
  assert.deepEqual(broken.trouble, ['ConfigMap shop/two: failed: quota', 'ConfigMap shop/three: not tried']);
  assert.equal(broken.step?.command, "larder change diff 'web'");
  const objects = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'one', outcome: 'failed', message: CUT_OFF }] as const;
  const cut = changeStanding(change({ applies: [apply({ exitCode: 1, objects: [...objects] })] }), facts());
  assert.equal(cut.stage, 'interrupted');
  const again = change({ applies: [failed], evidence: [evidence(), evidence({ evidenceId: 'e2' })] });
  assert.equal(changeStanding(again, facts()).stage, 'waits for apply');
});

test('what went wrong comes first, then what waits, then what is done; the newest first among equals', () => {
  const row = (changeId: string, stage: ChangeRow['stage'], movedAt: number): ChangeRow => ({
    ...{ changeId, stage, movedAt, summary: '', branch: '', author: 'ana', critical: false },
    ...{ manifests: [], createdAt: 0, trouble: [] },
  });
  const rows = [
    row('done', 'applied', 9),
    row('back', 'rolled back', 10),
    row('old', 'waits for apply', 1),
    row('new', 'waits for apply', 5),
    row('bad', 'failed', 2),
  ];
  assert.deepEqual(
    inTurn(rows).map(({ changeId }) => changeId),
    ['bad', 'new', 'old', 'back', 'done'],
  );
});
