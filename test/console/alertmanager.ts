/** As much of an Alertmanager as a page needs: alerts that fire, and silences over HTTP (API v2). The real one is in `cluster.real.test.ts`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const posted = z.object({
  id: z.string().optional(),
  matchers: z.array(z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() })),
  startsAt: z.string(),
  endsAt: z.string(),
  createdBy: z.string(),
  comment: z.string(),
});
type Silence = z.infer<typeof posted> & { readonly id: string };

export interface FiringAlert {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface StandInAlertmanager {
  readonly url: string;
  readonly silences: () => readonly Silence[];
  close(): Promise<void>;
}

const STARTED = '2026-03-01T12:00:00Z';

export async function startAlertmanager(firing: readonly FiringAlert[]): Promise<StandInAlertmanager> {
  const silences = new Map<string, Silence>();
  const shown = ({ fingerprint, labels }: FiringAlert): object => {
    const silencedBy = [...silences.values()]
      .filter(({ matchers }) => matchers.every(({ name, value }) => labels[name] === value))
      .map(({ id }) => id);
    const status = { state: silencedBy.length > 0 ? 'suppressed' : 'active', silencedBy, inhibitedBy: [] };
    return { fingerprint, labels, annotations: {}, startsAt: STARTED, status };
  };
  const answerTo = (method: string, path: string, body: string): unknown => {
    if (path.startsWith('/api/v2/alerts')) return firing.map(shown);
    if (path !== '/api/v2/silences') return undefined;
    if (method === 'GET') return [...silences.values()].map((each) => ({ ...each, status: { state: 'active' } }));
    const given = posted.parse(JSON.parse(body));
    const id = given.id ?? `silence-${silences.size + 1}`;
    silences.set(id, { ...given, id });
    return { silenceID: id };
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const answer = answerTo(request.method ?? '', request.url ?? '', body);
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()));
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    silences: () => [...silences.values()],
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the stand-in has no port');
}
