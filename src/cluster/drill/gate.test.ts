import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readSpec } from '../spec/read-spec.ts';
import { servers } from '../spec/rules/rule.ts';
import { degraded, gate, leaderOf, type Seen, spareServers } from './gate.ts';
import { readServerView, type ServerView } from './server-view.ts';

const read = readSpec(readFileSync('examples/cluster/cluster.example.yaml', 'utf8'), '2026-03-01');
const spec = read.kind === 'spec' ? read.spec : assert.fail('the example is not sound');

const nodes = [1, 2, 3, 4].map((index) => ({ name: `pi-cluster-${index}`, ready: true, cordoned: false }));
const well: ServerView = { unit: 'active', api: true, member: true, leads: false, learns: false, restoring: '', nodes };
/** The first leads; each server as `changes` says. */
const seen = (...changes: readonly (Partial<ServerView> | string)[]): readonly Seen[] =>
  servers(spec).map((node, index) => {
    const change = changes[index];
    return { node, view: typeof change === 'string' ? change : { ...well, leads: index === 0, ...change } };
  });

test('a cluster that is well may be drilled', () => {
  assert.deepEqual(gate(spec, 'quorum', seen()), []);
  assert.equal(leaderOf(seen())?.name, 'pi-cluster-1.local');
});

test('anything that is not well is against it, with its name', () => {
  const against = (...changes: readonly (Partial<ServerView> | string)[]): string =>
    gate(spec, 'failover', seen(...changes)).join('; ');
  assert.equal(against({}, 'ssh: no route to host'), 'pi-cluster-2.local could not be asked: ssh: no route to host');
  assert.equal(against({}, { unit: 'failed', member: 'x', api: 'x' }), 'k3s of pi-cluster-2.local is failed');
  assert.match(
    against({}, {}, { member: 'RAFT NO LEADER' }),
    /^the etcd member of pi-cluster-3\.local is not healthy: RAFT NO LEADER$/,
  );
  assert.match(against({}, {}, { learns: true }), /pi-cluster-3\.local still learns/);
  assert.match(
    against({}, { unit: 'inactive', restoring: '/var/lib/held' }),
    /^pi-cluster-2\.local is in the middle of a restore of \/var\/lib\/held .* on NO server.*restore\.yml -e larder_snapshot=\/var\/lib\/held$/,
  );
  assert.match(against({ api: 'not ready' }), /the API server of pi-cluster-1\.local is not ready: not ready/);
  assert.match(against({ leads: false }), /an election is going on/);
  assert.match(against({}, { leads: true }), /an election is going on/);
  const [first, second, third] = nodes;
  assert.match(
    against({
      nodes: [
        { ...(first ?? assert.fail()), ready: false },
        { ...(second ?? assert.fail()), cordoned: true },
        third ?? assert.fail(),
      ],
    }),
    /pi-cluster-1\.local is not Ready; pi-cluster-2\.local is cordoned; pi-cluster-4\.local is no Node/,
  );
  assert.match(against({ nodes: [] }, { nodes: [] }, { nodes: [] }), /no server could tell the Nodes/);
});

test('a cluster of one server has no failover to try', () => {
  const one = { ...spec, nodes: spec.nodes.slice(0, 1) };
  const only = seen().slice(0, 1);
  assert.match(gate(one, 'failover', only).join(), /needs three servers, and pi-cluster has 1: .*drill-failover/);
  assert.deepEqual(gate(one, 'restore', only), []);
});

test('who is away because of the drill does not count as degraded, and everybody else does', () => {
  const down = seen('no route', {}, { api: 'timeout' });
  assert.deepEqual(degraded(down, ['pi-cluster-1.local']), [
    'the API server of pi-cluster-3.local is not ready: timeout',
  ]);
  assert.equal(degraded(down, []).length, 2);
});

test('as many servers are spare as leave a quorum', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 7].map(spareServers), [0, 0, 1, 1, 2, 3]);
});

test('what a server says is read, and nothing else is taken for it', () => {
  assert.deepEqual(readServerView(`Warning: a banner\nlarder:${JSON.stringify(well)}\n`), well);
  assert.equal(readServerView('larder:{"unit": "act'), undefined);
  assert.equal(readServerView('larder:{"unit": 3}'), undefined);
  assert.equal(readServerView('Permission denied'), undefined);
});
