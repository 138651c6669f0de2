import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpec } from '../spec/read-spec.ts';
import { unlike } from './verify.ts';

const read = readSpec(
  'name: a\nnodes:\n  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd}\n  - {name: w.local, address: 192.0.2.2, role: worker, storage: ssd}\n',
  '2026-03-01',
);
const nodes = read.kind === 'spec' ? read.spec.nodes : assert.fail();

function node(name: string, ready: string, release: string, spec: object = {}): object {
  const conditions = [
    { type: 'MemoryPressure', status: 'False' },
    { type: 'Ready', status: ready, message: 'said' },
  ];
  return { metadata: { name }, spec, status: { nodeInfo: { kubeletVersion: release }, conditions } };
}

test('what is not as it should be is named, node by node', () => {
  const well = [node('s', 'True', 'v1.35.1+k3s1'), node('w', 'True', 'v1.35.1+k3s1')];
  assert.deepEqual(unlike(well, { nodes, release: 'v1.35.1+k3s1' }), []);
  assert.deepEqual(unlike(well, { nodes, release: undefined }), []);
  assert.deepEqual(
    unlike([node('s', 'Unknown', 'v1.34.1+k3s1', { unschedulable: true })], { nodes, release: 'v1.35.1+k3s1' }),
    [
      's.local is not Ready: said',
      's.local runs v1.34.1+k3s1, not v1.35.1+k3s1',
      's.local is cordoned',
      'w.local is no Node of the cluster',
    ],
  );
});
