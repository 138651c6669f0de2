import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Folded, fold } from '../../src/ledger/fold.ts';
import { type Criterion, type CriterionId, criterionIds } from '../../src/ledger/report/criterion.ts';
import { quarterOf } from '../../src/ledger/report/quarter.ts';
import { report } from '../../src/ledger/report.ts';
import { hashOf, historyOf, idOf, type Told, told } from './teller.ts';
import {
  apply,
  change,
  correction,
  evidence,
  incident,
  rebuild,
  rotation,
  runStarted,
  update,
} from './vectors/vector.ts';

const NOW = Date.parse('2026-03-31T12:00:00Z');

function day(number: number, time = '00:00:00Z'): string {
  return `2026-03-${String(number).padStart(2, '0')}T${time}`;
}

/** Recorded after all that these tests tell: what counts is when it happened. */
function folded(said: readonly Told[]): Folded {
  const recordedOn = (index: number) => new Date(Date.UTC(2026, 6, 31) + index * 60_000).toISOString();
  return fold(historyOf(...said.map((each, index) => ({ at: recordedOn(index), ...each }))));
}

function criterion(id: CriterionId, said: readonly Told[], now = NOW): Criterion {
  const { state, violations } = folded(said);
  assert.deepEqual(violations, []);
  const found = report(state, now).criteria.find((each) => each.id === id);
  assert.ok(found);
  return found;
}

/** Kind, value and notes in short. */
function shown(id: CriterionId, said: readonly Told[], now = NOW): readonly string[] {
  const { verdict, value, notes } = criterion(id, said, now);
  return [verdict.kind, value, ...notes];
}

function rebuilt(runId: string, at: string, minutes: number, more: Readonly<Record<string, unknown>> = {}): Told {
  const completedAt = new Date(Date.parse(at) + minutes * 60_000).toISOString();
  return rebuild({ runId, startedAt: at, completedAt, ...more });
}

function drill(drillId: string, kind: string, at: string, more: Readonly<Record<string, unknown>> = {}): Told {
  const completedAt = new Date(Date.parse(at) + 30 * 60_000).toISOString();
  const data = { drillId, kind, initiatedBy: 'ana', startedAt: at, completedAt, result: 'success' };
  return told('drill-recorded', { ...data, ...more });
}

test('an empty ledger shows nothing and claims nothing', () => {
  const made = report(fold(historyOf()).state, NOW);
  assert.deepEqual(
    made.criteria.map(({ id }) => id),
    criterionIds,
  );
  const met = made.criteria.filter(({ verdict }) => verdict.kind === 'met').map(({ id }) => id);
  assert.deepEqual(met, ['open-incidents'], 'none is open: that is what the records say');
  assert.deepEqual(made.counts, { met: 1, missed: 0, 'not-known': 8 });
  assert.equal(made.from, '2026-03-01T12:00:00.000Z');
});

test('rebuilds: 60 minutes are in time and a millisecond more is not; a failure counts, an aborted drill does not', () => {
  const slow = rebuilt('r2', day(3), 60 + 1 / 60_000);
  assert.deepEqual(shown('rebuild-time', [rebuilt('r1', day(2), 60)]), ['met', '1 of 1 (100 %)']);
  assert.deepEqual(shown('rebuild-time', [rebuilt('r1', day(2), 60), slow]), [
    'missed',
    '1 of 2 (50 %)',
    'run r2 of pi-1 took more than 60 minutes',
  ]);
  assert.deepEqual(shown('rebuild-time', [drill('d1', 'rebuild', day(2), { result: 'failed' })]), [
    'missed',
    '0 of 1 (0 %)',
    'drill d1 failed after 30 minutes',
  ]);
  assert.deepEqual(shown('rebuild-time', [drill('d1', 'rebuild', day(2), { result: 'aborted' })]), [
    'not-known',
    'none',
    'drill d1 aborted after 30 minutes',
  ]);
});

