/** Certificates as they are shown by real servers, on loopback. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createServer } from 'node:tls';
import { type KeyPair, makeAuthority, signServer } from '../../kube/certificate.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { liveNode } from './live-node.ts';
import { seenCertificates } from './seen-certificates.ts';

const DAY_MS = 86_400_000;
const SECOND_MS = 1_000;
const NOW = systemClock.now();
const LONG = { from: NOW - DAY_MS, until: NOW + 300 * DAY_MS };
const ours = await makeAuthority('cluster', { from: NOW - 10 * DAY_MS, until: NOW + 3650 * DAY_MS });

const signed = (validity: { from: number; until: number }, by = ours): Promise<KeyPair> =>
  signServer(by, { name: 'server', hosts: ['127.0.0.1'] }, validity);

async function shownAt(t: TestContext, { certificate, key }: KeyPair): Promise<number> {
  const server = createServer({ cert: certificate, key }, (socket) => socket.end());
  server.on('tlsClientError', () => undefined); // the client says how it ended
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const nodeAt = (name: string, port: number) =>
  liveNode({
    metadata: { name },
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  });

test('the API server and each kubelet are greeted, and what they show is told with its end', async (t) => {
  const api = await shownAt(t, await signed(LONG));
  const nodes = [
    nodeAt('well', await shownAt(t, await signed({ ...LONG, until: NOW + 20 * DAY_MS }))),
    nodeAt('over', await shownAt(t, await signed({ from: NOW - 2 * DAY_MS, until: NOW - DAY_MS }))),
    nodeAt('own', await shownAt(t, await makeAuthority('anybody', LONG))),
    nodeAt('none', 0),
  ];
  const tls = { ca: ours.certificate, cert: ours.certificate };
  const rows = await seenCertificates({ server: `https://127.0.0.1:${api}`, tls, nodes, clock: systemClock });
  const days = (endsAt?: number): number => Math.round(((endsAt ?? 0) - NOW + SECOND_MS) / DAY_MS);
  assert.deepEqual(
    rows.map(({ object, node, endsAt, isRefused }) => [
      object,
      node,
      endsAt === undefined ? 'none' : days(endsAt),
      isRefused,
    ]),
    [
      [`API server 127.0.0.1:${api}`, '', 300, false],
      ['kubelet', 'well', 20, false],
      ['kubelet', 'over', 'none', true],
      ['kubelet', 'own', 'none', false],
      ['client certificate of Larder', '', 3650, false],
    ],
  );
  assert.match(rows[2]?.why ?? '', /expired/);
  assert.match(rows[3]?.why ?? '', /the CA of the cluster has not signed it/);
});

test('a server that does not answer, or that nobody can check, is not taken for one that is well', async (t) => {
  const port = await shownAt(t, await signed(LONG));
  const unchecked = await seenCertificates({
    ...{ server: `https://127.0.0.1:${port}`, tls: {}, nodes: [], clock: systemClock },
  });
  assert.deepEqual(
    unchecked.map(({ endsAt, why }) => [endsAt, why]),
    [[undefined, 'there is no CA of the cluster to check it with']],
  );
  const gone = await seenCertificates({
    ...{ server: 'http://127.0.0.1:9', tls: { ca: ours.certificate }, nodes: [nodeAt('gone', 9)], clock: systemClock },
  });
  assert.deepEqual(
    gone.map(({ node, endsAt, isRefused }) => [node, endsAt, isRefused]),
    [['gone', undefined, false]],
  );
  assert.match(gone[0]?.why ?? '', /ECONNREFUSED/);
});
