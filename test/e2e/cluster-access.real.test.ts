/** A kubeconfig of some hours, signed by a real cluster: who it is, what it may, and when it ends. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { makeAuthority } from '../../src/kube/certificate.ts';
import { createKeyFile } from '../../src/ledger/key-file.ts';
import { programs } from '../tools/control-plane/flags.ts';
import { controlPlaneFor } from '../tools/control-plane.ts';
import { lacking, runTool } from '../tools/run-tool.ts';
import { agePerson, secretSite } from './cluster-secrets.ts';

const HOUR_MS = 3_600_000;

test('access issue gives a kubeconfig that ends with the certificate', {
  skip: await lacking('kubectl', ...programs),
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-access-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const signing = await makeAuthority('signing', { from: Date.now() - HOUR_MS, until: Date.now() + 48 * HOUR_MS });
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('ca.crt'), signing.certificate);
  writeFileSync(at('ca.key'), signing.key);
  const plane = await controlPlaneFor(t, {
    flags: {
      'kube-apiserver': [`--client-ca-file=${at('ca.crt')}`],
      'kube-controller-manager': [
        `--cluster-signing-cert-file=${at('ca.crt')}`,
        `--cluster-signing-key-file=${at('ca.key')}`,
      ],
    },
  });
  const made = await secretSite(t);
  const { folder: home } = made.site;
  mkdirSync(join(home, '.ssh'));
  const { publicKey } = await createKeyFile(join(home, '.ssh/id_ed25519'), 'ana');
  made.write(
    'cluster.yaml',
    `${made.text('cluster.yaml')}operators:\n  - {id: ana, sshKey: ${publicKey}, role: operator}\n`,
  );
  const ana = await agePerson();
  const access = async (...words: readonly string[]) =>
    made.site.larder(['cluster', 'access', ...words, '-f', made.file], undefined, {
      LARDER_LEDGER: '',
      SOPS_AGE_KEY: ana.identity,
    });
  assert.equal((await made.secrets(['init', '--yes'], ana)).code, 0);
  assert.equal((await access('init')).code, 0);
  const own = join(home, '.kube/home.ana.yaml');
  const whoAmI = async () => runTool('kubectl', ['auth', 'whoami', '-o', 'json'], { home, env: { KUBECONFIG: own } });

  await t.test('it says who somebody is, and in which group', async () => {
    const { code, stderr } = await access('issue', '--for', '1h', '--kubeconfig', plane.kubeconfig);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /home\.ana\.yaml: ana in larder:operators, until /);
    assert.equal(statSync(own).mode & 0o777, 0o600);
    const { output } = await whoAmI();
    const { userInfo } = JSON.parse(output).status;
    assert.deepEqual([userInfo.username, userInfo.groups], ['ana', ['larder:operators', 'system:authenticated']]);
  });

  await t.test('it may nothing that its group may not', async () => {
    const { code, output } = await runTool('kubectl', ['get', 'secrets', '-A'], { home, env: { KUBECONFIG: own } });
    assert.notEqual(code, 0);
    assert.match(output, /User "ana" cannot list resource "secrets"/);
  });

  await t.test('it ends when the ssh certificate ends', async () => {
    const config = parse(readFileSync(own, 'utf8'));
    const pem = Buffer.from(config.users[0].user['client-certificate-data'], 'base64');
    const left = new X509Certificate(pem).validToDate.getTime() - Date.now();
    assert.ok(left > 0 && left <= HOUR_MS, String(left));
    const issued = JSON.parse((await access('status', '-o', 'json')).stdout);
    assert.deepEqual([issued.length, issued[0].operator, issued[0].state], [1, 'ana', 'valid']);
  });

  await t.test('without a way to the cluster the ssh certificate is issued, and the rest is said', async () => {
    const { code, stderr } = await access('issue', '--kubeconfig', at('none'));
    assert.equal(code, 1);
    assert.match(stderr, /id_ed25519-cert\.pub: ana, serial[\s\S]*no kubeconfig: [\s\S]*LARDER_ACCESS_KUBECONFIG/);
  });

  await t.test('who may not sign gets no kubeconfig for anybody', async () => {
    const { code, stderr } = await access('issue', '--for', '30m', '--kubeconfig', own);
    assert.equal(code, 2);
    assert.match(stderr, /certificatesigningrequests.*LARDER_ACCESS_KUBECONFIG/);
  });
});