test('rebuilds: drills count by their own times', () => {
  const lasting = (minutes: number): Told =>
    drill('d1', 'rebuild', day(2), { completedAt: new Date(Date.parse(day(2)) + minutes * 60_000).toISOString() });
  assert.deepEqual(shown('rebuild-time', [lasting(60)]), ['met', '1 of 1 (100 %)']);
  assert.deepEqual(shown('rebuild-time', [lasting(61)]), ['missed', '0 of 1 (0 %)', 'drill d1 took 61 minutes']);
  assert.equal(shown('rebuild-time', [lasting(60 + 1 / 60_000)])[2], 'drill d1 took more than 60 minutes');
});

test('rebuilds: by quarter; upgrades and runs that are not over are none', () => {
  const upgrade = told('run-started', { ...runStarted().data, triggerType: 'upgrade' });
  const before = rebuilt('r0', '2025-12-31T12:00:00Z', 300);
  assert.deepEqual(shown('rebuild-time', [before, upgrade]), ['not-known', 'none', 'in 2025-Q4: 0 of 1 (0 %)']);
  const atMidnight = rebuilt('r1', '2025-12-31T23:30:00Z', 30);
  assert.deepEqual(shown('rebuild-time', [atMidnight]), ['met', '1 of 1 (100 %)'], 'it ended in this quarter');
});

test('rebuilds: a correction is what counts', () => {
  const slow = rebuilt('r1', day(2), 90);
  const right = correction(idOf(2), rebuilt('r1', day(2), 45).data);
  assert.equal(criterion('rebuild-time', [slow]).verdict.kind, 'missed');
  assert.equal(criterion('rebuild-time', [slow, right]).verdict.kind, 'met');
});

/** Applied at noon of that day. */
function applied(id: string, on: number): readonly Told[] {
  const times = { startedAt: day(on, '11:59:00Z'), completedAt: day(on, '12:00:00Z') };
  return [change({ changeId: id }), onFile({ changeId: id, timestamp: day(on) }), apply({ changeId: id, ...times })];
}

/** Evidence as `larder change diff` records it: with the hash of its file. */
function onFile(more: Readonly<Record<string, unknown>>): Told {
  const path = 'docs/governance/reviews/2026-03-10-c1/0123456789ab-change.diff';
  return { ...evidence({ ...more, outputPath: path }), artifacts: [{ path, sha256: hashOf('diff'), bytes: 4 }] };
}

function drift(reportId: string, observedAt: string, verdict: string): Told {
  const findings = verdict === 'drift' ? [{ kind: 'manifest', object: 'ConfigMap a', message: 'differs' }] : [];
  const unknown = verdict === 'unknown' ? ['pi-4'] : undefined;
  return told('drift-reported', { reportId, observedAt, verdict, findings, unknown });
}

test('drift: the next report after the apply decides, not the ones before or later', () => {
  const said = [
    ...applied('c1', 10),
    drift('d0', day(10, '11:00:00Z'), 'drift'),
    drift('d1', day(10, '13:00:00Z'), 'none'),
    drift('d2', day(10, '14:00:00Z'), 'drift'),
  ];
  assert.deepEqual(shown('drift-free', said), ['met', '1 of 1 (100 %)']);
  assert.deepEqual(shown('drift-free', [...applied('c1', 10), drift('d2', day(10, '14:00:00Z'), 'drift')]), [
    'missed',
    '0 of 1 (0 %)',
    'change c1: drift report d2 found drift',
  ]);
});

test('drift: a report of the very moment of the apply may have looked before it', () => {
  assert.equal(
    criterion('drift-free', [...applied('c1', 10), drift('d', day(10, '12:00:00Z'), 'none')]).verdict.kind,
    'not-known',
  );
  const after = drift('d', day(10, '12:00:00.001Z'), 'none');
  assert.equal(criterion('drift-free', [...applied('c1', 10), after]).verdict.kind, 'met');
});

test('drift: what could not be looked at is no answer; without one the change is counted apart', () => {
  const blind = drift('d1', day(10, '13:00:00Z'), 'unknown');
  assert.deepEqual(shown('drift-free', [...applied('c1', 10), blind]), [
    'not-known',
    '0 of 1 (0 %), 1 not known yet',
    'change c1: no drift report since it was applied',
  ]);
  const told = [...applied('c1', 10), blind, drift('d2', day(11), 'none')];
  assert.deepEqual(shown('drift-free', told), ['met', '1 of 1 (100 %)']);
});

