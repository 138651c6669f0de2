/** The addresses of alert routes: from an encrypted file, through the Secret that is rendered, to a real Alertmanager that tells one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { alertmanagerFor } from '../tools/alertmanager.ts';
import { runChild } from '../tools/child.ts';
import { lacking, pathOf } from '../tools/run-tool.ts';
import { agePerson, secretSite } from './cluster-secrets.ts';

const skip = await lacking('alertmanager', 'amtool');
const CONFIG = 'cluster/base/monitoring/generated/alertmanager.yaml';
const SPEC = `name: home
nodes:
  - {name: pi-1.local, address: 192.0.2.1, role: server-agent, storage: ssd}
alerts:
  smtp: {smarthost: 'mail.example.org:587', from: alerts@example.org}
  routes:
    - {id: node-offline, alert: NodeOffline, severity: critical, channel: pager, target: 'sops:secrets/alerting.sops.yaml#pager'}
    - {id: drift, alert: ConfigurationDrift, severity: warning, channel: email, target: 'sops:secrets/alerting.sops.yaml#mail'}
`;
const secret = z.object({ kind: z.literal('Secret'), data: z.record(z.string(), z.string()) });

test('what is rendered is told by a real Alertmanager to the address of the encrypted file, which stands nowhere else', {
  skip,
}, async (t) => {
  const told: string[] = [];
  const pager = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => told.push(text));
    request.on('end', () => response.end());
  });
  pager.listen(0, '127.0.0.1');
  await once(pager, 'listening');
  t.after(() => pager.close().closeAllConnections());
  const address = pager.address();
  const hook = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/hook-of-nobody`;

  const made = await secretSite(t, SPEC);
  const ana = await agePerson();
  assert.equal((await made.secrets(['init', '--yes'], ana)).code, 0);
  const values = `pager: ${hook}\\nmail: ana@example.org`.replaceAll('/', '\\/');
  const edited = await made.secrets(['edit', 'secrets/alerting.sops.yaml'], ana, {
    env: { EDITOR: made.editor('^# Names.*$', values) },
  });
  assert.equal(edited.code, 0, edited.stderr);
  const larder = (...words: readonly string[]) =>
    made.site.larder(['cluster', 'render', '-f', made.file, ...words], undefined, {
      LARDER_LEDGER: '',
      SOPS_AGE_KEY: ana.identity,
    });
  assert.equal((await larder()).code, 0);
  const targets = await larder('--alert-targets');
  assert.equal(targets.code, 0, targets.stderr);
  const folder = join(made.site.folder, 'targets');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(secret.parse(JSON.parse(targets.stdout)).data))
    writeFileSync(join(folder, name), Buffer.from(content, 'base64'));

  const text = made.text(CONFIG);
  assert.ok(!text.includes('hook-of-nobody') && !text.includes('ana@'), 'an address stands in the configuration');
  // Where the Secret is mounted, this folder is here; the shortest wait is enough.
  const local = text
    .replaceAll('/etc/alertmanager/secrets/alert-targets', folder)
    .replace(/group_wait: \w+/, 'group_wait: 1s');
  writeFileSync(join(made.site.folder, 'alertmanager.yaml'), local);
  const checked = await runChild({
    ...{ command: await pathOf('amtool'), args: ['check-config', 'alertmanager.yaml'] },
    ...{ cwd: made.site.folder, env: {}, limitMs: 60_000 },
  });
  assert.equal(checked.code, 0, checked.output);
  assert.match(checked.output, /1 templates/);

  const url = await alertmanagerFor(t, parse(local));
  const arrived = once(pager, 'request');
  const body = JSON.stringify([{ labels: { alertname: 'NodeOffline', node: 'pi-1', severity: 'critical' } }]);
  const headers = { 'content-type': 'application/json' };
  assert.equal((await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body })).status, 200);
  const [request] = await arrived;
  assert.equal(request.url, '/hook-of-nobody');
  await once(request, 'end');
  assert.match(told.join(''), /"receiver":"node-offline".*"alertname":"NodeOffline"/);
});
