import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type KeyPair, makeAuthority, signServer } from '../../kube/certificate.ts';
import { silentLog } from '../../telemetry/log.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { createCertificateFolder } from './certificate-folder.ts';

test('a certificate that somebody else keeps is served when it is there, when it changes, and never half', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-certificate-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const clock = createManualClock();
  const validity = { from: clock.now(), until: clock.now() + 60_000 };
  const authority = await makeAuthority('test', validity);
  const make = (name: string): Promise<KeyPair> => signServer(authority, { name, hosts: ['localhost'] }, validity);
  const [first, second] = [await make('first'), await make('second')];
  const served: string[] = [];
  const keeper = createCertificateFolder({
    folder,
    serve: ({ certificate }) => void served.push(certificate),
    clock,
    log: silentLog,
  });
  const stop = new AbortController();
  const running = keeper.run(stop.signal);
  /** Files are read by threads that the clock does not know. */
  const look = async (done: () => boolean): Promise<void> => {
    for (let turn = 0; turn < 2_000 && !done(); turn += 1) await clock.advance(turn % 20 === 19 ? 10_000 : 0);
    assert.ok(done());
  };
  await look(() => keeper.state().kind === 'failed');
  const missing = keeper.state();
  assert.ok(missing.kind === 'failed');
  assert.match(missing.reason, /no such file.*tls\./);
  writeFileSync(join(folder, 'tls.crt'), first.certificate);
  writeFileSync(join(folder, 'tls.key'), first.key);
  await look(() => keeper.state().kind === 'serving');
  writeFileSync(join(folder, 'tls.crt'), second.certificate);
  await look(() => keeper.state().kind === 'failed');
  const half = keeper.state();
  assert.ok(half.kind === 'failed');
  assert.match(half.reason, /tls\.key does not belong to tls\.crt$/);
  assert.equal(half.until, Math.floor(validity.until / 1_000) * 1_000);
  assert.deepEqual(served, [first.certificate]);
  writeFileSync(join(folder, 'tls.key'), second.key);
  await look(() => keeper.state().kind === 'serving');
  assert.deepEqual(served, [first.certificate, second.certificate]);
  stop.abort();
  await clock.advance(0);
  await running;
});
