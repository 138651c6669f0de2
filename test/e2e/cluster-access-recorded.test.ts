/** Who was let in and who was shut out stands in the ledger, each time and before it is done. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ledgerSite, readJson } from './ledger-person.ts';

test('an authority, a certificate and a revocation are each recorded by who gave them, and no key is in it', async (t) => {
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  const ben = await site.person('ben');
  const file = join(site.root, 'cluster.yaml');
  writeFileSync(
    file,
    `name: home
nodes:
  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd}
operators:
  - {id: ana, sshKey: ${ana.publicKey}, role: admin}
  - {id: ben, sshKey: ${ben.publicKey}}
`,
  );
  writeFileSync(`${ben.key}.pub`, `${ben.publicKey}\n`);
  assert.equal((await site.ledger(['init', '--operator', 'ana'], ana)).code, 0);
  const larder = async (...words: readonly string[]): Promise<void> => {
    const args = ['cluster', ...words, '--file', file, '--ledger-key', ana.key];
    const { code, stdout, stderr } = await site.larder(args, undefined, {
      LARDER_LEDGER: '',
      PATH: process.env['PATH'] ?? '',
    });
    assert.equal(code, 0, `${stdout}${stderr}`);
  };
  const recorded = (): readonly string[] =>
    site
      .records()
      .map((path) => readJson(join(site.root, path)))
      .flatMap((record) => (record['type'] === 'action-recorded' ? [JSON.stringify(record)] : []));

  await larder('secrets', 'init', '--yes');
  await larder('access', 'init');
  const before = recorded().length;
  await larder('access', 'issue', '--key', `${ben.key}.pub`, '--for', '2h', '--no-kube-access');
  assert.ok(existsSync(`${ben.key}-cert.pub`));
  const [issued = '', ...others] = recorded().slice(before);
  assert.deepEqual(others, [], 'one certificate is one record');
  assert.match(issued, /SshCertificate/);
  assert.match(issued, /ben, serial \d+, until \d{4}-/);
  assert.match(issued, /larder cluster access issue/);
  assert.match(issued, /"operator":"ana"/);

  await larder('access', 'revoke', '--operator', 'ben', '--reason', 'left the team', '--yes');
  const [revoked = ''] = recorded().slice(before + 1);
  assert.match(revoked, /larder cluster access revoke/);
  assert.match(revoked, /ben/);
  const kept = readdirSync(join(site.root, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n');
  assert.doesNotMatch(kept, /PRIVATE KEY|AGE-SECRET-KEY/);
  assert.equal((await site.ledger(['verify', '--no-cluster'])).code, 0);
});
