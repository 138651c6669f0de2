import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterHosts, hostProblem } from './hosts.ts';

const hosts = clusterHosts(['larder.example.com']);

test('on a cluster the port answers to addresses, Services, localhost and names that were given', () => {
  for (const host of [
    ...['10.42.0.7:8080', '127.0.0.1', '[fd00::7]:8080', 'localhost:9000', 'larder:8080', 'larder.larder-system.svc'],
    ...['larder.larder-system.svc.cluster.local:8080', 'larder.example.com', 'LARDER.example.com:443'],
  ]) {
    assert.equal(hostProblem(hosts, host, undefined), undefined, host);
  }
});

test('a name that anybody can let resolve to anything is refused', () => {
  for (const host of [
    ...['evil.example', 'larder.example.com.evil.example', 'x.svc.evil.example', 'evil.example:8080', '', undefined],
    ...[
      '127.0.0.1.evil.example',
      'larder.svc.cluster.local.evil.example',
      'localhost.evil.example',
      'a b',
      '1.2.3.4.evil',
    ],
  ]) {
    assert.match(hostProblem(hosts, host, undefined) ?? '', /must be addressed to/, host);
  }
});

test('a request that comes from a page comes from a page of the same server', () => {
  const own = 'larder.example.com';
  for (const origin of [`https://${own}`, `http://${own}`]) assert.equal(hostProblem(hosts, own, origin), undefined);
  assert.equal(hostProblem(hosts, '10.0.0.1:8080', 'http://10.0.0.1:8080'), undefined);
  for (const [host, origin] of [
    [own, `http://${own}:8080`],
    [own, 'http://10.0.0.1'],
    [own, 'null'],
    [own, ''],
    ['10.0.0.1:8080', 'http://10.0.0.1:8081'],
    ['10.0.0.1:8080', 'http://10.0.0.2:8080'],
  ] as const) {
    assert.match(hostProblem(hosts, host, origin) ?? '', /comes from/, `${host} ${origin}`);
  }
});
