/** Connections of one address: each takes memory and a descriptor of the process, also while nothing is asked on it. */
import type { Server } from 'node:net';
import { createPlaces } from './places.ts';

/** Far more than browsers and proxies open; what is beyond them is closed at once, and those of other addresses are not. */
export const OF_ONE_ADDRESS = 2_000;

export function limitConnections(server: Server, atMost: number): void {
  const places = createPlaces(atMost);
  server.on('connection', (socket) => {
    const leave = places.take(socket.remoteAddress ?? '');
    if (leave) socket.once('close', leave);
    else socket.destroy();
  });
}
