import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byOrder } from '../../src/ledger/chain.ts';
import { fold, step } from '../../src/ledger/fold.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { decide } from '../../src/ledger/rules.ts';
import { branch, following, historyOf, idOf, keyOf, minute, recordedAt, recordOf, type Told, told } from './teller.ts';
import { apply, change, correction, evidence, incident, node, rebuild, runStarted, update } from './vectors/vector.ts';

interface Branches {
  readonly ours: readonly LedgerRecord[];
  readonly theirs: readonly LedgerRecord[];
  /** Of both, in the order of replay. */
  readonly both: readonly LedgerRecord[];
}

function branches(before: readonly Told[], ours: readonly Told[], theirs: readonly Told[]): Branches {
  const base = historyOf(...before);
  const one = branch(base, 1, ...ours);
  const two = branch(base, 2, ...theirs);
  return { ours: one, theirs: two, both: [...new Set([...one, ...two])].sort(byOrder) };
}

type Listed = readonly { readonly id: string; readonly rule: string }[];

function merged({ ours, theirs, both }: Branches, conflicts: Listed): readonly LedgerRecord[] {
  const parents = [ours.at(-1)?.hash, theirs.at(-1)?.hash];
  const last = ours.length >= theirs.length ? ours.at(-1) : theirs.at(-1);
  const merge = recordOf(told('ledger-merged', { parents, conflicts }), last, idOf(0xeee));
  const prev = parents[0] ?? null;
  return [...both, { ...merge, prev }];
}

function listed(records: readonly LedgerRecord[]): Listed {
  return [...fold(records).state.unsettled].map(([id, rule]) => ({ id, rule }));
}

test('two branches that do not touch each other are one history', () => {
  const site = branches([], [change()], [rebuild()]);
  const { state, violations } = fold(merged(site, []));
  assert.deepEqual(violations, []);
  assert.deepEqual([...state.changes.keys()], ['c1']);
  assert.deepEqual([...state.runs.keys()], ['r1']);
  assert.equal(state.conflicts.size, 0);
});

test('what breaks a rule beside the other branch does not count, and the merge says so', () => {
  const site = branches([node('pi-1', 1)], [node('pi-2', 2)], [node('pi-3', 2)]);
  const unmerged = fold(site.both);
  assert.equal(unmerged.violations.length, 1, 'before the merge it is a finding');
  const conflicts = listed(site.both);
  assert.deepEqual(
    conflicts.map(({ rule }) => rule),
    ['node-unique'],
  );
  const { state, violations } = fold(merged(site, conflicts));
  assert.deepEqual(violations, []);
  assert.deepEqual([...state.nodes.keys()], ['pi-1', 'pi-2']);
  assert.deepEqual(
    [...state.conflicts.values()].map(({ id, rule, merge }) => ({ id, rule, merge })),
    [{ ...conflicts[0], merge: idOf(0xeee) }],
  );
});

test('what follows from something that does not count does not count either', () => {
  const site = branches(
    [],
    [change(), evidence({}, 'ana')],
    [change({ featureBranch: 'other' }), evidence({ evidenceId: 'e2' }), apply({ evidenceId: 'e2' })],
  );
  const conflicts = listed(site.both);
  const { state, violations } = fold(merged(site, conflicts));
  assert.deepEqual(violations, []);
  assert.deepEqual(
    conflicts.map(({ rule }) => rule),
    ['id-new'],
    'evidence and apply are of a change that both have',
  );
  assert.equal(state.changes.get('c1')?.featureBranch, 'main');
  assert.equal(state.changes.get('c1')?.status, 'applied');
});

test('a merge that lists too little, too much, another rule, or one twice is refused and found', () => {
  const site = branches([], [rebuild()], [rebuild({ nodeId: 'pi-2' })]);
  const right = listed(site.both);
  const [conflict] = right;
  assert.ok(conflict);
  const wrong: readonly Listed[] = [
    [],
    [...right, { id: site.ours.at(-1)?.id ?? '', rule: 'id-new' }],
    [{ ...conflict, rule: 'run-nodes' }],
    [conflict, conflict],
  ];
  for (const conflicts of wrong) {
    const records = merged(site, conflicts);
    const merge = records.at(-1);
    const found = fold(records).violations.find(({ id }) => id === merge?.id);
    assert.deepEqual(
      found?.violations.map(({ rule }) => rule),
      ['merge-conflicts'],
      JSON.stringify(conflicts),
    );
    assert.ok(merge && decide(fold(site.both).state, merge).some(({ rule }) => rule === 'merge-conflicts'));
  }
});

