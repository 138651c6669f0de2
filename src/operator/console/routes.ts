/** What the console is served with: its files and its stream. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { serveFiles } from '../../http/files.ts';
import { createPlaces } from '../../http/places.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import { visibleStatus } from '../access/visible.ts';
import { page, style } from '../page.ts';
import type { Operations } from '../server.ts';
import { createHub } from './hub.ts';
import { screenPaths } from './screens.ts';
import { stream } from './stream.ts';

export interface ConsoleOptions {
  readonly operations: Pick<Operations, 'feed' | 'status'>;
  /** Of the built console; undefined: the plain page stands in for it. */
  readonly folder: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

const signedIn = { config: { needs: [] } };
/** Each page has a connection open, of which the process has only so many. */
const PAGES_OF_ONE = 100;

export function consoleRoutes(app: FastifyInstance, options: ConsoleOptions): void {
  const { operations, clock, folder, random } = options;
  const hub = createHub({ look: operations.feed, clock, random });
  const places = createPlaces(PAGES_OF_ONE);
  app.addHook('preClose', async () => hub.close());
  const plain = async ({ viewer }: FastifyRequest, reply: FastifyReply) =>
    reply.type('text/html').send(page(await visibleStatus(viewer, operations.status()), clock.now()));
  app.get('/plain', signedIn, plain);
  app.get('/style.css', async (_request, reply) => reply.type('text/css').send(style));
  if (folder === undefined) for (const path of screenPaths) app.get(path, signedIn, plain);
  else serveFiles(app, { folder, pages: screenPaths, route: signedIn });
  app.get('/api/stream', signedIn, (request, reply) => stream({ hub, places, clock }, request, reply));
}
