/** Writes config maps, many at a time, and says on stdout which were acknowledged, until it is killed. */
import { writeSync } from 'node:fs';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { createEmbedded } from './cluster.ts';

const [, , dataDir = '', prefix = 'a'] = process.argv;
const { transport } = await createEmbedded({ dataDir, clock: systemClock, random: systemRandom });

async function write(name: string): Promise<void> {
  const path = '/api/v1/namespaces/default/configmaps';
  const answer = await transport.send({ method: 'POST', path, body: JSON.stringify({ metadata: { name } }) });
  if (answer.status === 201) writeSync(1, `${name}\n`);
}

for (let round = 0; ; round += 1) {
  await Promise.all(Array.from({ length: 8 }, (_, index) => write(`${prefix}-${round}-${index}`)));
}