test('a merge names each parent once and follows the first', () => {
  const site = branches([], [rebuild()], [change()]);
  const records = merged(site, []);
  const merge = records.at(-1);
  assert.ok(merge?.type === 'ledger-merged');
  const { state } = fold(site.both);
  assert.deepEqual(decide(state, merge), []);
  const [first = '', second = ''] = merge.data.parents;
  for (const parents of [
    [first, first],
    [second, first],
  ]) {
    const broken = decide(state, { ...merge, data: { ...merge.data, parents } });
    assert.deepEqual(
      broken.map(({ rule }) => rule),
      ['merge-parents'],
    );
  }
});

test('a record that breaks a rule in its own branch is no conflict, whatever a merge lists', () => {
  const site = branches([change()], [rebuild()], [apply({ evidenceId: 'e9' })]);
  const conflicts = listed(site.both);
  assert.deepEqual(
    conflicts.map(({ rule }) => rule),
    ['id-known'],
  );
  const { state, violations } = fold(merged(site, conflicts));
  assert.deepEqual(
    violations.map(({ id }) => id),
    [site.theirs.at(-1)?.id],
  );
  assert.equal(state.changes.get('c1')?.applies.length, 0);
});

test('an operator who was removed in one branch is not believed in the other, from there on', () => {
  const gone = told('operator-removed', { operatorId: 'ben', reason: 'left' });
  const site = branches([], [gone], [rebuild(), { ...change(), operator: 'ben' }]);
  const conflicts = listed(site.both);
  assert.deepEqual(
    conflicts.map(({ rule }) => rule),
    ['signer-known'],
  );
  assert.equal(fold(merged(site, conflicts)).state.changes.size, 0);
});

test('a correction counts from the beginning, the last one of several, and step by step as all at once', () => {
  const before = historyOf(rebuild(), node('pi-1', 1));
  const first = following(before, correction(idOf(2), rebuild({ completedAt: minute(90) }).data));
  const second = following(first, correction(idOf(2), rebuild({ completedAt: minute(50), nodeId: 'pi-2' }).data));
  const at = (records: readonly LedgerRecord[]) => {
    const { state, violations } = fold(records);
    assert.deepEqual(violations, []);
    const last = records.at(-1);
    assert.ok(last);
    const stepped = step(fold(records.slice(0, -1)).state, last);
    assert.deepEqual([...stepped.runs.values()], [...state.runs.values()]);
    return { run: state.runs.get('r1'), node: state.nodes.get('pi-1') };
  };
  assert.equal(at(before).run?.objectiveBreached, false);
  assert.equal(at(first).run?.durationMinutes, 90);
  assert.equal(at(first).run?.objectiveBreached, true);
  assert.equal(at(first).node?.lastRebuildAt, minute(90));
  assert.equal(at(second).run?.durationMinutes, 50);
  assert.deepEqual(at(second).run?.nodes, [{ nodeId: 'pi-2', role: undefined }]);
  assert.equal(at(second).node?.lastRebuildAt, undefined);
});

test('a record that may stand only because of a correction is accepted at replay', () => {
  const records = historyOf(rebuild({ status: 'failed' }), correction(idOf(2), rebuild().data), runStarted());
  assert.deepEqual(fold(records).violations, []);
  assert.equal(fold(records).state.runs.get('r2')?.status, 'pending');
});

test('a correction that breaks a rule corrects nothing', () => {
  const records = historyOf(rebuild(), correction(idOf(2), rebuild({ completedAt: minute(90) }).data, 'ben'));
  const { state, violations } = fold(records);
  assert.deepEqual(
    violations.map(({ id }) => id),
    [idOf(3)],
  );
  assert.equal(state.runs.get('r1')?.durationMinutes, 40);
});

test('a record that breaks a rule says nothing, also to those after it', () => {
  const eve = { operatorId: 'eve', role: 'admin', keys: [keyOf('eve')] };
  const records = historyOf(told('operator-added', eve, { operator: 'ben' }), { ...rebuild(), operator: 'eve' });
  const { state, violations } = fold(records);
  assert.deepEqual(
    violations.map(({ violations: [first] }) => first?.rule),
    ['admin-governs', 'signer-known'],
  );
  assert.equal(state.operators.has('eve'), false);
  assert.equal(state.runs.size, 0);
});

test('times decide which run on a node was the last, not the order of the records', () => {
  const records = historyOf(
    node('pi-1', 1),
    rebuild({ runId: 'late', startedAt: minute(100), completedAt: minute(130) }),
    rebuild({ runId: 'early', status: 'failed' }),
    rebuild({ runId: 'first', completedAt: minute(20) }),
  );
  const { state } = fold(records);
  assert.equal(state.nodeRuns.get('pi-1')?.runId, 'late');
  assert.equal(state.nodes.get('pi-1')?.lastRebuildAt, minute(130));
  assert.deepEqual(state.runs.get('early')?.nodes, [{ nodeId: 'pi-1', role: 'server-agent' }], 'the role of that time');
});

