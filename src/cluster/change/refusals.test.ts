import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConfigurationChange } from '../../ledger/entity.ts';
import type { Observed } from './comparison.ts';
import { CUT_OFF } from './own-work.ts';
import { type Attempt, refusals } from './refusals.ts';

const HOUR_MS = 3_600_000;
const AT = Date.parse('2026-03-01T12:00:00Z');
const HASH = 'a'.repeat(64);
const web: Observed = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  uid: 'u1',
  resourceVersion: '7',
  change: 'changed',
};
const evidence: ConfigurationChange['evidence'][number] = {
  changeId: 'web-2',
  evidenceId: 'e1',
  command: 'larder change diff web-2',
  outputPath: 'x',
  timestamp: '2026-03-01T11:00:00Z',
  manifestHash: HASH,
  objects: [web],
  forceConflicts: false,
  cluster: { uid: 'c1', version: 'v1.36.3' },
  authors: ['ana'],
  recordedAt: '2026-03-01T11:00:00Z',
  record: 'r1',
};
const change: ConfigurationChange = {
  changeId: 'web-2',
  featureBranch: 'main',
  manifestPaths: ['cluster/web'],
  status: 'pending-review',
  reviewers: [],
  approvedBy: [],
  runbookUpdates: ['docs/runbooks/web.md'],
  critical: false,
  author: 'ana',
  authors: ['ana'],
  createdAt: '2026-03-01T10:00:00Z',
  evidence: [evidence],
  approvals: [],
  applies: [],
  incidentIds: [],
  records: ['r0'],
};
const allowed: Attempt = {
  ...{ change, evidence, manifestHash: HASH, objects: [web], whys: new Map(), force: false },
  ...{ generations: { 'apps/Deployment/shop/web': 3 }, sameGeneration: false },
  ...{ clusterUid: 'c1', nowMs: AT, maxAgeMs: 24 * HOUR_MS },
};

const codes = (attempt: Partial<Attempt>): readonly string[] =>
  refusals({ ...allowed, ...attempt }).map(({ code }) => code);
const approval = (operator: string, evidenceId = 'e1'): ConfigurationChange => ({
  ...change,
  critical: true,
  approvals: [{ evidenceId, operator, at: '2026-03-01T11:30:00Z', record: 'r2' }],
});

test('an apply is allowed when nothing is different, and refused for every single thing that is', () => {
  assert.deepEqual(codes({}), []);
  const cases: readonly (readonly [string, Partial<Attempt>])[] = [
    ['LARDER_CHANGE_NO_EVIDENCE', { evidence: undefined }],
    ['LARDER_CHANGE_NO_RUNBOOK', { change: { ...change, runbookUpdates: [] } }],
    ['LARDER_CHANGE_STATUS', { change: { ...change, status: 'rolled-back' } }],
    ['LARDER_CHANGE_STALE_EVIDENCE', { nowMs: AT + 24 * HOUR_MS }],
    ['LARDER_CHANGE_STALE_EVIDENCE', { nowMs: AT - 2 * HOUR_MS }],
    ['LARDER_CHANGE_LIVE_DIFFERS', { clusterUid: 'c2' }],
    ['LARDER_CHANGE_LIVE_DIFFERS', { clusterUid: '' }],
    ['LARDER_CHANGE_MANIFESTS_DIFFER', { manifestHash: 'b'.repeat(64) }],
    ['LARDER_CHANGE_MANIFESTS_DIFFER', { force: true }],
    ['LARDER_CHANGE_UNKNOWN', { objects: [{ ...web, change: 'unknown' }] }],
    ['LARDER_CHANGE_UNKNOWN', { evidence: { ...evidence, objects: [{ ...web, change: 'unknown' }] } }],
    ['LARDER_CHANGE_LIVE_DIFFERS', { objects: [{ ...web, resourceVersion: '8' }] }],
    ['LARDER_CHANGE_LIVE_DIFFERS', { objects: [{ ...web, uid: 'u2' }] }],
    ['LARDER_CHANGE_LIVE_DIFFERS', { objects: [] }],
    ['LARDER_CHANGE_LIVE_DIFFERS', { objects: [web, { ...web, name: 'other' }] }],
    ['LARDER_CHANGE_NOT_APPROVED', { change: { ...change, critical: true } }],
    ['LARDER_CHANGE_NOT_APPROVED', { change: approval('ana') }],
    ['LARDER_CHANGE_NOT_APPROVED', { change: approval('ben', 'e0') }],
  ];
  for (const [code, attempt] of cases) assert.deepEqual(codes(attempt), [code], JSON.stringify(attempt));
  assert.deepEqual(codes({ change: approval('ben') }), []);
});

