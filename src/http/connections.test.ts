import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { limitConnections } from './connections.ts';

test('one address has so many connections, the next is closed, and other addresses have theirs', async (t) => {
  const server = createServer((_request, response) => response.end('well'));
  limitConnections(server, 3);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  /** What comes back: an answer, or the end of the connection. */
  const ask = async (localAddress: string): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
    return Promise.race([
      once(socket, 'data').then(([data]) => String(data).slice(0, 12)),
      once(socket, 'close').then(() => 'closed'),
    ]);
  };
  const answered = 'HTTP/1.1 200';
  assert.deepEqual([await ask('127.0.0.1'), await ask('127.0.0.1'), await ask('127.0.0.1')], Array(3).fill(answered));
  assert.equal(await ask('127.0.0.1'), 'closed');
  if (process.platform === 'linux') assert.equal(await ask('127.0.0.2'), answered);
  else t.diagnostic('loopback has no second address here that another one could come from');
  sockets[0]?.destroy();
  let again = await ask('127.0.0.1');
  while (again !== answered) again = await ask('127.0.0.1'); // the server hears of it a moment later
});