test('drift: 95 % of the applied changes, said only where missing reports cannot change it', () => {
  const twenty = Array.from({ length: 20 }, (_, index) => applied(`c${index}`, 2)).flat();
  const clean = drift('d1', day(3), 'none');
  const one = [...applied('late', 5), drift('d2', day(6), 'drift')];
  const two = [...one, ...applied('later', 7), drift('d3', day(8), 'drift')];
  const waiting = applied('waiting', 20);
  assert.deepEqual(shown('drift-free', [...twenty, clean, ...one]).slice(0, 2), ['met', '20 of 21 (95.2 %)']);
  assert.deepEqual(shown('drift-free', [...twenty, clean, ...two]).slice(0, 2), ['missed', '20 of 22 (90.9 %)']);
  const open = shown('drift-free', [...twenty, clean, ...one, ...waiting]);
  assert.deepEqual(open.slice(0, 2), ['not-known', '20 of 22 (90.9 %), 1 not known yet']);
});

test('evidence: one before the apply is enough; later evidence, as for going back, takes nothing away', () => {
  const later = evidence({ changeId: 'c1', evidenceId: 'e2', timestamp: day(12) });
  assert.deepEqual(shown('evidence', [...applied('c1', 10), later]), ['met', '1 of 1 (100 %)']);
});

test('evidence: what was only claimed is no evidence, and is counted apart', () => {
  const times = { startedAt: day(10, '11:59:00Z'), completedAt: day(10, '12:00:00Z') };
  const words = [change(), evidence({ timestamp: day(10) })];
  const said = update({ status: 'applied', appliedAt: day(10, '12:00:00Z') });
  assert.deepEqual(shown('evidence', [...words, said]), [
    'not-known',
    '0 of 1 (0 %), 1 only claimed',
    'change c1: only claimed, no apply of it is recorded',
  ]);
  assert.deepEqual(shown('evidence', [...words, apply(times)]), [
    'not-known',
    '0 of 1 (0 %), 1 only claimed',
    'change c1: only claimed, the ledger has no hash of the file of its evidence',
  ]);
  const filed = [change(), onFile({ changeId: 'c1', timestamp: day(10) })];
  assert.equal(criterion('evidence', [...filed, said]).verdict.kind, 'not-known', 'a file, and no apply');
  const both = shown('evidence', [...applied('c2', 10), ...words, said]);
  assert.deepEqual(both.slice(0, 2), ['not-known', '1 of 2 (50 %), 1 only claimed']);
});

test('drift and evidence: 30 days, both ends in; another window by choice', () => {
  const told = [...applied('c1', 1), drift('d', day(2), 'none')];
  assert.equal(criterion('drift-free', told).value, '1 of 1 (100 %)', 'thirty days to the millisecond');
  assert.equal(criterion('drift-free', told, NOW + 1).value, 'none');
  const { state } = folded(told);
  const made = report(state, NOW + 1, NOW - 40 * 86_400_000);
  assert.equal(made.criteria.find(({ id }) => id === 'evidence')?.value, '1 of 1 (100 %)');
});

test('alerts: five minutes, 98 %, the first delivery of an alert, critical ones only', () => {
  const delivered = (fingerprint: string, seconds: number, severity = 'critical'): Told =>
    told('alert-delivered', {
      ...{ fingerprint, alertName: 'NodeDown', severity, firedAt: day(20) },
      deliveredAt: new Date(Date.parse(day(20)) + seconds * 1000).toISOString(),
    });
  assert.deepEqual(shown('alert-time', [delivered('a', 300)]), ['met', '1 of 1 (100 %)']);
  assert.deepEqual(shown('alert-time', [delivered('a', 301)]), [
    'missed',
    '0 of 1 (0 %)',
    `alert NodeDown of ${day(20)} arrived after 5.02 minutes`,
  ]);
  assert.match(shown('alert-time', [delivered('a', 300.001)])[2] ?? '', / arrived after more than 5 minutes$/);
  assert.deepEqual(shown('alert-time', [delivered('a', 301), delivered('a', 9)]), ['met', '1 of 1 (100 %)']);
  assert.deepEqual(shown('alert-time', [delivered('a', 301, 'warning')]), ['not-known', 'none']);
  const many = Array.from({ length: 49 }, (_, index) => delivered(`f${index}`, 10));
  assert.equal(criterion('alert-time', [...many, delivered('late', 400)]).verdict.kind, 'met', '49 of 50 are 98 %');
  assert.equal(criterion('alert-time', [...many.slice(1), delivered('late', 400)]).verdict.kind, 'missed');
});

