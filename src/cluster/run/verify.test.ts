import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpec } from '../spec/read-spec.ts';
import { silentOf, standingOf } from './verify.ts';

const read = readSpec(
  'name: a\nnodes:\n  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd}\n  - {name: w.local, address: 192.0.2.2, role: worker, storage: ssd}\n',
  '2026-03-01',
);
const nodes = read.kind === 'spec' ? read.spec.nodes : assert.fail();

const NO_NETWORK =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';

function node(name: string, ready: string, release: string, spec: object = {}, message = 'said'): object {
  const conditions = [
    { type: 'MemoryPressure', status: 'False' },
    { type: 'Ready', status: ready, message },
  ];
  return { metadata: { name }, spec, status: { nodeInfo: { kubeletVersion: release }, conditions } };
}

const wanted = { nodes, release: undefined, bringsOwnNetwork: false };
const well = { missing: [], withoutNetwork: [] };

test('what is not as it should be is named, node by node', () => {
  const all = [node('s', 'True', 'v1.35.1+k3s1'), node('w', 'True', 'v1.35.1+k3s1')];
  assert.deepEqual(standingOf(all, { ...wanted, release: 'v1.35.1+k3s1' }), well);
  assert.deepEqual(standingOf(all, wanted), well);
  assert.deepEqual(
    standingOf([node('s', 'Unknown', 'v1.34.1+k3s1', { unschedulable: true })], { ...wanted, release: 'v1.35.1+k3s1' })
      .missing,
    [
      's.local is not Ready: said',
      's.local runs v1.34.1+k3s1, not v1.35.1+k3s1',
      's.local is cordoned',
      'w.local is no Node of the cluster',
    ],
  );
});

test('nodes whose network is still to be installed are told, and nothing else passes for that', () => {
  const without = (name: string, ready = 'False', message = NO_NETWORK): object => node(name, ready, 'v1', {}, message);
  const both = [without('s'), without('w')];
  const own = { ...wanted, bringsOwnNetwork: true };
  assert.deepEqual(standingOf(both, own), { missing: [], withoutNetwork: ['s.local', 'w.local'] });
  assert.equal(standingOf(both, wanted).missing.length, 2, 'k3s brings flannel: that is a trouble');
  for (const other of [
    without('w', 'Unknown'),
    without('w', 'False', 'container runtime is down'),
    without('w', 'False', `[container runtime is down, ${NO_NETWORK}]`),
    node('w', 'False', 'v1', { unschedulable: true }, NO_NETWORK),
  ])
    assert.equal(standingOf([without('s'), other], own).missing.length, 1, JSON.stringify(other));
  const [missing] = standingOf([node('s', 'True', 'v1'), without('w')], own).missing;
  assert.match(missing ?? '', /^w\.local is not Ready: container runtime network/, 'another node has a network');
  assert.equal(standingOf([without('s')], own).missing[0], 'w.local is no Node of the cluster');
});

test('a node that is Ready counts when it was heard of since, whatever its clock says', () => {
  const all = [node('s', 'True', 'v1'), node('w', 'True', 'v1')];
  const at = (s: string, w: string): ReadonlyMap<string, string> => new Map(Object.entries({ s, w }));
  const before = at('12:00:01', '12:00:02');
  assert.deepEqual(standingOf(all, wanted, silentOf(before, at('12:00:11', '11:00:12'))), well);
  assert.deepEqual(standingOf(all, wanted, silentOf(before, at('12:00:11', '12:00:02'))).missing, [
    'w.local was last heard of at 12:00:02',
  ]);
  assert.deepEqual(standingOf(all, wanted, silentOf(new Map(), before)), well, 'its Lease is new');
  assert.deepEqual(standingOf(all, wanted, silentOf(before, new Map())), well, 'it has none any more');
});
