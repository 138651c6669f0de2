import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StorageClass } from '../kube/kinds.ts';
import type { ExportRow, StatusAnswer, VolumeRow } from './api.ts';
import { doctor, type Examination } from './doctor.ts';
import type { SourceMode } from './usage-sources.ts';

const up: ExportRow = {
  name: 'nas:/v',
  backend: 'nfs',
  root: '/mnt',
  up: true,
  detail: '',
  freeBytes: '50',
  freeInodes: '50',
  totalInodes: '100',
  totalBytes: '100',
  requestedBytes: '60',
  overcommit: 0.6,
};
const status: StatusAnswer = { version: '1', startedAt: 0, leader: true, exports: [up], volumes: [] };
const storageClass: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'good', uid: 'u', resourceVersion: '1' },
  provisioner: 'larder.dev/directory',
  allowVolumeExpansion: true,
};
const healthy: Examination = {
  status,
  classes: [storageClass],
  provisionerNames: ['larder.dev/directory'],
  provisions: true,
  apiAgeMs: 1_000,
  uid: 0,
  off: [],
  sources: [],
  unmeasured: [],
  waiting: [],
  policies: { availability: 'served', policies: [] },
  auditFindings: 0,
  unread: [],
};

test('a healthy installation has only ok lines, and none asks for anything', () => {
  for (const finding of doctor(healthy)) {
    assert.equal(finding.level, 'ok', finding.check);
    assert.equal(finding.fix, '');
  }
  assert.ok(doctor(healthy).length >= 6);
});

const row: VolumeRow = {
  namespace: 'a',
  claim: 'b',
  volume: 'v',
  class: 'good',
  phase: 'Bound',
  path: '/v/x',
  directory: '/mnt/x',
  request: '1',
  capacity: '1',
  used: '',
  inodes: '',
  state: 'stuck',
  verdict: 'Stuck',
  summary: 'is stuck',
};

const waitingFor = (name: string, claims: readonly string[], hasVolume = false): Partial<Examination> => ({
  waiting: claims.map((claim) => ({ namespace: 'a', claim, class: name, hasVolume })),
});

const troubles: readonly (readonly [what: string, change: Partial<Examination>, check: string, level: string])[] = [
  ['a silent API server', { apiAgeMs: 3_600_000 }, 'kubernetes api', 'error'],
  ['an API server that never answered', { apiAgeMs: Number.POSITIVE_INFINITY }, 'kubernetes api', 'error'],
  ['a replica that stands by', { status: { ...status, leader: false } }, 'leader', 'warning'],
  [
    'an export that is down',
    { status: { ...status, exports: [{ ...up, up: false, detail: 'did not answer within 5s' }] } },
    'export nas:/v',
    'error',
  ],
  [
    'an export that is nearly full',
    { status: { ...status, exports: [{ ...up, freeBytes: '4' }] } },
    'export nas:/v',
    'warning',
  ],
  [
    'an export of which more is requested than was said to be right',
    { status: { ...status, exports: [{ ...up, overcommit: 1.5 }] }, overcommitWarning: 1.5 },
    'export nas:/v',
    'warning',
  ],
  ['no class of ours', { classes: [{ ...storageClass, provisioner: 'other' }] }, 'storage classes', 'error'],
  [
    'a class that adopts anything',
    { classes: [{ ...storageClass, parameters: { adopt: 'any' } }] },
    'class good',
    'warning',
  ],
  [
    'a class that cannot grow',
    { classes: [{ ...storageClass, allowVolumeExpansion: false }] },
    'class good',
    'warning',
  ],
  [
    'a class whose parameters are refused',
    { classes: [{ ...storageClass, parameters: { dirMode: '9999' } }] },
    'class good',
    'error',
  ],
  [
    'a class that contradicts itself',
    { classes: [{ ...storageClass, reclaimPolicy: 'Retain', parameters: { onDelete: 'delete' } }] },
    'class good',
    'warning',
  ],
  [
    'a claim that is Pending',
    { status: { ...status, volumes: [{ ...row, state: 'unknown', phase: 'Pending' }] } },
    'claims',
    'warning',
  ],
  ['claims whose class does not exist', waitingFor('gone', ['c', 'd', 'e', 'f']), 'class gone', 'warning'],
  [
    'claims that have a volume and are not bound',
    {
      status: { ...status, volumes: [{ ...row, state: 'unknown', phase: 'Pending' }] },
      ...waitingFor('good', ['b'], true),
    },
    'binding',
    'warning',
  ],
  ['a claim that is stuck', { status: { ...status, volumes: [row] } }, 'claim a/b', 'warning'],
  ['findings of the audit', { auditFindings: 2 }, 'volumes', 'warning'],
  ['an audit that could not read', { unread: ['nas:/v'] }, 'volumes', 'unknown'],
  ['an ordinary user', { uid: 1000 }, 'process', 'warning'],
];

