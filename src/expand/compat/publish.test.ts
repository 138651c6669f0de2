import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry } from '../../telemetry/metrics.ts';
import { createClaimMetrics } from '../claim-metrics.ts';
import { metrics as declared } from '../registry.ts';
import { resolveConfiguration } from '../settings/configuration.ts';
import type { Peer } from './compat-setting.ts';
import type { ManagedClaim } from './peer-metrics.ts';
import { peerMetrics } from './peer-metrics.ts';
import { publishPeers } from './publish.ts';

const none = {
  pvc_chonker_usage_ratio: undefined,
  pvc_chonker_inodes_usage_ratio: undefined,
  pvc_chonker_capacity_bytes: undefined,
  pvc_chonker_time_to_full_seconds: undefined,
  pvc_chonker_cooldown_until_seconds: undefined,
  pvc_chonker_stuck: undefined,
  pvc_chonker_at_max: undefined,
};
const busy: ManagedClaim = {
  key: 'shop/busy',
  gauges: {
    ...none,
    pvc_chonker_usage_ratio: 0.9,
    pvc_chonker_inodes_usage_ratio: 0.25,
    pvc_chonker_capacity_bytes: 100,
  },
  inodes: 1_000,
  reached: true,
};
const calm: ManagedClaim = {
  key: 'shop/calm',
  gauges: { ...none, pvc_chonker_usage_ratio: 0.1 },
  inodes: undefined,
  reached: false,
};

function bookFor(...wanted: readonly Peer[]) {
  const registry = new MetricsRegistry();
  const claims = new Map([busy, calm].map((claim) => [claim.key, claim]));
  const book = publishPeers(registry, new Set(wanted), { managed: () => claims.values() });
  assert.ok(book);
  const counted = registry.register(declared);
  return {
    book,
    claims,
    busy: createClaimMetrics(counted, busy.key, book.ledger),
    /** The series of one name. */
    async series(name: string): Promise<readonly string[]> {
      return (await registry.expose())
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    },
  };
}

test('the names of a tool come with its labels, at 0 before anything happens where it does so too', async () => {
  const { series, busy: metrics } = bookFor('autoresizer');
  const name = 'pvcautoresizer_success_resize_total';
  assert.deepEqual(await series(name), [
    `${name}{persistentvolumeclaim="busy",namespace="shop"} 0`,
    `${name}{persistentvolumeclaim="calm",namespace="shop"} 0`,
  ]);
  metrics.expanded('aws');
  metrics.failed('quota');
  metrics.failed('infeasible');
  metrics.maxSizeReached();
  assert.match((await series(name)).join('\n'), /claim="busy",namespace="shop"\} 1/);
  assert.match((await series('pvcautoresizer_failed_resize_total')).join('\n'), /"busy",namespace="shop"\} 2/);
  assert.match((await series('pvcautoresizer_limit_reached_total')).join('\n'), /"busy",namespace="shop"\} 1/);
  assert.deepEqual(await series('pvcautoresizer_kubernetes_client_fail_total'), [
    'pvcautoresizer_kubernetes_client_fail_total 2',
  ]);
});

test('pvc-chonker: percentages, reasons of its own, kubelets and passes', async () => {
  const { series, book, busy: metrics } = bookFor('pvc-chonker');
  metrics.requested('aws');
  metrics.failed('quota');
  metrics.thresholdReached('storage');
  metrics.thresholdReached('inodes');
  metrics.decided({ kind: 'CoolingDown', until: 1 });
  metrics.decided({ kind: 'InProgress', since: 1 });
  metrics.decided({ kind: 'NoSample', reason: 'no node' });
  metrics.decided({ kind: 'Blocked', gate: 'expandable', reason: 'no' });
  metrics.decided({ kind: 'Hold' });
  book.scraped({ node: 'a', kind: 'ok', reason: '', durationMs: 20 });
  book.scraped({ node: 'b', kind: 'failed', reason: 'no', durationMs: 30 });
  book.scraped({ node: 'c', kind: 'kept', reason: '', durationMs: 0 });
  book.ledger.passed(1_700_000_000, 2);
  book.ledger.passed(1_700_000_060, 3);
  const claim = 'persistentvolumeclaim="busy",namespace="shop"';
  const only = async (name: string): Promise<readonly string[]> =>
    (await series(name)).filter((line) => !line.includes('"calm"')).map((line) => line.slice(name.length));
  assert.deepEqual(await only('pvcchonker_resizer_failed_resize_total'), [
    `{${claim},reason="storage_class_not_expandable"} 1`,
    `{${claim},reason="metrics_not_found"} 1`,
    `{${claim},reason="expansion_failed"} 1`,
  ]);
  const expected: Readonly<Record<string, readonly string[]>> = {
    pvcchonker_resizer_threshold_reached_total: [`{${claim}} 2`],
    pvcchonker_resizer_cooldown_skipped_total: [`{${claim}} 1`],
    pvcchonker_resizer_resize_in_progress_total: [`{${claim}} 1`],
    pvcchonker_resizer_loop_seconds_total: [' 5'],
    pvcchonker_last_reconciliation_timestamp_seconds: [' 1700000060'],
    pvcchonker_reconciliation_status: ['{status="success"} 1', '{status="failure"} 0'],
    pvcchonker_managed_pvcs_total: [' 2'],
    pvcchonker_pvc_usage_percent: [`{${claim}} 90`],
    pvcchonker_pvc_capacity_bytes: [`{${claim}} 100`],
    pvcchonker_pvc_inodes_usage_percent: [`{${claim}} 25`],
    pvcchonker_pvc_inodes_total: [`{${claim}} 1000`],
    pvcchonker_kubelet_client_requests_total: ['{status="success"} 1', '{status="failed"} 1'],
    pvcchonker_kubelet_client_response_time_seconds_count: [' 2'],
    pvcchonker_kubernetes_client_requests_total: [
      '{operation="update_pvc",status="success"} 1',
      '{operation="update_pvc",status="failed"} 1',
    ],
  };
  for (const [name, lines] of Object.entries(expected)) assert.deepEqual(await only(name), lines, name);
  book.ledger.passFailed(1_700_000_120);
  assert.deepEqual(await only('pvcchonker_reconciliation_status'), ['{status="success"} 0', '{status="failure"} 1']);
});