test('derived: durations to a hundredth, breaches to the millisecond', () => {
  const run = (completedAt: string) => fold(historyOf(rebuild({ completedAt }))).state.runs.get('r1');
  assert.equal(run('2026-03-01T01:00:00.000Z')?.objectiveBreached, false);
  assert.equal(run('2026-03-01T01:00:00.001Z')?.objectiveBreached, true);
  assert.equal(run('2026-03-01T01:00:00.001Z')?.durationMinutes, 60);
  assert.equal(run('2026-03-01T00:20:10Z')?.durationMinutes, 20.17);
  const failed = fold(historyOf(rebuild({ status: 'failed', completedAt: minute(500) }))).state.runs.get('r1');
  assert.equal(failed?.objectiveBreached, false, 'the objective is one of successes');
});

test('derived: a bootstrap went well unless the client says otherwise', () => {
  const nodes = [{ nodeId: 'pi-1', role: 'server-agent' }];
  const said = { runId: 'b1', nodes, initiatedBy: 'ana', startedAt: minute(0), completedAt: minute(9) };
  const run = (more: Told['data']) =>
    fold(historyOf(told('bootstrap-recorded', { ...said, ...more }))).state.runs.get('b1')?.status;
  assert.equal(run({}), 'success');
  assert.equal(run({ status: 'failed' }), 'failed');
});

test('derived: a failed test of an alert is no test, an older one does not take the place of a newer', () => {
  const tested = (result: string, end: number) =>
    told('alert-tested', { routeId: 'p', initiatedBy: 'ana', startedAt: minute(0), completedAt: minute(end), result });
  const { state } = fold(historyOf(tested('success', 9), tested('failed', 20), tested('success', 5)));
  assert.equal(state.alertRoutes.get('p')?.lastTestedAt, minute(9));
  assert.equal(state.alertTests.size, 3);
});

test('derived: the newest probe and drift report are those observed last', () => {
  const drift = (reportId: string, at: number) =>
    told('drift-reported', { reportId, observedAt: minute(at), verdict: 'none', findings: [] });
  const probe = (at: number) =>
    told('probe-recorded', { observedAt: minute(at), controlPlaneHealthy: true, workerCount: at, etcdQuorum: true });
  const { state } = fold(historyOf(drift('b', 9), drift('a', 3), probe(9), probe(3)));
  assert.equal(state.drift?.reportId, 'b');
  assert.equal(state.probe?.workerCount, 9);
  assert.equal(fold(historyOf()).state.drift, undefined);
});

test('incidents are known to what they are about, whichever side names them', () => {
  const { state } = fold(
    historyOf(
      rebuild({ status: 'failed' }),
      change(),
      evidence(),
      apply(),
      incident({ runIds: ['r1'] }),
      update({ status: 'rolled-back', incidentId: 'i1' }),
    ),
  );
  assert.deepEqual(state.runs.get('r1')?.incidentIds, ['i1']);
  assert.deepEqual(state.changes.get('c1')?.incidentIds, ['i1']);
  assert.equal(state.changes.get('c1')?.status, 'rolled-back');
});

test('a merge whose conflicts are others beside a third branch is settled by the next merge', () => {
  const base = historyOf();
  const first = branch(base, 1, node('pi-1', 1));
  const second = branch(base, 2, node('pi-2', 1));
  const site: Branches = { ours: first, theirs: second, both: [...new Set([...first, ...second])].sort(byOrder) };
  const inner = merged(site, listed(site.both));
  assert.deepEqual(fold(inner).violations, []);
  assert.deepEqual([...fold(inner).state.nodes.keys()], ['pi-1']);
  // The third branch was written earlier: there pi-3 has the address, so that neither pi-1 nor pi-2 can have it.
  const third = branch(base, 3, { ...node('pi-3', 1), at: recordedAt(1) });
  const all = [...new Set([...inner, ...third])].sort(byOrder);
  const conflicts = listed(all);
  assert.deepEqual(conflicts.map(({ rule }) => rule).sort(), ['merge-conflicts', 'node-unique', 'node-unique']);
  const outer = merged({ ours: inner, theirs: third, both: all }, conflicts);
  const { state, violations } = fold(outer);
  assert.deepEqual(violations, []);
  assert.deepEqual([...state.nodes.keys()], ['pi-3']);
  assert.equal(state.unsettled.size, 0);
});

