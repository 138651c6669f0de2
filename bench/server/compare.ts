/** The same requests to two servers, in turns, so that what else the machine does weighs on both alike. */
import { type Client, kinds, pathOf } from '../../src/kube/index.ts';
import { type BenchRow, distribution } from '../report.ts';
import { claimOf, IN_FLIGHT, rateOf } from './load.ts';
import { type Server, startEmbedded, startReal, withoutReal } from './server.ts';

const ROUNDS = 5;
const TOGETHER = 1_000;
const ALONE = 100;
const WATCHED = 100;
const LISTED = 500;

/** Samples by what was measured. */
interface Samples {
  /** Per second. */
  readonly together: number[];
  /** Milliseconds. */
  readonly alone: number[];
  readonly watch: number[];
  readonly list: number[];
}

export interface Comparison {
  readonly rows: readonly BenchRow[];
  readonly notes: readonly string[];
}

export async function compare(): Promise<Comparison> {
  const real = await startReal({ controllers: false });
  if (typeof real === 'string') return { rows: [], notes: [withoutReal(real)] };
  const embedded = await startEmbedded();
  try {
    const samples = new Map<Server, Samples>();
    for (const server of [embedded, real]) {
      samples.set(server, { together: [], alone: [], watch: [], list: [] });
      await round(server, { together: [], alone: [], watch: [], list: [] }, 'warm');
    }
    for (let index = 0; index < ROUNDS; index += 1) {
      for (const [server, into] of samples) await round(server, into, `round-${index}`);
    }
    return { rows: rowsOf([...samples]), notes: [] };
  } finally {
    await Promise.all([embedded.stop(), real.stop()]);
  }
}

async function round({ client }: Server, into: Samples, prefix: string): Promise<void> {
  const create = (name: string): Promise<unknown> =>
    client.create(kinds.PersistentVolumeClaim, claimOf(`${prefix}-${name}`, 'bench'));
  into.together.push(await rateOf(TOGETHER, (index) => create(`together-${index}`), IN_FLIGHT));
  for (let index = 0; index < ALONE; index += 1) into.alone.push(await msOf(() => create(`alone-${index}`)));
  into.watch.push(...(await watchLatencies(client, create)));
  const page = `${pathOf(kinds.PersistentVolumeClaim)}?limit=${LISTED}`;
  for (let index = 0; index < 5; index += 1) {
    into.list.push(await msOf(async () => (await client.request({ method: 'GET', path: page })).text()));
  }
}

/** From before a write to its event. */
async function watchLatencies(client: Client, create: (name: string) => Promise<unknown>): Promise<readonly number[]> {
  const { resourceVersion } = await client.list(kinds.PersistentVolumeClaim);
  const stop = new AbortController();
  const path = `${pathOf(kinds.PersistentVolumeClaim)}?watch=true&resourceVersion=${resourceVersion}`;
  const watch = await client.request({ method: 'GET', path }, { signal: stop.signal });
  const events = watch.chunks()[Symbol.asyncIterator]();
  const latencies: number[] = [];
  for (let index = 0; index < WATCHED; index += 1) {
    const heard = events.next();
    const startMs = performance.now();
    const written = create(`watched-${index}`);
    await heard;
    latencies.push(performance.now() - startMs);
    await written;
  }
  stop.abort();
  await events.next().catch(() => undefined); // ends with the abort
  return latencies;
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function rowsOf(measured: readonly (readonly [Server, Samples])[]): readonly BenchRow[] {
  const kindsOfRow: readonly (readonly [keyof Samples, what: string, unit: string])[] = [
    ['together', `creates over TLS, ${IN_FLIGHT} in flight`, '1/s'],
    ['alone', 'a create over TLS, one at a time', 'ms'],
    ['watch', 'from a write over TLS to its event', 'ms'],
    ['list', `a page of ${LISTED} claims over TLS`, 'ms'],
  ];
  return kindsOfRow.flatMap(([key, what, unit]) => {
    const spreads = measured.map(([server, samples]) => ({ server, spread: distribution(samples[key]) }));
    const reference = spreads.at(-1);
    return spreads.map(({ server, spread }) => ({
      what: `${what}: ${server.name}`,
      unit,
      ...spread,
      ...(reference && server !== reference.server
        ? { ratio: { to: reference.server.name, value: spread.median / reference.spread.median } }
        : {}),
    }));
  });
}
