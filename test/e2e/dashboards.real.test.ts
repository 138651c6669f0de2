/** Every query of the dashboards, and every rule, asked of a real Prometheus that scrapes a running Larder. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { peers } from '../../src/expand/compat/compat-setting.ts';
import { peerMetrics } from '../../src/expand/compat/peer-metrics.ts';
import { kinds } from '../../src/kube/index.ts';
import { runChild } from '../tools/child.ts';
import { missingPrometheus, startPrometheus } from '../tools/prometheus.ts';
import { lacking, pathOf } from '../tools/run-tool.ts';
import { dashboardsOf } from './chart/dashboards.ts';
import { applyClaim, bound, clientOf } from './claims.ts';
import { ask, QUIET } from './dashboard-queries.ts';
import { eventually, startLarder, temporaryFolder } from './larder.ts';

const ALERTS = resolve(import.meta.dirname, '../../deploy/alerts/larder.yaml');

const BORROWED = ['--metrics-compat', peers.join()] as const;
/** Of volumes that are full, or cannot grow. */
const FULL: readonly string[] = ['LarderVolumeNearlyFull', 'LarderVolumeFull', 'LarderAtLargestSize'];

/** Counters under the names of other tools, of growths that the demo has. */
const GROWN: readonly string[] = [
  'pvcchonker_resizer_success_resize_total',
  'pvcautoresizer_success_resize_total',
  'pvc_autoscaler_resized_total',
  'volume_autoscaler_resize_successful_total',
];

const rules = z.object({
  data: z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ name: z.string(), health: z.string(), state: z.string().optional() })) }),
    ),
  }),
});

test('every panel has data from a running Larder, and every rule is evaluated, with no alert in a healthy one', {
  skip: await missingPrometheus(),
}, async (t) => {
  const data = temporaryFolder((remove) => t.after(remove));
  const larder = await startLarder(data, ['--demo', '--enable-webhook', '--watch-interval', '2s', ...BORROWED]);
  t.after(() => larder.kill('SIGKILL'));
  const targets = [{ targets: [larder.console.host] }];
  const job = { job_name: 'larder', scrape_interval: '1s', honor_labels: true, static_configs: targets };
  const text = readFileSync(ALERTS, 'utf8').replaceAll(/^( {2}- name: .*)$/gm, '$1\n    interval: 1s');
  const prometheus = await startPrometheus({ scrape: JSON.stringify([job]), rules: text });
  t.after(() => prometheus.close());

  await eventually('a scrape', async () => ((await ask(prometheus, 'larder_leader')).length > 0 ? true : undefined));
  const client = await clientOf(larder);
  await applyClaim(client, { name: 'short-lived', size: '1Mi' });
  await bound(client, 'default', 'short-lived');
  await client.delete(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'short-lived' });

  let asked = 0;
  for (const { title, panels } of dashboardsOf(join(import.meta.dirname, '../../deploy/grafana'))) {
    for (const panel of panels) {
      for (const { expr } of panel.targets) {
        const filled = expr.replaceAll('$namespace', '.*');
        asked += 1;
        if (panel.title in QUIET) await ask(prometheus, filled);
        else
          await eventually(
            `${title}, ${panel.title}: ${filled}`,
            async () => (await ask(prometheus, filled)).length > 0 || undefined,
          );
      }
    }
  }
  t.diagnostic(`${asked} queries`);
  const { groups } = rules.parse(await (await fetch(`${prometheus.url}/api/v1/rules`)).json()).data;
  const all = groups.flatMap((group) => group.rules);
  assert.ok(all.length >= 20, `${all.length}`);
  assert.deepEqual(
    all.filter(({ health }) => health !== 'ok'),
    [],
  );
  // The demo fills its volumes; nothing else may even begin to be one.
  const begun = all.filter(({ name, state }) => state !== undefined && state !== 'inactive' && !FULL.includes(name));
  assert.deepEqual(begun, []);
  for (const name of GROWN) {
    await eventually(name, async () => (await ask(prometheus, `max(${name}) >= 1`)).length > 0 || undefined);
  }
  for (const record of ['namespace:pvc_chonker_used_bytes:sum', 'outcome:pvc_chonker_expansion_outcomes:increase1d']) {
    assert.ok((await ask(prometheus, record)).length > 0, record);
  }
});

test('promtool finds nothing wrong in what a running Larder exposes under its own names', {
  skip: await lacking('promtool'),
}, async (t) => {
  const home = temporaryFolder((remove) => t.after(remove));
  const larder = await startLarder(join(home, 'data'), BORROWED);
  t.after(() => larder.kill('SIGKILL'));
  const exposed = await (await fetch(new URL('/metrics', larder.console))).text();
  const borrowed = Object.values(peerMetrics).flatMap((table) => Object.keys(table));
  // Some of these break the rules of Prometheus, where they come from as well.
  const families = exposed.split(/^(?=# HELP )/m);
  const own = families.filter((family) => !borrowed.some((name) => family.startsWith(`# HELP ${name} `)));
  assert.ok(
    own.length >= 40 && families.length - own.length === borrowed.length,
    `${own.length} of ${families.length}`,
  );
  const file = join(home, 'metrics.txt');
  const check = async (text: string) => {
    writeFileSync(file, text);
    const args = ['-c', 'exec "$0" check metrics < "$1"', await pathOf('promtool'), file];
    return runChild({ command: 'sh', args, cwd: home, env: { PATH: process.env['PATH'] }, limitMs: 60_000 });
  };
  const { code, output } = await check(own.join(''));
  assert.equal(code, 0, output);
  const wrong = await check('# HELP larder_bad_total Bad.\n# TYPE larder_bad_total gauge\nlarder_bad_total 1\n');
  assert.match(wrong.output, /larder_bad_total non-counter metrics should not have "_total" suffix/);
});
