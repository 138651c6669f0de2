/**
 * A Larder whose stream tells of made volumes: everything but the stream and the trends is answered by the real one behind
 * it, and what is streamed is made by the functions of the product.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { VolumeRow } from '../../src/operator/api.ts';
import { type Feed, feedOf, keyOfVolume, patchBetween, snapshotOf } from '../../src/operator/console/feed.ts';

export interface Front {
  /** With the token of the Larder behind it. */
  readonly address: URL;
  /** So many volumes are measured anew each second; 0: none. */
  burst(perSecond: number): void;
  close(): Promise<void>;
}

const GIB = 2n ** 30n;
const TICK_MS = 1_000;
const DAY_MS = 24 * 3_600_000;
const POINTS = 40;
const states = ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'filling', 'needs you', 'unknown', 'paused'] as const;
const kinds = ['plex-config', 'gitlab-repo', 'postgres-data', 'prometheus-db', 'photos', 'mail', 'wiki', 'backups'];

export async function startFront(behind: URL, volumes: number): Promise<Front> {
  let feed = madeFeed(volumes);
  let perSecond = 0;
  let number = 0;
  const pages = new Set<ServerResponse>();
  const tell = (name: string, data: unknown): string =>
    `id: bench.${number}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  const timer = setInterval(() => {
    const next = perSecond === 0 ? feed : measuredAgain(feed, perSecond, number);
    const patch = patchBetween(feed, next);
    feed = next;
    number += 1;
    for (const page of pages) {
      if (patch) page.write(tell('patch', patch));
      page.write(tell('beat', { at: Date.now() }));
    }
  }, TICK_MS);
  const server = createServer((asked, answer) => {
    const path = (asked.url ?? '').split('?', 1)[0];
    if (path === '/api/stream') {
      answer.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      answer.write(tell('snapshot', snapshotOf(feed)) + tell('beat', { at: Date.now() }));
      pages.add(answer);
      answer.on('close', () => pages.delete(answer));
    } else if (path === '/api/trends') trends(asked, answer);
    else pass(behind, asked, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the front has no port');
  return {
    address: new URL(`http://127.0.0.1:${bound.port}/${behind.search}`),
    burst(given) {
      perSecond = given;
    },
    async close() {
      clearInterval(timer);
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function pass(behind: URL, asked: IncomingMessage, answer: ServerResponse): void {
  const { origin } = asked.headers;
  // What is behind answers pages of its own only.
  const headers = { ...asked.headers, host: behind.host, ...(origin === undefined ? {} : { origin: behind.origin }) };
  const through = request(new URL(asked.url ?? '/', behind), { method: asked.method, headers }, (answered) => {
    answer.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(answer);
  });
  through.on('error', () => answer.destroy());
  asked.pipe(through);
}

/** A line for each, so that the table draws what it draws for a user. */
function trends(asked: IncomingMessage, answer: ServerResponse): void {
  let body = '';
  asked.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  asked.on('end', () => {
    const { claims }: { claims: readonly { namespace: string; name: string }[] } = JSON.parse(body);
    const now = Date.now();
    const line = (seed: number) =>
      Array.from({ length: POINTS }, (_, at) => {
        const time = now - DAY_MS + (DAY_MS / POINTS) * at;
        return [time, Math.round((seed + at + 3 * Math.sin(at / 3)) * 1e8), 20 * 2 ** 30];
      });
    const entries = claims.map(({ namespace, name }, index) => [`${namespace}/${name}`, line(index % 17)]);
    answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(Object.fromEntries(entries)));
  });
}

function madeFeed(volumes: number): Feed {
  const rows = Array.from({ length: volumes }, (_, index) => madeRow(index));
  const head = { version: 'bench', cluster: 'bench', startedAt: Date.now(), leader: true, apiUp: true };
  return feedOf({ head, exports: [], volumes: rows, happenings: [] });
}

function madeRow(index: number): VolumeRow {
  const namespace = `team-${index % 97}`;
  const claim = `${kinds[index % kinds.length]}-${index}`;
  const capacity = (BigInt(index % 31) + 1n) * GIB;
  const share = ((index * 37) % 100) / 100;
  const path = `/storage/v/${namespace}/${claim}`;
  return {
    ...{ namespace, claim, volume: `pvc-${index}`, class: 'glusterfs-nfs', phase: 'Bound', path, directory: path },
    ...{ request: capacity.toString(), capacity: capacity.toString(), inodes: String(index) },
    used: BigInt(Math.round(Number(capacity) * share)).toString(),
    usedRatio: share,
    measuredAt: Date.now(),
    ...(index % 3 === 0 ? { fullInMs: (index + 1) * 600_000 } : {}),
    ...{ thresholdRatio: 0.8, ahead: (GIB / 4n).toString(), verdict: 'Hold' },
    state: states[index % states.length] ?? 'ok',
    summary: `holds at ${capacity / GIB}Gi (${Math.round(share * 100)} % used < 80 %)`,
  };
}

/** The next of them in turn, each with a little more in it. */
function measuredAgain(feed: Feed, count: number, turn: number): Feed {
  const rows = [...feed.volumes.values()];
  const first = (turn * count) % rows.length;
  const volumes = new Map(feed.volumes);
  for (let step = 0; step < count; step += 1) {
    const row = rows[(first + step) % rows.length];
    if (!row) continue;
    const used = (BigInt(row.used) + 4_096n) % BigInt(row.capacity);
    const usedRatio = Number((used * 10_000n) / BigInt(row.capacity)) / 10_000;
    volumes.set(keyOfVolume(row), { ...row, used: used.toString(), usedRatio, measuredAt: Date.now() });
  }
  return { ...feed, volumes };
}