function alertTest(on: number, more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { routeId: 'pager', initiatedBy: 'ana', result: 'success' };
  return told('alert-tested', { ...data, startedAt: day(on), completedAt: day(on, '00:04:00Z'), ...more });
}
function route(more: Readonly<Record<string, unknown>> = {}): Told {
  const data = { routeId: 'pager', alertName: 'NodeDown', severity: 'critical', channel: 'pager' };
  return told('alert-route-recorded', { ...data, ...more });
}

test('alerts: tests of critical routes count, failed ones as not arrived; those of others do not', () => {
  assert.deepEqual(shown('alert-time', [route(), alertTest(9)]), ['met', '1 of 1 (100 %)']);
  assert.deepEqual(shown('alert-time', [alertTest(9, { result: 'failed' })]), [
    'missed',
    '0 of 1 (0 %)',
    `the test of route pager of ${day(9)} failed`,
  ]);
  const late = alertTest(9, { completedAt: day(9, '00:05:00.001Z') });
  assert.equal(shown('alert-time', [late])[2], `the test of route pager of ${day(9)} took more than 5 minutes`);
  assert.deepEqual(shown('alert-time', [route({ severity: 'info' }), alertTest(9)]), ['not-known', 'none']);
});

test('routes: critical ones are tested within 30 days, successfully; archived ones are not asked for', () => {
  assert.deepEqual(shown('alert-routes', [route(), alertTest(2)]), ['met', '1 of 1 (100 %)']);
  assert.deepEqual(shown('alert-routes', [route(), alertTest(1)]), [
    'missed',
    '0 of 1 (0 %)',
    'route pager was tested last on 2026-03-01',
  ]);
  assert.deepEqual(
    shown('alert-routes', [route(), alertTest(9, { result: 'failed' })]).at(-1),
    'route pager was never tested successfully',
  );
  assert.deepEqual(shown('alert-routes', [route({ archived: true })]), ['not-known', 'none']);
});

const KINDS = ['failover', 'rebuild', 'alert', 'restore', 'quorum'];

test('drills: each kind in its quarter; due until its end, overdue when a whole one went by', () => {
  const all = KINDS.map((kind) => drill(kind, kind, day(5)));
  assert.deepEqual(shown('drills', all), ['met', '5 of 5 kinds in 2026-Q1']);
  const next = Date.parse('2026-04-02T00:00:00Z');
  assert.deepEqual(shown('drills', all, next).slice(0, 3), [
    'not-known',
    '0 of 5 kinds in 2026-Q2',
    'failover: due by 2026-06-30, held last on 2026-03-05',
  ]);
  const later = Date.parse('2026-07-01T00:00:00Z');
  assert.deepEqual(shown('drills', all, later).slice(0, 3), [
    'missed',
    '0 of 5 kinds in 2026-Q3',
    'failover: overdue, held last on 2026-03-05',
  ]);
});

test('drills: since the ledger was opened, successes only, and what a deviation excuses is not asked for', () => {
  const failed = drill('d1', 'quorum', day(5), { result: 'failed' });
  assert.equal(criterion('drills', [failed]).verdict.kind, 'not-known', 'the first quarter is not over');
  const next = Date.parse('2026-04-01T00:00:00Z');
  assert.ok(shown('drills', [failed], next).includes('quorum: overdue, never held'));
  const excuse = told('deviation-recorded', { deviationId: 'x', rule: 'drill-quorum', reason: 'one server' });
  const others = KINDS.filter((kind) => kind !== 'quorum').map((kind) => drill(kind, kind, day(5)));
  assert.deepEqual(shown('drills', [...others, excuse]), [
    'met',
    '4 of 4 kinds in 2026-Q1',
    'quorum: excused by a deviation, never held',
  ]);
});

