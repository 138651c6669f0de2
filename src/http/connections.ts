/** Connections of one address: each takes memory and a descriptor of the process, also while nothing is asked on it. */
import type { Server } from 'node:net';

/** Far more than browsers and proxies open; what is beyond them is closed at once, and those of other addresses are not. */
export const OF_ONE_ADDRESS = 2_000;

export function limitConnections(server: Server, atMost: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const count = open.get(address) ?? 0;
    if (count >= atMost) return void socket.destroy();
    open.set(address, count + 1);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}
