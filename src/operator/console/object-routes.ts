/** What the page of one volume asks beside the stream: its objects as the API has them, and what was told about them. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HttpError } from '../../http/registry.ts';
import type { Client } from '../../kube/client.ts';
import { isKubeError } from '../../kube/error.ts';
import { needOf } from '../access/need.ts';
import type { Happening } from './feed.ts';
import { type ObjectText, readObjectText } from './object-text.ts';
import { type EventsAbout, eventsAbout } from './past-events.ts';

export interface ObjectReading {
  /** `namespace`: empty for a PersistentVolume. Throws HttpError when it is not there, or may not be read. */
  objectText(object: { readonly namespace: string; readonly name: string }, signal: AbortSignal): Promise<ObjectText>;
  /** Newest first. Throws HttpError when they may not be read. */
  events(about: EventsAbout, signal: AbortSignal): Promise<readonly Happening[]>;
}

export function objectReading(client: Client): ObjectReading {
  return {
    objectText: (object, signal) => readObjectText(client, object, signal),
    events: (about, signal) =>
      eventsAbout(client, about, signal).catch((failure: unknown) => {
        if (!isKubeError(failure)) throw failure;
        throw new HttpError('LARDER_HTTP_REFUSED', 409, failure.message, { cause: failure });
      }),
  };
}

const PATTERN = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
/** As Kubernetes names objects; anything else could say more in a selector than it should. */
const objectName = z.string().max(253).regex(PATTERN);
const claimParams = z.object({ namespace: objectName, name: objectName });
const volumeParams = z.object({ name: objectName });

/** Where the API keeps events of objects without a namespace. */
const EVENTS_OF_VOLUMES = 'default';

export function objectRoutes(app: FastifyInstance, reading: ObjectReading, signal: AbortSignal): void {
  const ofClaim = ({ params }: FastifyRequest) => named(claimParams, params);
  const ofVolume = ({ params }: FastifyRequest) => named(volumeParams, params);
  app.get(
    '/api/claims/:namespace/:name/object',
    { config: { needs: (request) => [needOf('read claims', ofClaim(request).namespace)] } },
    async (request) => reading.objectText(ofClaim(request), signal),
  );
  app.get(
    '/api/claims/:namespace/:name/events',
    { config: { needs: (request) => [needOf('see events', ofClaim(request).namespace)] } },
    async (request) => reading.events({ kind: 'PersistentVolumeClaim', ...ofClaim(request) }, signal),
  );
  app.get('/api/volumes/:name/object', { config: { needs: [needOf('read volumes')] } }, async (request) =>
    reading.objectText({ namespace: '', ...ofVolume(request) }, signal),
  );
  app.get(
    '/api/volumes/:name/events',
    { config: { needs: [needOf('see events', EVENTS_OF_VOLUMES)] } },
    async (request) => reading.events({ kind: 'PersistentVolume', namespace: '', ...ofVolume(request) }, signal),
  );
}

function named<T>(schema: z.ZodType<T>, params: unknown): T {
  const read = schema.safeParse(params);
  if (read.success) return read.data;
  throw new HttpError('LARDER_HTTP_BAD_REQUEST', 400, 'this is no name of an object in Kubernetes');
}
