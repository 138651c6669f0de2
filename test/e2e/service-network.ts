/** In place of a network of Services: a kube-apiserver that has to reach one asks here, and gets a port of this machine. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import { temporaryFolder } from './larder.ts';

export interface ServiceNetwork {
  /** For kube-apiserver, whose own network it then does not use for Services. */
  readonly flags: readonly string[];
  /** From now on `CLUSTER-IP:PORT` is this port of the loopback interface. */
  lead(address: string, port: number): void;
  /** How often each address was asked for. */
  readonly asked: ReadonlyMap<string, number>;
}

/** It ends with the test. Start it before the control plane. */
export async function serviceNetworkFor(t: TestContext): Promise<ServiceNetwork> {
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-services-');
  const socket = join(folder, 'socket');
  const ports = new Map<string, number>();
  const asked = new Map<string, number>();
  const open = new Set<Duplex>();
  const server = createServer();
  server.on('connect', ({ url = '' }, client: Duplex) => {
    asked.set(url, (asked.get(url) ?? 0) + 1);
    const port = ports.get(url);
    if (port === undefined) return void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const service: Socket = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(service).pipe(client);
    });
    open.add(client);
    client.on('error', () => service.destroy());
    service.on('error', () => client.destroy());
    client.on('close', () => {
      open.delete(client);
      service.destroy();
    });
  });
  server.listen(socket);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const client of open) client.destroy();
  });
  const file = join(folder, 'egress.json');
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: socket } } };
  const egressSelections = [{ name: 'cluster', connection }];
  const configuration = {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections,
  };
  writeFileSync(file, JSON.stringify(configuration));
  return {
    flags: [`--egress-selector-config-file=${file}`],
    lead: (address, port) => void ports.set(address, port),
    asked,
  };
}
