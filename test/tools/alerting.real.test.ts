/** promtool and amtool tell good files from bad ones. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../e2e/larder.ts';
import { lacking, runTool } from './run-tool.ts';

const rules = (expression: string): string => `groups:
  - name: storage
    rules:
      - alert: VolumeNearlyFull
        expr: ${expression}
        for: 5m
        labels: { severity: warning }
`;

const unitTest = (value: number): string => `rule_files: [good.yaml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series: [{ series: 'larder_volume_used_ratio{volume="data"}', values: '${value}x20' }]
    alert_rule_test:
      - eval_time: 10m
        alertname: VolumeNearlyFull
        exp_alerts: [{ exp_labels: { severity: warning, volume: data } }]
`;

test('promtool checks and tests rules', { skip: await lacking('promtool') }, async (t) => {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-promtool-');
  const write = (name: string, text: string): void => writeFileSync(join(home, name), text);
  write('good.yaml', rules('larder_volume_used_ratio > 0.9'));
  write('bad.yaml', rules('larder_volume_used_ratio >> 0.9'));
  write('full.yaml', unitTest(0.95));
  write('empty.yaml', unitTest(0.1));
  const run = (...args: readonly string[]) => runTool('promtool', args, { home });
  const good = await run('check', 'rules', 'good.yaml');
  assert.deepEqual([good.code, /SUCCESS: 1 rules found/.test(good.output)], [0, true], good.output);
  const bad = await run('check', 'rules', 'bad.yaml');
  assert.notEqual(bad.code, 0);
  assert.match(bad.output, /bad\.yaml.*could not parse expression/s);
  assert.equal((await run('test', 'rules', 'full.yaml')).code, 0);
  const silent = await run('test', 'rules', 'empty.yaml');
  assert.notEqual(silent.code, 0);
  assert.match(silent.output, /alertname: VolumeNearlyFull, time: 10m/);
});

const routing = (receiver: string): string => `route:
  receiver: mail
  routes: [{ receiver: ${receiver}, matchers: ['severity="critical"'] }]
receivers:
  - name: mail
  - name: pager
`;

test('amtool checks and follows a configuration', { skip: await lacking('amtool') }, async (t) => {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-amtool-');
  writeFileSync(join(home, 'good.yaml'), routing('pager'));
  writeFileSync(join(home, 'bad.yaml'), routing('nobody'));
  const run = (...args: readonly string[]) => runTool('amtool', args, { home });
  const good = await run('check-config', 'good.yaml');
  assert.deepEqual([good.code, /2 receivers/.test(good.output)], [0, true], good.output);
  const bad = await run('check-config', 'bad.yaml');
  assert.notEqual(bad.code, 0);
  assert.match(bad.output, /undefined receiver "nobody" used in route/);
  const routed = await run('config', 'routes', 'test', '--config.file=good.yaml', 'severity=critical');
  assert.equal(routed.output.trim(), 'pager');
});