test('rotations: due when the last verified one says so', () => {
  const begun = rotation({ status: 'in-progress' });
  const end = { completedAt: day(1), verificationSteps: ['seen'], status: 'verified' };
  const verified = (nextRotationDue: string): Told => rotation({ ...end, nextRotationDue });
  assert.deepEqual(shown('rotations', [begun, verified('2026-05-01T00:00:00Z')]), ['met', '1 of 1 (100 %)']);
  assert.deepEqual(shown('rotations', [begun, verified('2026-04-05T00:00:00Z')]), [
    'met',
    '1 of 1 (100 %)',
    'cluster token: due on 2026-04-05',
  ]);
  const overdue = [begun, verified('2026-03-20T00:00:00Z')];
  assert.deepEqual(shown('rotations', overdue), ['missed', '0 of 1 (0 %)', 'cluster token: was due on 2026-03-20']);
  const again = rotation({ rotationId: 'rot2', initiatedAt: day(21), nextRotationDue: '2026-06-01T00:00:00Z' });
  assert.equal(criterion('rotations', [...overdue, again]).verdict.kind, 'missed', 'planned is not rotated');
  assert.deepEqual(shown('rotations', [rotation()]), [
    'not-known',
    '0 of 1 (0 %)',
    'cluster token: due on 2026-05-01, no rotation of it was verified yet',
  ]);
});

test('runs: a failed or slow one has an incident', () => {
  const failed = rebuilt('r1', day(10), 5, { status: 'failed' });
  assert.deepEqual(shown('run-incidents', [rebuilt('r1', day(10), 5)]), ['met', 'none of 1 runs failed or was slow']);
  assert.deepEqual(shown('run-incidents', [failed, rebuilt('r2', day(10), 61)]), [
    'missed',
    '0 of 2 (0 %)',
    'run r1 failed',
    'run r2 took 61 minutes',
  ]);
  assert.equal(
    shown('run-incidents', [rebuilt('r3', day(10), 60 + 1 / 60_000)])[2],
    'run r3 took more than 60 minutes',
  );
  assert.deepEqual(shown('run-incidents', [failed, incident({ runIds: ['r1'] })]), ['met', '1 of 1 (100 %)']);
});

test('runs: one whose end was never recorded is told after a day', () => {
  const begun = runStarted({ startedAt: day(30, '12:00:00Z') });
  assert.deepEqual(shown('run-incidents', [begun]), ['not-known', 'none']);
  assert.deepEqual(shown('run-incidents', [begun], NOW + 1), [
    'not-known',
    'none',
    'run r2 is pending since 2026-03-30 12:00Z',
  ]);
});

test('incidents: open ones are missed, mitigated ones are told', () => {
  const mitigated = told('incident-updated', { incidentId: 'i1', status: 'mitigated' });
  assert.deepEqual(shown('open-incidents', [incident()]), [
    'missed',
    '1 open, 0 mitigated',
    'i1: critical, open since 2026-03-01: node gone',
  ]);
  assert.deepEqual(shown('open-incidents', [incident(), mitigated]).slice(0, 2), ['met', '0 open, 1 mitigated']);
});

test('each value names the records that it was computed from', () => {
  const { records } = criterion('drift-free', [...applied('c1', 10), drift('d1', day(11), 'none'), rebuild()]);
  assert.deepEqual(
    records.map(({ seq }) => seq),
    [2, 3, 4, 5],
  );
});

test('quarters are of UTC and begin with the first millisecond', () => {
  assert.equal(quarterOf(Date.UTC(2026, 3, 1)).name, '2026-Q2');
  assert.equal(quarterOf(Date.UTC(2026, 3, 1) - 1).name, '2026-Q1');
  assert.deepEqual(quarterOf(Date.UTC(2025, 11, 31)), {
    ...{ name: '2025-Q4', number: 8103 },
    ...{ from: Date.UTC(2025, 9, 1), to: Date.UTC(2026, 0, 1) },
  });
});
