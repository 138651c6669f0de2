/** What-ifs are played one after the other: nobody takes all turns, and one that nobody waits for any more ends. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { createPlaces } from '../../http/places.ts';
import { HttpError } from '../../http/registry.ts';
import { needOf, type RightName } from '../access/need.ts';
import type { Viewer } from '../access/viewer.ts';
import { asked } from '../asked.ts';

const OF_ONE_AT_MOST = 3;
const ofNamespace = z.object({ namespace: z.string().default('') });

export interface WhatIfPlaces {
  /** Until the answer is sent. Throws HttpError 429 where this person has them all. */
  take(viewer: Viewer, reply: FastifyReply): AbortSignal;
}

export function createWhatIfPlaces(stopped: AbortSignal): WhatIfPlaces {
  const places = createPlaces(OF_ONE_AT_MOST);
  return {
    take({ name }, reply) {
      const leave = places.take(name);
      if (!leave) throw new HttpError('LARDER_HTTP_TOO_MANY', 429, `${name} looks at others just now: wait for those`);
      reply.raw.once('close', leave);
      return whileAwaited(reply, stopped);
    },
  };
}

/** Ends when the page does not wait for the answer any more. */
function whileAwaited(reply: FastifyReply, stopped: AbortSignal): AbortSignal {
  const gone = new AbortController();
  reply.raw.on('close', () => {
    if (!reply.raw.writableFinished)
      gone.abort(new HttpError('LARDER_HTTP_REFUSED', 409, 'nobody waits for it any more'));
  });
  return AbortSignal.any([gone.signal, stopped]);
}

/** In the namespace that the body names. */
export function needs(...names: readonly RightName[]) {
  return ({ body }: FastifyRequest) => {
    const { namespace } = asked(ofNamespace, body);
    return names.map((name) => needOf(name, namespace));
  };
}
