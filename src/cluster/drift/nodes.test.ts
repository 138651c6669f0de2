import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { readSpec } from '../spec/read-spec.ts';
import { type NodeState, nodeState } from './node-state.ts';
import { nodeFindings } from './nodes.ts';
import { versionFindings } from './versions.ts';

const SPEC = `name: home
nodes:
  - {name: pi-1.local, address: 192.0.2.1, role: server-agent, storage: ssd, labels: {larder.dev/disk: usb}}
  - {name: pi-2.local, address: '2001:db8::2', role: worker, storage: ssd, taints: [{key: slow, effect: NoSchedule}]}
`;

function specOf(text = SPEC): ClusterSpec {
  const read = readSpec(text, '2026-03-01');
  return read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
}

const SERVER = { 'node-role.kubernetes.io/control-plane': 'true', 'larder.dev/disk': 'usb' };

function node(
  name: string,
  part: { metadata?: object; spec?: object; info?: object; address?: string } = {},
): NodeState {
  const { metadata, spec = {}, info, address } = part;
  const nodeInfo = {
    kubeletVersion: 'v1.34.2+k3s1',
    osImage: 'Debian GNU/Linux 12 (bookworm)',
    kernelVersion: '6.12.1',
    architecture: 'arm64',
    ...info,
  };
  const addresses = address === undefined ? [] : [{ type: 'InternalIP', address }];
  return nodeState({ metadata: { name, ...metadata }, spec, status: { nodeInfo, addresses } });
}

const one = (part: Parameters<typeof node>[1] = {}): NodeState =>
  node('pi-1', { metadata: { labels: SERVER }, ...part });
const two = (part: Parameters<typeof node>[1] = {}): NodeState =>
  node('pi-2', { spec: { taints: [{ key: 'slow', effect: 'NoSchedule' }] }, ...part });

function told(...nodes: readonly NodeState[]): readonly string[] {
  return nodeFindings(specOf(), nodes).map(({ object, message }) => `${object} ${message}`);
}

test('nodes that are as cluster.yaml says have no finding, also where Kubernetes itself marks them', () => {
  const marked = one({
    spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }] },
    address: '192.0.2.1',
  });
  assert.deepEqual(told(marked, two({ address: '2001:DB8:0::2' })), []);
});

test('each difference has its words', () => {
  const rows: readonly (readonly [NodeState, RegExp])[] = [
    [
      one({ metadata: { labels: { ...SERVER, 'larder.dev/disk': 'sd' } } }),
      /label larder\.dev\/disk is "sd" and should be "usb"/,
    ],
    [
      one({ metadata: { labels: { 'node-role.kubernetes.io/control-plane': 'true' } } }),
      /larder\.dev\/disk is not there/,
    ],
    [one({ metadata: { labels: { 'larder.dev/disk': 'usb' } } }), /is a worker and should be a server/],
    [
      one({
        metadata: { labels: { ...SERVER, old: 'x' }, annotations: { 'larder.dev/labels-of-cluster-yaml': '["old"]' } },
      }),
      /label old is no longer in cluster\.yaml/,
    ],
    [one({ spec: { unschedulable: true } }), /is cordoned/],
    [
      one({ spec: { taints: [{ key: 'a', value: 'b', effect: 'NoExecute' }] } }),
      /taint a=b:NoExecute is not in cluster\.yaml/,
    ],
    [one({ address: '192.0.2.9' }), /has the address 192\.0\.2\.9 and should have 192\.0\.2\.1/],
    [one({ info: { architecture: 'amd64' } }), /is amd64 and should be arm64/],
  ];
  for (const [changed, expected] of rows) {
    const said = told(changed, two());
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0] ?? '', expected);
  }
  assert.match(told(one(), two({ spec: {} })).join(), /Node pi-2 taint slow:NoSchedule is not there/);
  assert.deepEqual(told(one(), two(), node('guest')), ['Node guest is a node of the cluster and not in cluster.yaml']);
  assert.deepEqual(told(two()), ['Node pi-1 pi-1.local of cluster.yaml is no node of the cluster']);
});

test('an annotation that somebody else wrote says nothing', () => {
  const odd = one({ metadata: { labels: SERVER, annotations: { 'larder.dev/labels-of-cluster-yaml': '{"no": [' } } });
  assert.deepEqual(told(odd, two()), []);
});

function versions(spec: ClusterSpec, server: string | undefined, ...nodes: readonly NodeState[]): readonly string[] {
  return versionFindings(spec, nodes, server).map(({ object, message }) => `${object} ${message}`);
}

test('releases: those of cluster.yaml, else what most nodes run', () => {
  const spec = specOf(`${SPEC}k3s: {version: v1.35.1+k3s1, channel: latest}\n`);
  assert.deepEqual(versions(spec, 'v1.35.1+k3s1', one({ info: { kubeletVersion: 'v1.35.1+k3s1' } })), []);
  assert.match(
    versions(spec, 'v1.34.2+k3s1', one()).join('\n'),
    /Node pi-1 runs k3s v1\.34\.2\+k3s1 .*as cluster\.yaml says\nAPI server is of k3s/,
  );
  const other = two({ info: { kubeletVersion: 'v1.33.1+k3s1' } });
  assert.deepEqual(versions(specOf(), 'v1.34.2+k3s1', one(), other), [
    'Node pi-2 runs k3s v1.33.1+k3s1 and should run v1.34.2+k3s1, as most nodes do',
  ]);
});

test('the operating system is that of cluster.yaml, and like nodes have one kernel', () => {
  const ubuntu = one({ info: { osImage: 'Ubuntu 24.04.1 LTS' } });
  assert.match(versions(specOf(), undefined, ubuntu).join(), /runs Ubuntu 24\.04\.1 LTS and should run bookworm/);
  assert.deepEqual(versions(specOf(`${SPEC}os: {release: noble}\n`), undefined, ubuntu), []);
  const old = two({ info: { kernelVersion: '6.1.0' } });
  assert.deepEqual(versions(specOf(), undefined, one(), old), [
    'Node pi-2 runs kernel 6.1.0, and nodes like it run 6.12.1',
  ]);
  assert.deepEqual(
    versions(specOf(), undefined, one(), two({ info: { kernelVersion: '6.1.0', architecture: 'amd64' } })),
    [],
  );
  assert.deepEqual(versions(specOf(), undefined, node('guest', { info: { kernelVersion: '1' } }), one()), []);
});
