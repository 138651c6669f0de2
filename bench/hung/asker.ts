/**
 * Asks addresses in turns, over kept connections, until its input ends: `node bench/hung/asker.ts URL…`. Prints one line
 * for each answer: the number of the address, and the milliseconds that it took. In a process of its own, so that the
 * work of who measures does not count. Ends with exit code 1 at any answer but 200.
 */
import { Agent, get } from 'node:http';

const addresses = process.argv.slice(2);
const PAUSE_MS = 10;
const agent = new Agent({ keepAlive: true, maxSockets: addresses.length });

function ask(address: string): Promise<number> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    get(address, { agent }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 200) resolve(performance.now() - startMs);
        else reject(new Error(`${address} answered ${answer.statusCode}`));
      });
    }).once('error', reject);
  });
}

let ended = false;
process.stdin.resume().once('end', () => {
  ended = true;
});
for (const address of addresses) await ask(address); // connections are made, code is compiled
while (!ended) {
  for (const [number, address] of addresses.entries()) process.stdout.write(`${number} ${await ask(address)}\n`);
  await new Promise((next) => setTimeout(next, PAUSE_MS));
}
agent.destroy();
