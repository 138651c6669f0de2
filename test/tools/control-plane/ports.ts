/** Free ports that stay free while a server is restarted. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

const LOWEST = 10_000;
const EPHEMERAL_BY_DEFAULT = 32_768;
const TRIES = 200;

/**
 * Below those that the kernel gives to outgoing connections: one of them could take the port of a server that is down
 * for a moment. All are held until the last is found, so that none comes twice.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const highest = lowestEphemeral();
  const held: { readonly port: number; readonly server: Server }[] = [];
  for (let attempt = 0; held.length < count && attempt < TRIES; attempt += 1) {
    const port = randomInt(LOWEST, highest);
    const server = await listen(port);
    if (server !== undefined) held.push({ port, server });
  }
  await Promise.all(held.map(({ server }) => once(server.close(), 'close')));
  if (held.length < count) throw new Error(`no ${count} free ports between ${LOWEST} and ${highest}`);
  return held.map(({ port }) => port);
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen(port, '127.0.0.1');
  return listening.then(
    () => server,
    () => undefined, // somebody has it
  );
}

function lowestEphemeral(): number {
  try {
    const [low] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/);
    return Math.max(Number(low) || EPHEMERAL_BY_DEFAULT, LOWEST + TRIES);
  } catch {
    return EPHEMERAL_BY_DEFAULT; // not Linux
  }
}
