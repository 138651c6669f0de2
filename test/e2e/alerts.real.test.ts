/** The chart's alerts as Prometheus understands them: when each speaks, and when it is silent. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { lacking, runTool } from '../tools/run-tool.ts';
import { helmFor, only } from './chart/helm.ts';
import { temporaryFolder } from './larder.ts';

interface Case {
  readonly alert: string;
  /** Of the alert, beside its severity. */
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: 'critical' | 'warning';
  /** Series → values when it must speak, and when it must not. */
  readonly speaks: Readonly<Record<string, string>>;
  readonly silent: Readonly<Record<string, string>>;
  readonly summary: string;
}

const volume = '{namespace="default",persistentvolumeclaim="data",class="larder"}';
const claim = '{namespace="default",pvc="data"}';
const ALIVE = { 'larder_build_info{version="1"}': '1x120', larder_leader: '1x120' };

const cases: readonly Case[] = [
  {
    alert: 'LarderDown',
    labels: {},
    severity: 'critical',
    speaks: { larder_leader: '1x120' },
    silent: ALIVE,
    summary: 'No Larder operator is scraped.',
  },
  {
    alert: 'LarderWithoutLeader',
    labels: {},
    severity: 'critical',
    speaks: { 'larder_leader{pod="a"}': '0x120', 'larder_leader{pod="b"}': '0x120' },
    silent: { 'larder_leader{pod="a"}': '0x120', 'larder_leader{pod="b"}': '1x120' },
    summary: 'No Larder operator leads.',
  },
  {
    alert: 'LarderExportDown',
    labels: { export: 'nas:/v' },
    severity: 'critical',
    speaks: { 'larder_export_up{export="nas:/v"}': '0x120' },
    silent: { 'larder_export_up{export="nas:/v"}': '1x120' },
    summary: 'The export nas:/v does not answer.',
  },
  {
    alert: 'LarderExportNearlyFull',
    labels: { export: 'nas:/v' },
    severity: 'warning',
    speaks: {
      'larder_export_free_bytes{export="nas:/v"}': '5x120',
      'larder_export_capacity_bytes{export="nas:/v"}': '100x120',
    },
    silent: {
      'larder_export_free_bytes{export="nas:/v"}': '20x120',
      'larder_export_capacity_bytes{export="nas:/v"}': '100x120',
    },
    summary: 'The export nas:/v has 5% of its room left.',
  },
  {
    alert: 'LarderProvisioningFails',
    labels: { class: 'larder' },
    severity: 'warning',
    speaks: { 'controller_persistentvolumeclaim_provision_failed_total{class="larder",source=""}': '0+1x120' },
    silent: { 'controller_persistentvolumeclaim_provision_failed_total{class="larder",source=""}': '7x120' },
    summary: 'Claims of the class larder are refused or fail.',
  },
  {
    alert: 'LarderRemovalFails',
    labels: { class: 'larder' },
    severity: 'warning',
    speaks: { 'controller_persistentvolume_delete_failed_total{class="larder"}': '0+1x120' },
    silent: { 'controller_persistentvolume_delete_failed_total{class="larder"}': '7x120' },
    summary: 'Volumes of the class larder cannot be removed.',
  },
  {
    alert: 'LarderVolumeNearlyFull',
    labels: { namespace: 'default', persistentvolumeclaim: 'data' },
    severity: 'warning',
    speaks: { [`larder_volume_used_bytes${volume}`]: '95x120', [`larder_volume_limit_bytes${volume}`]: '100x120' },
    silent: { [`larder_volume_used_bytes${volume}`]: '85x120', [`larder_volume_limit_bytes${volume}`]: '100x120' },
    summary: 'default/data is 95% full.',
  },
  {
    alert: 'LarderUsageUnknown',
    labels: { namespace: 'default', persistentvolumeclaim: 'data' },
    severity: 'warning',
    speaks: { [`larder_volume_usage_age_seconds${volume}`]: '28800x120' },
    silent: { [`larder_volume_usage_age_seconds${volume}`]: '600x120' },
    summary: 'default/data was not measured for 8h 0m 0s.',
  },
  {
    alert: 'LarderGrowthStuck',
    labels: { namespace: 'default', pvc: 'data' },
    severity: 'warning',
    speaks: { [`pvc_chonker_stuck${claim}`]: '1x120' },
    silent: { [`pvc_chonker_stuck${claim}`]: '0x120' },
    summary: 'The growth of default/data is stuck.',
  },
  {
    alert: 'LarderAtLargestSize',
    labels: { namespace: 'default', pvc: 'data' },
    severity: 'warning',
    speaks: { [`pvc_chonker_at_max${claim}`]: '1x120' },
    silent: { [`pvc_chonker_at_max${claim}`]: '0x120' },
    summary: 'default/data needs to grow and is at its largest size.',
  },
];

