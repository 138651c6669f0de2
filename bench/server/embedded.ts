/** The program of `startEmbedded`: serves from the folder that its argument names, and prints the path of its kubeconfig. */
import { join } from 'node:path';
import { createEmbedded } from '../../src/embedded/cluster.ts';
import { serve } from '../../src/embedded/server.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';

const folder = process.argv[2] ?? '';
const world = { clock: systemClock, random: systemRandom, log: silentLog };
const dataDir = join(folder, 'state');
const kubeconfig = join(folder, 'kubeconfig');
const embedded = await createEmbedded({ ...world, dataDir });
await serve({ ...world, embedded, dataDir, kubeconfig });
process.stdin.resume().once('end', () => process.exit()); // whoever started it has ended
process.stdout.write(`${kubeconfig}\n`);
