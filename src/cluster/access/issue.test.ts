import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSshPublicKey } from '../../ledger/ssh-public-key.ts';
import { SshWireReader } from '../../ledger/ssh-wire.ts';
import { privateFolder } from '../secrets/private-folder.ts';
import { type Issuing, issueCertificate, operatorOfKey } from './issue.ts';
import { authorityLine } from './ssh-certificate.ts';

const { privateKey: authority } = generateKeyPairSync('ed25519');
const HOUR = 3_600_000;
const now = Date.UTC(2026, 2, 1, 12);

function issuing(role: 'admin' | 'operator' = 'operator', publicKey = someKey()): Issuing {
  const operator = { id: 'ana', sshKey: `${publicKey} ana@desk`, role };
  return { cluster: 'home', operator, publicKey, authority, now, lifeMs: 8 * HOUR };
}

function someKey(): string {
  return authorityLine(generateKeyPairSync('ed25519').privateKey);
}

test('a certificate is signed by the authority, over all that it says', () => {
  const { line } = issueCertificate(issuing());
  const bytes = Buffer.from(line.split(' ')[1] ?? '', 'base64');
  const reader = new SshWireReader(bytes);
  const [type, , , serial, kind, id] = [
    reader.word(),
    reader.string(),
    reader.string(),
    reader.take(8),
    reader.uint32(),
    reader.word(),
  ];
  const principals = reader.string();
  const [after, before] = [reader.take(8).readBigUInt64BE(), reader.take(8).readBigUInt64BE()];
  for (let left = 3; left > 0; left -= 1) reader.string();
  const signer = reader.string();
  const signature = reader.string();
  reader.end();
  assert.deepEqual([type, kind, id], ['ssh-ed25519-cert-v01@openssh.com', 1, 'ana@home']);
  assert.equal(serial.readUInt8() & 0x80, 0);
  assert.equal(new SshWireReader(principals).word(), 'larder-operator');
  assert.deepEqual([after, before], [BigInt(now / 1000 - 300), BigInt(now / 1000 + 8 * 3600)]);
  const { key } = readSshPublicKey(signer);
  const signed = new SshWireReader(signature);
  assert.equal(signed.word(), 'ssh-ed25519');
  const body = bytes.subarray(0, bytes.length - signature.length - 4);
  assert.ok(verify(null, body, key, signed.string()));
});

test('nobody gets more than twelve hours, and only an admin may change', () => {
  const { until } = issueCertificate({ ...issuing(), lifeMs: 1000 * HOUR });
  assert.equal(until, now + 12 * HOUR);
  const line = issueCertificate(issuing('admin')).line;
  assert.ok(Buffer.from(line.split(' ')[1] ?? '', 'base64').includes('larder-admin'));
});

test('ssh-keygen reads it as it was meant, for every kind of key', (t) => {
  if (spawnSync('ssh-keygen', ['-?']).error) return t.skip('ssh-keygen is not here');
  using folder = privateFolder({});
  for (const [index, kind] of [
    ['ed25519'],
    ['ecdsa', '-b', '256'],
    ['ecdsa', '-b', '521'],
    ['rsa', '-b', '2048'],
  ].entries()) {
    const path = join(folder.path, `key${index}`);
    assert.equal(spawnSync('ssh-keygen', ['-q', '-N', '', '-C', '', '-f', path, '-t', ...kind]).status, 0);
    const publicKey = spawnSync('ssh-keygen', ['-y', '-f', path], { encoding: 'utf8' })
      .stdout.trim()
      .split(' ', 2)
      .join(' ');
    const { line, serial } = issueCertificate(issuing('admin', publicKey));
    writeFileSync(`${path}-cert.pub`, line);
    const { stdout, status } = spawnSync('ssh-keygen', ['-L', '-f', `${path}-cert.pub`], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    });
    assert.equal(status, 0);
    assert.match(stdout, /user certificate\n/);
    assert.match(stdout, /Key ID: "ana@home"/);
    assert.match(stdout, new RegExp(`Serial: ${serial}\\n`));
    assert.match(stdout, /Valid: from 2026-03-01T11:55:00 to 2026-03-01T20:00:00/);
    assert.match(stdout, /Principals: \n\s+larder-admin\n\s+larder-operator\n/);
    assert.match(stdout, /Critical Options: \(none\)\n\s+Extensions: \n\s+permit-pty\n/);
  }
});

test('only a key of cluster.yaml gets one', () => {
  const { operator } = issuing();
  const spec = { operators: [operator] };
  assert.equal(operatorOfKey(spec, operator.sshKey).kind, 'operator');
  const stranger = operatorOfKey(spec, someKey());
  assert.match(stranger.kind === 'refused' ? stranger.message : '', /no operator of cluster\.yaml has this key/);
  assert.equal(operatorOfKey(spec, 'no key').kind, 'refused');
});
