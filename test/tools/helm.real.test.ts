/** helm renders a chart, and keeps a release of it on a real control plane. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../e2e/larder.ts';
import { ask } from './control-plane/ask.ts';
import { programs } from './control-plane/flags.ts';
import { controlPlaneFor } from './control-plane.ts';
import { lacking, runTool } from './run-tool.ts';

function writeChart(folder: string): void {
  mkdirSync(join(folder, 'templates'), { recursive: true });
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: probe\nversion: 0.1.0\nkubeVersion: ">=1.30.0-0"\n');
  writeFileSync(join(folder, 'values.yaml'), 'class: directory\nretain: true\n');
  writeFileSync(
    join(folder, 'templates', 'class.yaml'),
    `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: {{ .Values.class | quote }}
provisioner: larder.dev/directory
reclaimPolicy: {{ ternary "Retain" "Delete" .Values.retain }}
`,
  );
}

test('helm templates, installs, upgrades and uninstalls a chart', {
  skip: await lacking('helm', ...programs),
}, async (t) => {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-helm-');
  writeChart(join(home, 'probe'));
  const plane = await controlPlaneFor(t);
  const succeed = async (...args: readonly string[]): Promise<string> => {
    const { code, output } = await runTool('helm', args, { home, env: { KUBECONFIG: plane.kubeconfig } });
    assert.equal(code, 0, output);
    return output;
  };
  const classes = '/apis/storage.k8s.io/v1/storageclasses/directory';
  assert.match(await succeed('template', 'mine', 'probe'), /^ {2}name: "directory"\n.*\nreclaimPolicy: Retain$/m);
  await succeed('install', 'mine', 'probe', '--create-namespace', '--namespace', 'storage', '--wait');
  const { reclaimPolicy, metadata } = JSON.parse((await ask(plane, classes)).text);
  assert.equal(reclaimPolicy, 'Retain');
  assert.equal(metadata.labels['app.kubernetes.io/managed-by'], 'Helm');
  // A policy cannot be changed in place: the API server refuses, and helm says so.
  const changed = ['upgrade', 'mine', 'probe', '--namespace', 'storage', '--set', 'retain=false'];
  const refused = await runTool('helm', changed, { home, env: { KUBECONFIG: plane.kubeconfig } });
  assert.notEqual(refused.code, 0);
  assert.match(refused.output, /is invalid: reclaimPolicy: /);
  await succeed('upgrade', 'mine', 'probe', '--namespace', 'storage', '--set', 'class=other');
  assert.equal((await ask(plane, classes)).status, 404);
  assert.match(await succeed('list', '--namespace', 'storage'), /^mine\s+storage\s+3\s.*\bdeployed\s+probe-0\.1\.0/m);
  await succeed('uninstall', 'mine', '--namespace', 'storage', '--wait');
  assert.equal((await ask(plane, '/apis/storage.k8s.io/v1/storageclasses/other')).status, 404);
});
