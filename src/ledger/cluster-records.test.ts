/** What the records say of the cluster, from records as they are written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterRecords } from './cluster-records.ts';
import { PersistentMap } from './persistent-map.ts';
import { emptyState, type State } from './state.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 22);
const at = (days: number): string => new Date(NOW - days * DAY_MS).toISOString();

type Report = NonNullable<State['drift']>;
const finding = (object: string): Report['findings'][number] => ({ kind: 'node', object, message: 'differs' });
const report = (days: number, objects: readonly string[], unknown: readonly string[] = []): Report => ({
  ...{ reportId: `d${days}`, observedAt: at(days), verdict: 'drift', findings: objects.map(finding) },
  ...{ unknown: [...unknown], record: `r${days}` },
});

function reported(...reports: readonly Report[]): State {
  const newest = reports.reduce((a, b) => (a.observedAt > b.observedAt ? a : b));
  return { ...emptyState, driftReports: PersistentMap.of(reports.map((each) => [each.reportId, each])), drift: newest };
}

test('a finding counts from the first report of those in a row that have it; one that saw little does not break the row', () => {
  const state = reported(
    report(9, ['Node a']),
    report(7, []),
    report(5, ['Node a']),
    report(3, [], ['host b: cannot be reached']),
    report(1, ['Node a', 'Node c']),
  );
  const { drift } = clusterRecords(state, NOW);
  assert.deepEqual(
    drift?.findings.map(({ object, since }) => [object, (NOW - since) / DAY_MS]),
    [
      ['Node a', 5],
      ['Node c', 1],
    ],
  );
  assert.equal(drift?.record, 'r1');
});

test('a report that was recorded late is not taken for an earlier one', () => {
  const late = { ...reported(report(1, ['Node a']), report(4, [])) };
  assert.equal(clusterRecords(late, NOW).drift?.findings[0]?.since, NOW - DAY_MS);
  assert.equal(clusterRecords(emptyState, NOW).drift, undefined);
});

test('of a drill both is told: when it was held last, and how the last try ended', () => {
  const drill = (id: string, days: number, result: 'success' | 'failed') => ({
    ...{
      drillId: id,
      kind: 'failover' as const,
      initiatedBy: 'ana',
      startedAt: at(days + 0.01),
      completedAt: at(days),
    },
    ...{ result, durationMinutes: 14.4, record: id },
  });
  const drills = [drill('held', 100, 'success'), drill('tried', 2, 'failed')];
  const opened = { ledgerId: 'l', title: '', openedAt: at(400) };
  const state = { ...emptyState, ledger: opened, drills: PersistentMap.of(drills.map((each) => [each.drillId, each])) };
  const { drills: told, quarter } = clusterRecords(state, NOW);
  assert.deepEqual(told[0], {
    ...{ kind: 'failover', due: 'due', heldAt: NOW - 100 * DAY_MS },
    last: { at: NOW - 2 * DAY_MS, result: 'failed', minutes: 14.4, nodeIds: [], notes: '', record: 'tried' },
  });
  assert.deepEqual(
    told.slice(1).map(({ due }) => due),
    ['overdue', 'overdue', 'overdue', 'overdue'],
  );
  assert.equal(quarter.name, '2026-Q4');
});

test('a rotation that was begun after the last one and not verified is told as unfinished', () => {
  const rotation = (id: string, days: number, status: 'verified' | 'in-progress') => ({
    ...{ rotationId: id, rotationScope: 'age', initiatedAt: at(days), verificationSteps: [], status, records: [id] },
    ...(status === 'verified' && { completedAt: at(days - 0.1) }),
    nextRotationDue: at(days - 90),
  });
  const of = (...all: readonly ReturnType<typeof rotation>[]) =>
    clusterRecords({ ...emptyState, rotations: PersistentMap.of(all.map((each) => [each.rotationId, each])) }, NOW)
      .rotations;
  assert.deepEqual(of(rotation('a', 10, 'verified')), [
    { scope: 'age', isUnfinished: false, verifiedAt: NOW - 9.9 * DAY_MS, dueAt: NOW + 80 * DAY_MS },
  ]);
  assert.equal(of(rotation('a', 10, 'verified'), rotation('b', 2, 'in-progress'))[0]?.isUnfinished, true);
  assert.equal(of(rotation('a', 1, 'verified'), rotation('b', 2, 'in-progress'))[0]?.isUnfinished, false);
  assert.deepEqual(of(rotation('a', 1, 'in-progress')), [{ scope: 'age', isUnfinished: true }]);
});
