import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isForTrials, readTarget } from './target.ts';

const CONFIG = `
current-context: home
clusters:
- {name: a, cluster: {server: "https://192.0.2.1:6443", certificate-authority: pki/ca.crt}}
- {name: b, cluster: {server: "https://192.0.2.2"}}
contexts:
- {name: home, context: {cluster: a, user: me, namespace: precious}}
- {name: work, context: {cluster: b, user: nobody}}
- {name: lost, context: {cluster: none, user: me}}
users:
- {name: me, user: {client-key: /keys/me, exec: {command: bin/login, args: [--x]}}}
`;

function fileOf(t: TestContext, text: string): { readonly file: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'larder-target-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'config'), text);
  return { file: join(folder, 'config'), folder };
}

test('a context is taken out alone, with its files named from anywhere and a namespace of ours', (t) => {
  const { file, folder } = fileOf(t, CONFIG);
  const found = readTarget(file);
  assert.ok(found.kind === 'found');
  assert.deepEqual(JSON.parse(found.target.textIn('ours')), {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'home',
    clusters: [
      { name: 'a', cluster: { server: 'https://192.0.2.1:6443', 'certificate-authority': join(folder, 'pki/ca.crt') } },
    ],
    users: [
      { name: 'me', user: { 'client-key': '/keys/me', exec: { command: join(folder, 'bin/login'), args: ['--x'] } } },
    ],
    contexts: [{ name: 'home', context: { cluster: 'a', user: 'me', namespace: 'ours' } }],
  });
});

test('what cannot be used says which file and what is wrong', (t) => {
  const { file } = fileOf(t, CONFIG);
  assert.deepEqual(readTarget(file, 'away'), { kind: 'unusable', reason: `${file} has no context away` });
  assert.deepEqual(readTarget(file, 'lost'), {
    kind: 'unusable',
    reason: `${file} has no cluster none, which context lost names`,
  });
  const empty = fileOf(t, '').file;
  assert.deepEqual(readTarget(empty), {
    kind: 'unusable',
    reason: `${empty} has no current context: give --context`,
  });
  const broken = readTarget(fileOf(t, '{').file);
  assert.ok(broken.kind === 'unusable' && broken.reason.includes('cannot be read'));
});

test('only the names that tools for one machine give are not asked about', () => {
  for (const name of ['kind-kind', 'k3d-a', 'minikube', 'docker-desktop']) assert.equal(isForTrials(name), true, name);
  for (const name of ['production', 'gke_p_europe-west1_c', 'default', 'my-kind-production', 'minikube-live']) {
    assert.equal(isForTrials(name), false, name);
  }
});
