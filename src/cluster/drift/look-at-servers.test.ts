import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createServer } from 'node:tls';
import { type KeyPair, makeAuthority, signServer } from '../../kube/certificate.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { readSpec } from '../spec/read-spec.ts';
import type { Looked } from './finding.ts';
import { lookAtServers } from './look-at-servers.ts';

const DAY_MS = 86_400_000;
const NOW = systemClock.now();
const HOUR = { from: NOW - 3_600_000, until: NOW + 300 * DAY_MS };
const ours = await makeAuthority('cluster', { from: NOW - 10 * DAY_MS, until: NOW + 3650 * DAY_MS });

async function lookAt(t: TestContext, { certificate, key }: KeyPair, servername?: string): Promise<Looked> {
  const server = createServer({ cert: certificate, key }, (socket) => socket.end());
  server.on('tlsClientError', () => undefined); // the client says how it ended
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const text = `name: home\napi: {port: ${port}}\nnodes:\n  - {name: pi-1.lan, address: 127.0.0.1, role: server-agent, storage: ssd}\n`;
  const read = readSpec(text, '2026-01-01');
  assert.ok(read.kind === 'spec', JSON.stringify(read));
  return lookAtServers({
    spec: read.spec,
    server: `https://127.0.0.1:${port}`,
    tls: { ca: ours.certificate, ...(servername === undefined ? {} : { servername }) },
    clock: systemClock,
  });
}

const named = (validity: { from: number; until: number }, by = ours): Promise<KeyPair> =>
  signServer(by, { name: 'server', hosts: ['127.0.0.1'] }, validity);

test('a certificate that the CA has signed is judged by its end and its names', async (t) => {
  const well = await lookAt(t, await named(HOUR));
  assert.deepEqual([well.findings, well.unknown], [[], []]);
  const rows = [
    [{ from: NOW - 2 * DAY_MS, until: NOW - DAY_MS }, undefined, /no client takes: certificate has expired/],
    [{ from: NOW + DAY_MS, until: NOW + 2 * DAY_MS }, undefined, /no client takes: certificate is not yet valid/],
    [{ from: NOW - DAY_MS, until: NOW + 3.5 * DAY_MS }, undefined, /^ends on .*, in 3 days$/],
    [HOUR, 'elsewhere.lan', /no client takes: .*elsewhere\.lan/],
  ] as const;
  for (const [validity, servername, said] of rows) {
    const { findings, unknown } = await lookAt(t, await named(validity), servername);
    assert.deepEqual(unknown, []);
    assert.match(findings.map(({ message }) => message).join('\n'), said);
  }
});

test('an address that merely answers, with a certificate of anybody, is unknown and no drift', async (t) => {
  const selfSigned = await makeAuthority('anybody', HOUR);
  const stranger = await makeAuthority('stranger', { from: NOW - 10 * DAY_MS, until: NOW + 3650 * DAY_MS });
  // The same name and another key, as of a cluster that was made anew.
  const namesake = await makeAuthority('cluster', { from: NOW - 10 * DAY_MS, until: NOW + 3650 * DAY_MS });
  for (const shown of [selfSigned, await named(HOUR, stranger), await named(HOUR, namesake)]) {
    const { findings, unknown } = await lookAt(t, shown);
    assert.deepEqual(findings, []);
    assert.equal(unknown.length, 1);
    assert.match(unknown[0]?.object ?? '', /^API server 127\.0\.0\.1:/);
    assert.match(unknown[0]?.why ?? '', /^something else answers there, not signed by the cluster's CA: /);
  }
});
