/** An open page: its stream of events, for as long as the person is let in, of what they may see. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Places } from '../../http/places.ts';
import { HttpError } from '../../http/registry.ts';
import type { Clock, Timer } from '../../telemetry/clock.ts';
import { needOf } from '../access/need.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Hub, Joined, Listener } from './hub.ts';
import { everything, type Sight } from './sight.ts';

/** A page that takes so much less than it is sent is cut off; it comes back and resumes. */
const UNREAD_BYTES_AT_MOST = 64 * 1024 * 1024;
/** How long a browser waits before it comes back. */
const RETRY_MS = 1_000;
/** How often it is looked whether the person may still see what they see. */
const LOOK_AGAIN_MS = 10_000;

interface StreamOptions {
  readonly hub: Hub;
  /** One for each page. */
  readonly places: Places;
  readonly clock: Clock;
}

/** Rejects, before anything is sent, when it is not known what the person may see. */
export async function stream(
  { hub, places, clock }: StreamOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  // Only the head is asked for: a stream would never end it, and take a place of somebody who reads one.
  if (request.method === 'HEAD') return void reply.type('text/event-stream').header('cache-control', 'no-store').send();
  const { viewer } = request;
  const sight = await sightOf(viewer, hub);
  const { raw } = reply;
  if (raw.destroyed) return void reply.hijack();
  const leave = places.take(viewer.name);
  if (!leave) throw new HttpError('LARDER_HTTP_TOO_MANY', 429, `${viewer.name} has too many pages open: close some`);
  reply.hijack();
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no', // proxies hold such answers back otherwise
    'x-content-type-options': 'nosniff',
  });
  raw.write(`retry: ${RETRY_MS}\n\n`);
  const joined = hub.join(listenerOn(raw), lastSeen(request), sight);
  const stop = viewer.kind === 'owner' ? () => undefined : follow({ viewer, hub, joined, clock, end: () => raw.end() });
  raw.on('close', () => {
    stop();
    joined.leave();
    leave();
  });
}

async function sightOf(viewer: Viewer, hub: Hub): Promise<Sight> {
  if (viewer.kind === 'owner') return everything;
  const [storage, namespaces] = await Promise.all([
    viewer.may(needOf('see storage')),
    viewer.scope(needOf('see volumes'), hub.namespaces()),
  ]);
  return { storage, namespaces };
}

interface Following {
  readonly viewer: Viewer;
  readonly hub: Hub;
  readonly joined: Joined;
  readonly clock: Clock;
  end(): void;
}

/** The page comes back at once when its stream ends, and is told then what is the matter. Returns what stops it. */
function follow({ viewer, hub, joined, clock, end }: Following): () => void {
  let stopped = false;
  let timer: Timer | undefined;
  const look = async (): Promise<void> => {
    const sight = (await viewer.isPresent()) ? await sightOf(viewer, hub) : undefined;
    if (stopped) return;
    if (!sight) return end();
    joined.see(sight);
    timer = clock.after(LOOK_AGAIN_MS, again);
  };
  const again = (): void => {
    look().catch(end); // it is not known what they may see: they see nothing more
  };
  timer = clock.after(LOOK_AGAIN_MS, again);
  return () => {
    stopped = true;
    timer?.cancel();
  };
}

function lastSeen({ headers, query }: FastifyRequest): string | undefined {
  const seen: unknown = headers['last-event-id'] ?? Reflect.get(Object(query), 'after');
  return typeof seen === 'string' ? seen : undefined;
}

function listenerOn(raw: FastifyReply['raw']): Listener {
  return {
    send(event) {
      if (raw.writableLength > UNREAD_BYTES_AT_MOST) raw.destroy();
      else raw.write(event);
    },
  };
}
