/** The informer over TLS on two servers: how soon it has all claims, and how soon it hears of what somebody changes. */
import { createCache, kinds } from '../../src/kube/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { type BenchRow, distribution } from '../report.ts';
import { claimOf, each, IN_FLIGHT } from './load.ts';
import { type Server, startEmbedded, startReal, withoutReal } from './server.ts';

const CLAIMS = 5_000;
const CHANGES = 3_000;
const LISTS = 5;

interface Measured {
  readonly readyMs: readonly number[];
  readonly latencyMs: readonly number[];
  readonly perSecond: number;
}

export async function compareInformers(): Promise<{
  readonly rows: readonly BenchRow[];
  readonly notes: readonly string[];
}> {
  const real = await startReal({ controllers: false });
  if (typeof real === 'string') return { rows: [], notes: [withoutReal(real)] };
  try {
    const embedded = await startEmbedded();
    const own = await measure(embedded).finally(() => embedded.stop());
    return { rows: rowsOf(own, await measure(real)), notes: [] };
  } finally {
    await real.stop();
  }
}

async function measure(server: Server): Promise<Measured> {
  const { client } = server;
  await each(CLAIMS, (index) => client.create(kinds.PersistentVolumeClaim, claimOf(`claim-${index}`, 'bench')));
  const readyMs: number[] = [];
  for (let index = 0; index < LISTS; index += 1) readyMs.push(await timeToReady(server));
  return { readyMs, ...(await follow(server)) };
}

const cacheOf = ({ client }: Server) =>
  createCache({
    client,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    resource: kinds.PersistentVolumeClaim,
  });

async function timeToReady(server: Server): Promise<number> {
  const cache = cacheOf(server);
  const stop = new AbortController();
  const startMs = performance.now();
  const running = cache.run(stop.signal);
  await cache.synced();
  const ms = performance.now() - startMs;
  if (cache.size !== CLAIMS) throw new Error(`${cache.size} claims in the cache`);
  stop.abort();
  await running;
  return ms;
}

/** From before each patch to its event. */
async function follow(server: Server): Promise<Pick<Measured, 'latencyMs' | 'perSecond'>> {
  const cache = cacheOf(server);
  const stop = new AbortController();
  const running = cache.run(stop.signal);
  await cache.synced();
  const sent = new Map<string, number>();
  const latencyMs: number[] = [];
  const all = Promise.withResolvers<void>();
  cache.onChange(({ key }) => {
    const sentMs = sent.get(key);
    if (sentMs === undefined) return;
    latencyMs.push(performance.now() - sentMs);
    if (latencyMs.length === CHANGES) all.resolve();
  });
  const startMs = performance.now();
  await each(CHANGES, (index) => {
    const name = { namespace: 'default', name: `claim-${index}` };
    sent.set(`default/claim-${index}`, performance.now());
    const value = { metadata: { annotations: { changed: 'yes' } } };
    return server.client.patch(kinds.PersistentVolumeClaim, name, { kind: 'merge', value });
  });
  await all.promise;
  const seconds = (performance.now() - startMs) / 1000;
  stop.abort();
  await running;
  return { latencyMs, perSecond: CHANGES / seconds };
}

function rowsOf(embedded: Measured, real: Measured): readonly BenchRow[] {
  const pair = (what: string, unit: string, of: (measured: Measured) => readonly number[]): readonly BenchRow[] => {
    const [own, other] = [distribution(of(embedded)), distribution(of(real))];
    const ratio = { to: 'kube-apiserver', value: own.median / other.median };
    return [
      { what: `${what}: the embedded API`, unit, ...own, ratio },
      { what: `${what}: kube-apiserver`, unit, ...other },
    ];
  };
  const [perSecond, reference] = [embedded.perSecond, real.perSecond];
  return [
    ...pair(`informer of ${CLAIMS} claims ready over TLS`, 'ms', ({ readyMs }) => readyMs),
    ...pair(`patch to event over TLS, ${IN_FLIGHT} in flight`, 'ms', ({ latencyMs }) => latencyMs),
    {
      what: 'patches seen over TLS: the embedded API',
      unit: 'events/s',
      median: perSecond,
      ratio: { to: 'kube-apiserver', value: perSecond / reference },
    },
    { what: 'patches seen over TLS: kube-apiserver', unit: 'events/s', median: reference },
  ];
}
