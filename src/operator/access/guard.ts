/** Asks for each request what its route needs, before the route does anything. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpError } from '../../http/registry.ts';
import { type Need, needText } from './need.ts';
import { nobody, type Viewer } from './viewer.ts';

/** Empty: whoever is signed in; the route then shows what `request.viewer` may see. A function has the parsed request. */
export type Needs = readonly Need[] | ((request: FastifyRequest) => readonly Need[]);

declare module 'fastify' {
  interface FastifyContextConfig {
    /** All of them. Absent: served to the holder of the console's own token only. */
    needs?: Needs;
  }
  interface FastifyRequest {
    readonly viewer: Viewer;
  }
}

const viewers = new WeakMap<FastifyRequest, Viewer>();

/** From here on the request is theirs. */
export function letIn(request: FastifyRequest, viewer: Viewer): void {
  viewers.set(request, viewer);
}

/** Once for each server, before its routes. Open paths are not asked about. */
export function guard(app: FastifyInstance, openPaths: readonly string[]): void {
  app.decorateRequest('viewer', {
    getter(this: FastifyRequest): Viewer {
      return viewers.get(this) ?? nobody;
    },
  });
  app.addHook('preHandler', async (request) => {
    const { viewer, routeOptions } = request;
    if (viewer.kind === 'owner' || request.is404 || openPaths.includes(routeOptions.url ?? '')) return;
    const { needs } = routeOptions.config;
    if (needs === undefined) throw refused(viewer, 'this takes the token of the console itself');
    for (const need of typeof needs === 'function' ? needs(request) : needs) {
      if (!(await viewer.may(need))) throw refused(viewer, `the cluster does not let you ${needText(need)}`);
    }
  });
}

function refused({ name }: Viewer, why: string): HttpError {
  return new HttpError('LARDER_HTTP_FORBIDDEN', 403, `${name}: ${why}`);
}