test('records after a merge follow from what counts', () => {
  const site = branches([node('pi-1', 1)], [node('pi-2', 2)], [node('pi-3', 2)]);
  const joined = merged(site, listed(site.both));
  const after = fold(following(joined, node('pi-3', 3)));
  assert.deepEqual(after.violations, []);
  assert.deepEqual([...after.state.nodes.keys()], ['pi-1', 'pi-2', 'pi-3']);
});

test('an update of a change replaces what it gives and leaves the rest', () => {
  const before = [change({ diffSummary: 'one object', reviewers: ['ben'] }), evidence()];
  const after = (more: Told['data']) => fold(historyOf(...before, update(more))).state.changes.get('c1');
  const was = fold(historyOf(...before)).state.changes.get('c1');
  const { records: _before, ...rest } = was ?? {};
  const { records, ...same } = after({}) ?? {};
  assert.deepEqual(same, rest);
  assert.equal(records?.length, 3);
  const given = {
    diffSummary: 'two',
    reviewers: ['cleo'],
    manifestPaths: ['b'],
    runbookUpdates: ['c.md'],
    critical: true,
  };
  const next = after(given);
  const { diffSummary, reviewers, manifestPaths, runbookUpdates, critical } = next ?? {};
  assert.deepEqual({ diffSummary, reviewers, manifestPaths, runbookUpdates, critical }, given);
  assert.equal(
    after({ status: 'applied' })?.appliedAt,
    recordedAt(4),
    'when it was recorded, where nothing else is said',
  );
  assert.equal(after({ status: 'applied', appliedAt: minute(2) })?.appliedAt, minute(2));
});

test('a run knows the incident that it follows and the one of its end', () => {
  const begun = runStarted({ incidentId: 'i1' });
  const end = told('run-finished', { runId: 'r2', completedAt: minute(90), status: 'failed', incidentId: 'i2' });
  const incidents = [incident(), incident({ incidentId: 'i2' })];
  const run = (...said: readonly Told[]) => fold(historyOf(...incidents, ...said)).state.runs.get('r2');
  assert.deepEqual(run(begun)?.incidentIds, ['i1']);
  assert.deepEqual(run(runStarted())?.incidentIds, []);
  assert.deepEqual(run(begun, end)?.incidentIds, ['i1', 'i2']);
  assert.equal(run(begun, end)?.status, 'failed');
  assert.equal(run(begun)?.completedAt, undefined);
});

test('what is updated keeps what the update does not say', () => {
  const updated = (more: Told['data']) => told('incident-updated', { incidentId: 'i1', ...more });
  const { state } = fold(
    historyOf(incident(), updated({ remediation: 'a new card', notes: 'seen' }), updated({ status: 'closed' })),
  );
  const { status, remediation, notes, closedAt } = state.incidents.get('i1') ?? {};
  assert.deepEqual(
    { status, remediation, notes, closedAt },
    {
      ...{ status: 'closed', remediation: 'a new card', notes: 'seen' },
      closedAt: recordedAt(4),
    },
  );
});

test('people: a term is given, taken away, and left alone by what does not speak of it', () => {
  const changed = (more: Told['data']) => told('operator-changed', { operatorId: 'ben', ...more });
  const term = (...said: readonly Told[]) => fold(historyOf(...said)).state.operators.get('ben');
  const given = changed({ expiresAt: '2027-01-01T00:00:00Z' });
  assert.equal(term(given)?.expiresAt, '2027-01-01T00:00:00Z');
  assert.equal(term(given, changed({ role: 'admin' }))?.expiresAt, '2027-01-01T00:00:00Z');
  assert.equal(term(given, changed({ role: 'admin' }))?.role, 'admin');
  assert.equal(term(given, changed({ expiresAt: null }))?.expiresAt, undefined);
});

test('people: keys that went are remembered, also when their operator comes again', () => {
  const rotated = told('key-rotated', { operatorId: 'ben', oldKey: keyOf('ben'), newKey: keyOf('ben2') });
  const gone = told('operator-removed', { operatorId: 'ben', reason: 'left' });
  const back = told('operator-added', { operatorId: 'ben', role: 'operator', keys: [keyOf('ben3')] });
  const { state, violations } = fold(historyOf(rotated, gone, back));
  assert.deepEqual(violations, []);
  const ben = state.operators.get('ben');
  assert.deepEqual(
    ben?.keys.map(({ publicKey, ended }) => [publicKey, ended]),
    [
      [keyOf('ben'), 'replaced'],
      [keyOf('ben2'), 'removed'],
      [keyOf('ben3'), undefined],
    ],
  );
  assert.equal(ben?.removed, undefined);
});