/** What each rule says about itself, so that the expectation holds the summary and this file need not repeat the rest. */
type Annotations = Readonly<Record<string, string>>;

test('every alert of the chart speaks when it must, is silent when all is well, and is understood by promtool', {
  skip: await lacking('helm', 'promtool'),
}, async (t) => {
  const objects = await helmFor(t).render({ nfs: { server: 'nas', path: '/v' }, prometheusRule: { enabled: true } });
  const { groups } = Object(only(objects, 'PrometheusRule')['spec']);
  const home = temporaryFolder((remove) => t.after(remove), 'larder-alerts-');
  writeFileSync(join(home, 'alerts.yaml'), stringify({ groups }));
  const checked = await runTool('promtool', ['check', 'rules', '--lint-fatal', 'alerts.yaml'], { home });
  assert.equal(checked.code, 0, checked.output);
  assert.match(checked.output, new RegExp(`${cases.length} rules found`));
  const said: readonly { readonly alert: string; readonly annotations: Annotations }[] = groups[0].rules;
  assert.deepEqual(
    said.map(({ alert }) => alert),
    cases.map(({ alert }) => alert),
  );
  const tests = cases.flatMap((each) => [unitTest(each, true, said), unitTest(each, false, said)]);
  writeFileSync(join(home, 'tests.yaml'), stringify({ rule_files: ['alerts.yaml'], evaluation_interval: '1m', tests }));
  const { code, output } = await runTool('promtool', ['test', 'rules', 'tests.yaml'], { home });
  assert.equal(code, 0, output);
});

function unitTest(
  { alert, labels, severity, speaks, silent, summary }: Case,
  speaking: boolean,
  said: readonly { readonly alert: string; readonly annotations: Annotations }[],
): object {
  const series = Object.entries(speaking ? speaks : silent).map(([name, values]) => ({ series: name, values }));
  const { description = '' } = said.find((each) => each.alert === alert)?.annotations ?? {};
  const filled = description.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '');
  const expected = { exp_labels: { severity, ...labels }, exp_annotations: { summary, description: filled } };
  return {
    interval: '1m',
    input_series: series,
    alert_rule_test: [{ eval_time: '90m', alertname: alert, exp_alerts: speaking ? [expected] : [] }],
  };
}

test('promtool understands every expression of the dashboard', {
  skip: await lacking('helm', 'promtool'),
}, async (t) => {
  const objects = await helmFor(t).render({ nfs: { server: 'nas', path: '/v' }, dashboard: { enabled: true } });
  const { 'larder.json': text = '' } = Object(only(objects, 'ConfigMap')['data']);
  const panels: readonly { readonly targets: readonly { readonly expr: string }[] }[] = JSON.parse(text).panels;
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  assert.ok(expressions.length >= 14, `${expressions.length}`);
  const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr }));
  const home = temporaryFolder((remove) => t.after(remove), 'larder-alerts-');
  writeFileSync(join(home, 'panels.yaml'), stringify({ groups: [{ name: 'panels', rules }] }));
  const { code, output } = await runTool('promtool', ['check', 'rules', '--lint=none', 'panels.yaml'], { home });
  assert.equal(code, 0, output);
  assert.match(output, new RegExp(`${expressions.length} rules found`));
});

test('promtool notices an alert that never speaks', { skip: await lacking('promtool') }, async (t) => {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-alerts-');
  const mute = parse('groups: [{ name: a, rules: [{ alert: LarderExportDown, expr: larder_export_up == 2 }] }]');
  writeFileSync(join(home, 'alerts.yaml'), stringify(mute));
  const one = cases.find(({ alert }) => alert === 'LarderExportDown');
  assert.ok(one);
  const tests = [unitTest(one, true, [])];
  writeFileSync(join(home, 'tests.yaml'), stringify({ rule_files: ['alerts.yaml'], evaluation_interval: '1m', tests }));
  const { code, output } = await runTool('promtool', ['test', 'rules', 'tests.yaml'], { home });
  assert.notEqual(code, 0);
  assert.match(output, /alertname: LarderExportDown/);
});
