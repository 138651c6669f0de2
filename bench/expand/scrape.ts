/**
 * The least that asking kubelets can cost: gets a summary from each address, parses it and drops it, so many times.
 * `node bench/expand/scrape.ts TOKEN-FILE CA-FILE PASSES PORT…` prints the processor time of a pass, milliseconds.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';

const [tokenFile = '', caFile = '', passes = '', ...ports] = process.argv.slice(2);
const IN_FLIGHT = 32;

const dispatcher = new Agent({
  connect: { ca: readFileSync(caFile, 'utf8') },
  connections: 1,
  keepAliveTimeout: 80_000,
});
const headers = { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` };
let pods = 0;

async function pass(): Promise<void> {
  const queue = [...ports];
  const worker = async (): Promise<void> => {
    for (let port = queue.shift(); port !== undefined; port = queue.shift()) {
      const { body } = await request(`https://127.0.0.1:${port}/stats/summary`, { dispatcher, headers });
      const summary: { pods: readonly unknown[] } = JSON.parse(await body.text());
      pods += summary.pods.length;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

await pass(); // connections are made, code is compiled
const before = process.cpuUsage();
for (let count = 0; count < Number(passes); count += 1) await pass();
const { user, system } = process.cpuUsage(before);
await dispatcher.destroy();
process.stdout.write(`${(user + system) / 1_000 / Number(passes)} ${pods}\n`);
