/** What the console is served with: its files, its stream, and the trends of what it shows. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { serveFiles } from '../../http/files.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import { page, style } from '../page.ts';
import type { Operations } from '../server.ts';
import { createHub, type Listener } from './hub.ts';
import { screenPaths } from './screens.ts';

export interface ConsoleOptions {
  readonly operations: Pick<Operations, 'feed' | 'status'>;
  /** Of the built console; undefined: the plain page stands in for it. */
  readonly folder: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** A page that takes so much less than it is sent is cut off; it comes back and resumes. */
const UNREAD_BYTES_AT_MOST = 64 * 1024 * 1024;
/** How long a browser waits before it comes back. */
const RETRY_MS = 1_000;

export function consoleRoutes(app: FastifyInstance, options: ConsoleOptions): void {
  const { operations, clock, folder, random } = options;
  const hub = createHub({ look: operations.feed, clock, random });
  app.addHook('preClose', async () => hub.close());
  const plain = async (_request: unknown, reply: FastifyReply) =>
    reply.type('text/html').send(page(operations.status(), clock.now()));
  app.get('/plain', plain);
  app.get('/style.css', async (_request, reply) => reply.type('text/css').send(style));
  if (folder === undefined) for (const path of screenPaths) app.get(path, plain);
  else serveFiles(app, { folder, pages: screenPaths });
  app.get<{ Querystring: { after?: string } }>('/api/stream', (request, reply) => {
    const seen = request.headers['last-event-id'];
    const after = typeof seen === 'string' ? seen : request.query.after;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no', // proxies hold such answers back otherwise
      'x-content-type-options': 'nosniff',
    });
    raw.write(`retry: ${RETRY_MS}\n\n`);
    const leave = hub.join(listenerOn(raw), typeof after === 'string' ? after : undefined);
    raw.on('close', leave);
  });
}

function listenerOn(raw: FastifyReply['raw']): Listener {
  return {
    send(event) {
      if (raw.writableLength > UNREAD_BYTES_AT_MOST) raw.destroy();
      else raw.write(event);
    },
  };
}
