/** The chart's alerts as Prometheus understands them: when each speaks, and when it is silent. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { lacking, runTool } from '../tools/run-tool.ts';
import { type AlertCase, alertCases, recordingCases } from './chart/alert-cases.ts';
import { helmFor, only } from './chart/helm.ts';
import { temporaryFolder } from './larder.ts';

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
  assert.match(checked.output, new RegExp(`${alertCases.length + recordingCases.length} rules found`));
  const said: readonly { readonly alert: string; readonly annotations: Annotations }[] = groups[0].rules;
  assert.deepEqual(
    said.map(({ alert }) => alert),
    alertCases.map(({ alert }) => alert),
  );
  const recorded: readonly { readonly record: string }[] = groups[1].rules;
  assert.deepEqual(
    recorded.map(({ record }) => record),
    recordingCases.map(({ record }) => record),
  );
  const tests = [
    ...alertCases.flatMap((each) => [unitTest(each, true, said), unitTest(each, false, said)]),
    ...recordingCases.map(recordingTest),
  ];
  writeFileSync(join(home, 'tests.yaml'), stringify({ rule_files: ['alerts.yaml'], evaluation_interval: '1m', tests }));
  const { code, output } = await runTool('promtool', ['test', 'rules', 'tests.yaml'], { home });
  assert.equal(code, 0, output);
});

function unitTest(
  { alert, labels, severity, speaks, silent, summary }: AlertCase,
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

function recordingTest({ record, series, gives }: (typeof recordingCases)[number]): object {
  return {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: record,
        eval_time: '90m',
        exp_samples: Object.entries(gives).map(([labels, value]) => ({ labels: `${record}${labels}`, value })),
      },
    ],
  };
}

test('promtool notices an alert that never speaks', { skip: await lacking('promtool') }, async (t) => {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-alerts-');
  const mute = parse('groups: [{ name: a, rules: [{ alert: LarderExportDown, expr: larder_export_up == 2 }] }]');
  writeFileSync(join(home, 'alerts.yaml'), stringify(mute));
  const one = alertCases.find(({ alert }) => alert === 'LarderExportDown');
  assert.ok(one);
  const tests = [unitTest(one, true, [])];
  writeFileSync(join(home, 'tests.yaml'), stringify({ rule_files: ['alerts.yaml'], evaluation_interval: '1m', tests }));
  const { code, output } = await runTool('promtool', ['test', 'rules', 'tests.yaml'], { home });
  assert.notEqual(code, 0);
  assert.match(output, /alertname: LarderExportDown/);
});