for (const [what, change, check, level] of troubles) {
  test(`${what} is one finding with what to do`, () => {
    const found = doctor({ ...healthy, ...change }).filter((finding) => finding.level !== 'ok');
    assert.deepEqual(
      found.map((finding) => [finding.check, finding.level]),
      [[check, level]],
    );
    assert.notEqual(found[0]?.fix, '');
  });
}

test('what was found stands beside what could not be read, and then nobody says that all is well', () => {
  const said = doctor({ ...healthy, auditFindings: 2, unread: ['nas:/v', 'nas:/v', 'nas2:/w'] });
  assert.deepEqual(
    said.filter(({ check }) => check === 'volumes').map(({ level, message }) => `${level} ${message}`),
    ['warning 2 findings in the directories', 'unknown not read: nas:/v, nas2:/w'],
  );
});

test('claims whose class does not exist are counted by class, and some are named', () => {
  const waiting = waitingFor('gone', ['c', 'd', 'e', 'f']);
  const [finding] = doctor({ ...healthy, ...waiting }).filter(({ level }) => level !== 'ok');
  assert.equal(finding?.message, 'does not exist, but 4 Pending claims name it: a/c, a/d, a/e, and 1 more');
});

test('each source of usage says how it is asked, what is wrong with that, and whom it could not ask', () => {
  const source = { name: 'kubelets', isAsked: true, how: 'directly', concern: '', better: '' };
  const said = (more: Partial<SourceMode>) =>
    doctor({ ...healthy, sources: [{ ...source, health: () => undefined, ...more }] })
      .filter(({ check }) => check === 'usage from kubelets')
      .map(({ level, message, fix }) => [level, message, fix]);
  assert.deepEqual(said({}), [['ok', 'directly', '']]);
  assert.deepEqual(said({ health: () => ({ asked: 3, failed: 0, example: '' }) }), [
    ['ok', 'directly; 3 of 3 answered', ''],
  ]);
  assert.deepEqual(said({ concern: 'it is unsafe', better: 'do better' }), [
    ['warning', 'directly: it is unsafe', 'do better'],
  ]);
  const failing = (failed: number) => said({ health: () => ({ asked: 2, failed, example: 'node a: 503' }) })[1];
  assert.deepEqual(failing(1)?.slice(0, 2), ['warning', '1 of 2 gave nothing, for example: node a: 503']);
  assert.equal(failing(2)?.[0], 'error');
});

test('claims that are to grow while nobody is asked how full they are make a warning with the remedy', () => {
  const off = { name: 'kubelets', isAsked: false, how: 'not asked', concern: '', better: '', health: () => undefined };
  const said = (unmeasured: readonly string[], sources: readonly SourceMode[] = [off]) =>
    doctor({ ...healthy, sources, unmeasured })
      .filter(({ check }) => check === 'usage')
      .map(({ level, message, fix }) => [level, message, fix]);
  assert.deepEqual(said(['a/b', 'a/c', 'a/d', 'a/e']), [
    [
      'warning',
      'neither kubelets nor a Prometheus are asked, so nobody knows how full the volumes are: 4 claims are to grow and cannot: a/b, a/c, a/d, and 1 more',
      'give --kubelet direct (chart: kubelet.mode) or set prometheusUrl: docs/guides/usage-sources.md',
    ],
  ]);
  assert.deepEqual(said([]), []);
  assert.deepEqual(said(['a/b'], [off, { ...off, name: 'prometheus', isAsked: true }]), []);
});

test('where nothing is provisioned nobody misses exports, classes, directories and root', () => {
  const alone = {
    status: { ...status, exports: [] },
    classes: [],
    provisionerNames: [],
    provisions: false,
    uid: 65532,
  };
  const said = doctor({ ...healthy, ...alone });
  assert.deepEqual(
    said.filter(({ level }) => level !== 'ok'),
    [],
  );
  assert.deepEqual(
    said
      .map(({ check }) => check)
      .filter((check) => /^(provisioner|process|volumes|storage classes|export)/.test(check)),
    ['provisioner'],
  );
});
