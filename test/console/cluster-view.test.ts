/** What the cluster screen says of facts: which cell, which word, what calls for somebody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateTone, exactTimeLeft, inOrderOfEnd, timeLeft } from '../../console/cluster/certificate.ts';
import { isAbout, type MatrixFacts, matrixOf } from '../../console/cluster/matrix.ts';
import { mostOf, releasesOf } from '../../console/cluster/release.ts';
import { rotationsOf } from '../../console/cluster/rotation.ts';
import { standingOf } from '../../console/cluster/standing.ts';
import type { CertificateRow, NodesAnswer, WantedCluster } from '../../src/cluster/sight/answer.ts';
import { type LiveNode, liveNode } from '../../src/cluster/sight/live-node.ts';
import type { ClusterRecords, RecordedFinding } from '../../src/ledger/cluster-records.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 22);

const node = (changed: Partial<LiveNode> = {}): LiveNode => ({
  ...{ name: 'pi-1', roles: ['control-plane', 'etcd'], ready: 'ready', readyWhy: '', isCordoned: false, pressures: [] },
  ...{ etcd: 'voter', release: 'v1.34.2+k3s1', osImage: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0-28-arm64' },
  ...{ architecture: 'arm64', addresses: ['192.0.2.11'], kubeletPort: 10250 },
  ...changed,
});

const wanted = (changed: Partial<WantedCluster> = {}): NodesAnswer['wanted'] => ({
  kind: 'known',
  value: {
    ...{ name: 'home', release: '', rotationDays: { age: 90, 'k3s-token': 90 }, ignore: { kind: 'unset' } },
    nodes: [
      { name: 'pi-1.local', node: 'pi-1', role: 'server-agent', hardware: 'rpi4-8gb' },
      { name: 'pi-2.local', node: 'pi-2', role: 'worker', hardware: '' },
    ],
    ...changed,
  },
});

const answer = (nodes: readonly LiveNode[], changed: Partial<NodesAnswer> = {}): NodesAnswer => ({
  ...{ at: NOW, cluster: 'home', isEmbedded: false, nodes, wanted: { kind: 'unset' } },
  ...changed,
});

const finding = (changed: Partial<RecordedFinding> = {}): RecordedFinding => ({
  ...{ kind: 'node', object: 'Node pi-1', message: 'has another label', since: NOW - DAY_MS },
  ...changed,
});

const records = (changed: Partial<ClusterRecords> = {}): ClusterRecords => ({
  ...{ quarter: { name: '2026-Q4', endsAt: Date.UTC(2026, 11, 31) }, drills: [], rotations: [], nodes: [] },
  ...{ routes: [], acknowledgements: [] },
  ...changed,
});

const row = (name: string, facts: MatrixFacts) => {
  const found = matrixOf(facts, NOW).find((each) => each.name === name);
  assert.ok(found, `no row for ${name}`);
  return found;
};

test('a Node is read from what the API server has, and conditions that nobody knows are not taken for trouble', () => {
  const condition = (type: string, status: string, reason = '') => ({ type, status, reason, message: `${type} says` });
  const read = liveNode({
    metadata: {
      name: 'pi-1',
      labels: { 'node-role.kubernetes.io/etcd': 'true', 'node-role.kubernetes.io/': 'x', a: 'b' },
    },
    spec: { unschedulable: true },
    status: {
      conditions: [
        { ...condition('Ready', 'False', 'KubeletNotReady'), lastTransitionTime: '2026-11-21T00:00:00Z' },
        condition('DiskPressure', 'True'),
        condition('MemoryPressure', 'Unknown'),
        condition('SomebodysOwn', 'True'),
        condition('constructor', 'True'),
        condition('EtcdIsVoter', 'False', 'MemberIsLearner'),
      ],
      addresses: [
        { type: 'Hostname', address: 'pi-1' },
        { type: 'InternalIP', address: '192.0.2.11' },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: { kubeletVersion: 'v1.34.2+k3s1', kernelVersion: '6.1', osImage: 'Debian', architecture: 'arm64' },
    },
  });
  assert.deepEqual(read, {
    ...{ name: 'pi-1', roles: ['etcd'], ready: 'not ready', readyWhy: 'Ready says', readySince: NOW - DAY_MS },
    ...{ isCordoned: true, pressures: ['disk'], etcd: 'learner', release: 'v1.34.2+k3s1', osImage: 'Debian' },
    ...{ kernel: '6.1', architecture: 'arm64', addresses: ['192.0.2.11'], kubeletPort: 10250 },
  });
  const silent = liveNode({
    metadata: { name: 'new' },
    status: { daemonEndpoints: { kubeletEndpoint: { Port: 'x' } } },
  });
  assert.deepEqual([silent.ready, silent.etcd, silent.kubeletPort], ['unknown', '', 0]);
});

test('each state of a node has a word and a shape; one that is wanted and missing is told', () => {
  const facts: MatrixFacts = {
    nodes: answer(
      [
        node(),
        node({ name: 'pi-3', roles: [], isCordoned: true }),
        node({ name: 'pi-4', ready: 'unknown', roles: [] }),
      ],
      { wanted: wanted() },
    ),
  };
  const rows = matrixOf(facts, NOW);
  assert.deepEqual(
    rows.map(({ name, role, state }) => [name, role, state.text, state.shape, state.below]),
    [
      ['pi-2', 'worker', 'missing', 'triangle', undefined],
      ['pi-1', 'control-plane, etcd, rpi4-8gb', 'ready', 'circle', undefined],
      ['pi-3', 'worker', 'cordoned', 'bars', 'not in cluster.yaml'],
      ['pi-4', 'worker', 'silent', 'dashed', 'not in cluster.yaml'],
    ],
  );
  const sick = node({ ready: 'not ready', readyWhy: 'the network is not ready', readySince: NOW - DAY_MS });
  const { state, stateSince } = row('pi-1', { nodes: answer([sick]) });
  assert.deepEqual([state.text, state.below, stateSince], ['not ready', 'the network is not ready', NOW - DAY_MS]);
});

test('a release is compared with cluster.yaml, or with what most nodes run; what is not said is no difference', () => {
  const nodes = [
    node(),
    node({ name: 'pi-2' }),
    node({ name: 'pi-3', release: 'v1.33.5+k3s1' }),
    node({ name: 'x', release: '' }),
  ];
  const byMost = matrixOf({ nodes: answer(nodes) }, NOW).map(({ release }) => release.below);
  assert.deepEqual(byMost, [undefined, undefined, 'most run v1.34.2+k3s1', undefined]);
  const written = matrixOf({ nodes: answer(nodes.slice(0, 1), { wanted: wanted({ release: 'v1.35.1+k3s1' }) }) }, NOW);
  assert.equal(written.at(-1)?.release.below, 'should be v1.35.1+k3s1');
  assert.equal(mostOf(['', '']), undefined);
});

test('releases that may not run beside each other are told in the words of the upgrade', () => {
  const apart = releasesOf(
    answer([
      node({ release: 'v1.34.2+k3s1' }),
      node({ name: 'pi-2', release: 'v1.32.1+k3s1' }),
      node({ name: 'pi-3', roles: [], release: 'v1.35.0+k3s1' }),
    ]),
  );
  assert.equal(apart.target, 'v1.35.0+k3s1');
  assert.deepEqual(apart.behind, ['pi-1', 'pi-2']);
  assert.match(
    apart.forbidden.join('\n'),
    /pi-1 runs v1\.34\.2\+k3s1 and pi-2 v1\.32\.1\+k3s1; servers may be one minor apart/,
  );
  assert.match(apart.forbidden.join('\n'), /pi-3 .*; a kubelet may not be newer/);
  const other = releasesOf(answer([node({ release: 'v1.36.3' })]));
  assert.deepEqual([other.target, other.behind, other.forbidden], ['', [], []]);
});

test('of the certificates of a node the one that ends first counts, and one that nobody takes comes before all', () => {
  const seen = (...rows: readonly Partial<CertificateRow>[]): MatrixFacts => ({
    nodes: answer([node()]),
    certificates: {
      at: NOW,
      isEmbedded: false,
      certificates: rows.map((each) => ({ object: 'kubelet', node: 'pi-1', isRefused: false, ...each })),
    },
  });
  const cell = (...rows: readonly Partial<CertificateRow>[]) => row('pi-1', seen(...rows)).certificate;
  assert.deepEqual(cell({ endsAt: NOW + 300 * DAY_MS }, { endsAt: NOW + 200 * DAY_MS }), {
    text: '7 months',
    tone: 'plain',
    title: exactTimeLeft(NOW + 200 * DAY_MS, NOW),
  });
  assert.equal(cell({ endsAt: NOW + 60 * DAY_MS }).tone, 'warn');
  assert.equal(cell({ endsAt: NOW + 10 * DAY_MS }).tone, 'danger');
  assert.equal(cell({ endsAt: NOW - 1 }).text, 'ended');
  assert.equal(cell({ endsAt: NOW + 300 * DAY_MS }, { isRefused: true, why: 'no' }).text, 'refused');
  assert.deepEqual(cell({ why: 'unreachable' }), { text: 'not seen', tone: 'quiet', title: 'unreachable' });
  assert.equal(cell({ node: 'pi-2', endsAt: NOW }).text, '—');
  assert.deepEqual(
    [30, 29.9, 90, 89.9].map((days) => certificateTone(NOW + days * DAY_MS, NOW)),
    ['warn', 'danger', 'ok', 'warn'],
  );
  assert.deepEqual(
    [-1, 1.99, 89.9, 90, 91, 365, 730, 731, 3_649].map((days) => timeLeft(NOW + days * DAY_MS, NOW)),
    ['ended', '1 d', '89 d', '90 d', '3 months', '12 months', '24 months', '2 y', '10 y'],
    'days are cut off: never more than there are',
  );
  assert.match(exactTimeLeft(NOW + 3_649.5 * DAY_MS, NOW), /^3,649 days, until \w{3} \d{1,2}, \d{4}$/);
  const row1 = { object: 'a', node: '', isRefused: false };
  const order = inOrderOfEnd([
    { ...row1, why: 'x' },
    { ...row1, endsAt: 2 },
    { ...row1, endsAt: 1 },
    { ...row1, isRefused: true },
  ]);
  assert.deepEqual(
    order.map(({ endsAt, isRefused }) => (isRefused ? 'refused' : endsAt)),
    ['refused', 1, 2, undefined],
  );
});

test('findings are counted for the node that they name, those that are left out apart', () => {
  const ignored = { reason: 'new disks', expiresAt: '2027-01-01T00:00:00Z' };
  const drift = {
    ...{ observedAt: NOW, verdict: 'drift' as const, unknown: [], record: 'r' },
    findings: [
      finding(),
      finding({ kind: 'certificate', object: 'pi-1.local client-admin.crt' }),
      finding({ kind: 'host', object: 'pi-1.local', ignored }),
      finding({ kind: 'manifest', object: 'ConfigMap shop/pi-10' }),
    ],
  };
  const facts = { nodes: answer([node(), node({ name: 'pi-10' })]), records: records({ drift }) };
  assert.deepEqual([row('pi-1', facts).drift.text, row('pi-1', facts).drift.below], ['2', '1 ignored']);
  assert.equal(row('pi-10', facts).drift.text, '0');
  assert.equal(row('pi-1', { nodes: answer([node()]), records: records() }).drift.text, '—', 'nobody has looked');
  assert.equal(isAbout({ object: 'Node pi-1' }, 'pi'), false);
});

test('when a node was built last is known by its short name, and a run that failed is not passed over', () => {
  const run = { type: 'rebuild', result: 'success', at: NOW, minutes: 51.2 };
  const of = (each: ClusterRecords['nodes'][number]) =>
    row('pi-1', { nodes: answer([node()]), records: records({ nodes: [each] }) });
  const built = of({ nodeId: 'pi-1.local', builtAt: NOW, run });
  assert.deepEqual([built.builtAt, built.built.below], [NOW, 'rebuild, 52 min']);
  assert.equal(of({ nodeId: 'pi-1', run: { ...run, result: 'failed' } }).built.text, 'rebuild failed');
  assert.equal(of({ nodeId: 'pi-2', builtAt: NOW }).built.text, '—');
});

test('a rotation is due by the earlier of what was recorded and what cluster.yaml asks for', () => {
  const spec = wanted();
  const known = spec.kind === 'known' ? spec.value : undefined;
  const at = (days: number, changed = {}) => ({
    scope: 'age',
    isUnfinished: false,
    verifiedAt: NOW - days * DAY_MS,
    ...changed,
  });
  const state = (recorded: Parameters<typeof rotationsOf>[0]) =>
    rotationsOf(recorded, known, NOW).find(({ scope }) => scope === 'age')?.state;
  assert.equal(state([]), 'never');
  assert.equal(state([{ scope: 'age', isUnfinished: true }]), 'unfinished');
  assert.equal(state([at(10, { dueAt: NOW + 80 * DAY_MS })]), 'in time');
  assert.equal(state([at(10, { dueAt: NOW - 1 })]), 'overdue');
  assert.equal(state([at(80, { dueAt: NOW + 40 * DAY_MS })]), 'soon', 'the file asks for 90 days');
  assert.equal(state([at(10, { dueAt: NOW + 80 * DAY_MS, isUnfinished: true })]), 'unfinished');
  const [first] = rotationsOf([{ scope: 'wifi', isUnfinished: false }], undefined, NOW);
  assert.deepEqual([first?.scope, first?.command], ['wifi', '']);
});

test('the figures say what calls for somebody, and nothing of what is not known', () => {
  assert.deepEqual(
    standingOf({ nodes: undefined, certificates: undefined, records: undefined, alerts: undefined }, NOW),
    [],
  );
  const alerts = (...states: readonly ('firing' | 'stale' | 'acknowledged')[]) => ({
    at: NOW,
    alerts: {
      kind: 'known' as const,
      value: {
        ...{ name: 'Alertmanager', unrecorded: '' },
        rows: states.map((state) => ({
          fingerprint: state,
          name: 'A',
          severity: 'critical' as const,
          subject: '',
          since: NOW,
          state,
        })),
      },
    },
  });
  const figures = standingOf(
    {
      nodes: answer([node(), node({ name: 'pi-3', ready: 'not ready' })], { wanted: wanted() }),
      certificates: {
        at: NOW,
        isEmbedded: false,
        certificates: [{ object: 'k', node: 'pi-1', isRefused: false, endsAt: NOW + 40 * DAY_MS }],
      },
      records: records({
        drift: { observedAt: NOW, verdict: 'unknown', findings: [], unknown: ['x'], record: 'r' },
        drills: [
          { kind: 'failover', due: 'due' },
          { kind: 'quorum', due: 'overdue' },
        ],
      }),
      alerts: alerts('firing', 'stale', 'acknowledged'),
    },
    NOW,
  );
  assert.deepEqual(
    figures.map(({ figure, word, tone }) => `${figure} ${word}: ${tone}`),
    [
      '1 of 3 nodes ready: danger',
      '2 alerts open: danger',
      '0 findings of drift: quiet',
      '1 drill overdue: danger',
      '2 secrets to rotate: danger',
      '40 d until a certificate ends: warn',
    ],
  );
  assert.equal(figures[2]?.shape, 'dashed', 'not everything could be looked at');
});
