import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpec } from '../spec/read-spec.ts';
import { fingerprint, hostKeyTrouble } from './host-key.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const read = readSpec(
  `name: a
nodes:
  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd, ssh: {hostKey: '${KEY}'}}
  - {name: w.local, address: 192.0.2.2, role: worker, storage: ssd}
`,
  '2026-03-01',
);
const spec = read.kind === 'spec' ? read.spec : assert.fail();

/** As OpenSSH 9.2 writes it. */
const CHANGED = `@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @
The fingerprint for the ED25519 key sent by the remote host is
SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU.
Host key verification failed.`;

test('a fingerprint is the one that ssh-keygen -l prints', () => {
  assert.equal(fingerprint(KEY), 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
});

test('another host key is told with both fingerprints, and one that is not pinned with the way to pin it', () => {
  const said = hostKeyTrouble(spec, 's.local', CHANGED) ?? assert.fail();
  assert.ok(said.includes('SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU'), said);
  assert.ok(said.includes(fingerprint(KEY)), said);
  const unknown =
    'No ED25519 host key is known for 192.0.2.2 and you have requested strict checking.\nHost key verification failed.';
  assert.match(hostKeyTrouble(spec, 'w.local', unknown) ?? '', /is not pinned.*write its public key into ssh\.hostKey/);
  assert.equal(hostKeyTrouble(spec, 's.local', 'Connection timed out'), undefined);
});
