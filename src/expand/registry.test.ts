import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { events, metrics } from './registry.ts';

test('the metrics of the requirement have exactly their names, types and labels', () => {
  const required = {
    pvc_chonker_expansions_total: ['counter', 'pvc', 'namespace', 'provider'],
    pvc_chonker_expansion_failures_total: ['counter', 'pvc', 'namespace', 'reason'],
    pvc_chonker_loop_duration_seconds: ['histogram'],
    pvc_chonker_threshold_reached_total: ['counter', 'pvc', 'namespace', 'type'],
    pvc_chonker_max_size_reached_total: ['counter', 'pvc', 'namespace'],
    pvc_chonker_pvc_unhealthy_total: ['counter', 'pvc', 'namespace'],
  } as const;
  for (const [name, [type, ...labels]] of Object.entries(required)) {
    const entry = Object.entries(metrics).find(([declared]) => declared === name)?.[1];
    assert.deepEqual([entry?.type, ...(entry?.labels ?? [])], [type, ...labels], name);
  }
});

test('names follow the rules of Prometheus: counters end in _total, nothing else does, and all have help', () => {
  for (const [name, { type, help }] of Object.entries(metrics)) {
    assert.match(name, /^pvc_chonker_[a-z_]+$/);
    assert.equal(name.endsWith('_total'), type === 'counter', name);
    assert.notEqual(help, '');
  }
  new MetricsRegistry().register(metrics);
});

test('events are the closed set of the interface', () => {
  const byType = (type: string): readonly string[] =>
    Object.entries(events)
      .filter(([, entry]) => entry.type === type)
      .map(([reason]) => reason)
      .sort();
  assert.deepEqual(byType('Normal'), [
    'Expanded',
    'ExpansionRecovered',
    'ExpansionRequested',
    'GroupCoordinated',
    'WaitsForBackup',
    'WaitsForWindow',
    'WouldExpand',
  ]);
  assert.deepEqual(byType('Warning'), [
    'ApprovalRequired',
    'BudgetExceeded',
    'DriverFailing',
    'ExpansionFailed',
    'ExpansionIneffective',
    'ExpansionInfeasible',
    'ExpansionStuck',
    'ForeignWriter',
    'InvalidConfiguration',
    'MaxSizeReached',
    'NotExpandable',
    'QuotaWouldBeExceeded',
    'SnapshotRequired',
  ]);
});