test('an object of which only the status moved is told as that, and allowed only on request', () => {
  const taken = { ...evidence, generations: { 'apps/Deployment/shop/web': 3 } };
  const moved = { evidence: taken, objects: [{ ...web, resourceVersion: '8' }] };
  assert.match(refusals({ ...allowed, ...moved })[0]?.message ?? '', /of the same generation/);
  assert.deepEqual(codes({ ...moved, sameGeneration: true }), []);
  const changed = { ...moved, generations: { 'apps/Deployment/shop/web': 4 }, sameGeneration: true };
  assert.deepEqual(codes(changed), ['LARDER_CHANGE_LIVE_DIFFERS']);
  const another = { ...moved, objects: [{ ...web, uid: 'u2' }], sameGeneration: true };
  assert.deepEqual(codes(another), ['LARDER_CHANGE_LIVE_DIFFERS']);
  const none = { ...moved, evidence, generations: {}, sameGeneration: true };
  assert.deepEqual(codes(none), ['LARDER_CHANGE_LIVE_DIFFERS'], 'a kind without a generation');
});

test('all reasons are told at once', () => {
  const found = codes({
    change: { ...change, critical: true, runbookUpdates: [] },
    manifestHash: 'b'.repeat(64),
    objects: [],
  });
  assert.deepEqual(found.toSorted(), [
    'LARDER_CHANGE_LIVE_DIFFERS',
    'LARDER_CHANGE_MANIFESTS_DIFFER',
    'LARDER_CHANGE_NOT_APPROVED',
    'LARDER_CHANGE_NO_RUNBOOK',
  ]);
});

test('whatever lives: an apply is allowed exactly when every object is the one of the evidence', () => {
  const object = fc.record({ name: fc.constantFrom('a', 'b', 'c'), version: fc.constantFrom(undefined, '1', '2') });
  const objects = fc.uniqueArray(object, { selector: ({ name }) => name });
  const observedOf = (list: readonly { name: string; version: string | undefined }[]): Observed[] =>
    list.map(({ name, version }) => ({
      ...{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name },
      ...(version === undefined ? { change: 'created' } : { uid: name, resourceVersion: version, change: 'changed' }),
    }));
  const plain = (list: readonly { name: string; version: string | undefined }[]): string =>
    list
      .map(({ name, version }) => `${name}${version}`)
      .toSorted()
      .join();
  fc.assert(
    fc.property(objects, objects, (then, now) => {
      const found = codes({ evidence: { ...evidence, objects: observedOf(then) }, objects: observedOf(now) });
      assert.equal(found.length === 0, plain(then) === plain(now), found.join());
    }),
  );
});

test('what an apply of the same evidence left behind is not said to be the work of somebody', () => {
  const { uid: _uid, resourceVersion: _version, change: _change, ...id } = web;
  const cut = (object: object, more: object = {}): ConfigurationChange => ({
    ...change,
    applies: [
      {
        ...{ changeId: 'web-2', evidenceId: 'e1', command: 'larder change apply web-2', exitCode: 1 },
        ...{ manifestHash: HASH, objects: [{ ...id, outcome: 'configured', resourceVersion: '8', ...object }] },
        ...{ startedAt: '2026-03-01T11:40:00Z', completedAt: '2026-03-01T11:41:00Z' },
        ...{ operator: 'ana', recordedAt: '2026-03-01T11:42:00Z', record: 'r3', ...more },
      },
    ],
  });
  const now = { ...web, resourceVersion: '8' };
  const said = (of: ConfigurationChange, objects: readonly Observed[] = [now]): readonly string[] =>
    refusals({ ...allowed, change: of, objects }).map(({ code, message }) => `${code}: ${message}`);
  assert.deepEqual(said(cut({})), [
    'LARDER_CHANGE_INTERRUPTED: Deployment shop/web was changed by the apply of this evidence that began at 2026-03-01T11:40:00Z and was interrupted',
  ]);
  assert.match(said(cut({ outcome: 'failed', message: CUT_OFF }))[0] ?? '', /INTERRUPTED: .* perhaps by the apply/);
  const { uid: _gone, resourceVersion: _none, ...gone } = web;
  assert.match(said(cut({ outcome: 'deleted' }), [gone])[0] ?? '', /INTERRUPTED/);
  const others: readonly ConfigurationChange[] = [
    cut({ resourceVersion: '9' }),
    cut({ outcome: 'failed', message: 'denied' }),
    cut({ outcome: 'not-tried' }),
    cut({ name: 'other' }),
    cut({}, { evidenceId: 'e0' }),
    cut({}, { exitCode: 0 }),
  ];
  for (const other of others) assert.match(said(other)[0] ?? '', /^LARDER_CHANGE_LIVE_DIFFERS: .*was changed since/);
});
