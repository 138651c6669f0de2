import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MountedUsage, renderMetrics, renderSummary } from './summary.ts';

const usage: MountedUsage = {
  pod: { namespace: 'shop', name: 'web', uid: 'up' },
  volume: 'data',
  claim: { namespace: 'shop', name: 'claim' },
  capacityBytes: 1_073_741_824n,
  usedBytes: 4096n,
  inodesUsed: 3n,
  inodes: 1000n,
  inodesFree: 900n,
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
};

test('the summary has the shape of the Kubelet Summary API', () => {
  assert.deepEqual(JSON.parse(renderSummary('here', '2026-01-01T00:00:00Z', [usage])), {
    node: { nodeName: 'here', startTime: '2026-01-01T00:00:00Z' },
    pods: [
      {
        podRef: { namespace: 'shop', name: 'web', uid: 'up' },
        startTime: '2026-01-01T00:00:00Z',
        containers: [],
        volume: [
          {
            time: '2026-01-02T03:04:05Z',
            availableBytes: 1_073_737_728,
            capacityBytes: 1_073_741_824,
            usedBytes: 4096,
            inodesFree: 900,
            inodes: 1000,
            inodesUsed: 3,
            name: 'data',
            pvcRef: { namespace: 'shop', name: 'claim' },
          },
        ],
      },
    ],
  });
});

test('volumes of one pod are together, and a pod without measurements is not there', () => {
  const other = { ...usage, volume: 'logs', claim: { namespace: 'shop', name: 'logs' } };
  const { pods } = JSON.parse(renderSummary('here', '2026-01-01T00:00:00Z', [usage, other]));
  assert.equal(pods.length, 1);
  assert.equal(pods[0].volume.length, 2);
  assert.deepEqual(JSON.parse(renderSummary('here', '2026-01-01T00:00:00Z', [])).pods, []);
});

test('a directory that holds more than its volume has nothing available', () => {
  const over = { ...usage, usedBytes: 2_000_000_000n };
  const { pods } = JSON.parse(renderSummary('here', '2026-01-01T00:00:00Z', [over]));
  assert.equal(pods[0].volume[0].availableBytes, 0);
});

test('the metrics name each claim once, however many pods mount it', () => {
  const twice = renderMetrics([usage, { ...usage, pod: { namespace: 'shop', name: 'web-2', uid: 'up2' } }]);
  const lines = twice.split('\n').filter((line) => !line.startsWith('#'));
  assert.deepEqual(lines, [
    'kubelet_volume_stats_available_bytes{namespace="shop",persistentvolumeclaim="claim"} 1073737728',
    'kubelet_volume_stats_capacity_bytes{namespace="shop",persistentvolumeclaim="claim"} 1073741824',
    'kubelet_volume_stats_inodes{namespace="shop",persistentvolumeclaim="claim"} 1000',
    'kubelet_volume_stats_inodes_free{namespace="shop",persistentvolumeclaim="claim"} 900',
    'kubelet_volume_stats_inodes_used{namespace="shop",persistentvolumeclaim="claim"} 3',
    'kubelet_volume_stats_used_bytes{namespace="shop",persistentvolumeclaim="claim"} 4096',
    '',
  ]);
  assert.equal(twice.match(/^# TYPE/gm)?.length, 6);
});