test('gardener and Volume-Autoscaler: only what happened, by reason, and how many are at a threshold', async () => {
  const { series, busy: metrics, book } = bookFor('gardener', 'volume-autoscaler');
  assert.deepEqual(await series('pvc_autoscaler_resized_total'), []);
  metrics.thresholdReached('inodes');
  metrics.decided({ kind: 'Blocked', gate: 'quota', reason: 'no' });
  metrics.requested('nfs');
  metrics.expanded('nfs');
  book.ledger.passed(1, 1);
  const claim = 'namespace="shop",persistentvolumeclaim="busy"';
  assert.deepEqual(await series('pvc_autoscaler_resized_total'), [`pvc_autoscaler_resized_total{${claim}} 1`]);
  assert.deepEqual(await series('pvc_autoscaler_threshold_reached_total'), [
    `pvc_autoscaler_threshold_reached_total{${claim},reason="inodes"} 1`,
  ]);
  assert.deepEqual(await series('pvc_autoscaler_skipped_total'), [
    `pvc_autoscaler_skipped_total{${claim},reason="quota"} 1`,
  ]);
  for (const [name, value] of Object.entries({
    volume_autoscaler_resize_evaluated_total: 1,
    volume_autoscaler_resize_attempted_total: 1,
    volume_autoscaler_resize_successful_total: 1,
    volume_autoscaler_resize_failure_total: 0,
    volume_autoscaler_num_valid_pvcs: 2,
    volume_autoscaler_num_pvcs_above_threshold: 1,
    volume_autoscaler_num_pvcs_below_threshold: 1,
  })) {
    assert.deepEqual(await series(name), [`${name} ${value}`]);
  }
});

test('what was counted of a claim goes with it, and without a wish nothing is counted at all', async () => {
  const { series, claims, busy: metrics, book } = bookFor('gardener');
  metrics.expanded('nfs');
  metrics.remove();
  assert.equal(book.ledger.look(busy.key), undefined);
  claims.delete(busy.key);
  assert.deepEqual(await series('pvc_autoscaler_resized_total'), []);
  assert.equal(publishPeers(new MetricsRegistry(), new Set(), { managed: () => [] }), undefined);
});

test('no name is published twice, also with all tools together, and each is said once', async () => {
  const names = Object.values(peerMetrics).flatMap((table) => Object.keys(table));
  assert.equal(new Set(names).size, names.length);
  const registry = new MetricsRegistry();
  publishPeers(registry, new Set(['pvc-chonker', 'autoresizer', 'gardener', 'volume-autoscaler']), {
    managed: () => [calm],
  });
  const text = await registry.expose();
  for (const name of names) assert.equal(text.split(`# TYPE ${name} `).length, 2, name);
});

test('the tools are named in a list, as YAML or with commas; an unknown one is refused with those that there are', () => {
  const resolve = (metricsCompat: unknown) => resolveConfiguration({ flags: {}, env: {}, file: { metricsCompat } });
  for (const given of [['gardener', 'autoresizer'], 'gardener, autoresizer']) {
    const found = resolve(given);
    assert.ok(found.kind === 'resolved');
    assert.deepEqual([...found.values.metricsCompat], ['gardener', 'autoresizer']);
  }
  const empty = resolve('');
  assert.ok(empty.kind === 'resolved' && empty.values.metricsCompat.size === 0);
  const refused = resolve('gardner');
  assert.ok(refused.kind === 'invalid');
  assert.match(
    refused.problems[0]?.message ?? '',
    /metricsCompat \(file\) is "gardner" and names "gardner"; it must be a list of "pvc-chonker"/,
  );
});
