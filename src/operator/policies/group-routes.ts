/** What the console asks about groups, and for whom it is answered. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { HttpError } from '../../http/registry.ts';
import { needOf } from '../access/need.ts';
import type { Scope, Viewer } from '../access/viewer.ts';
import { asked } from '../asked.ts';
import type { Groups } from './groups.ts';
import { type PolicyPreviewRequest, policyPreviewRequest, whatIfRequest } from './policy-api.ts';
import { needs, type WhatIfPlaces } from './what-if-places.ts';

const params = z.object({ namespace: z.string(), name: z.string() });

export function groupRoutes(
  app: FastifyInstance,
  groups: Groups,
  { places, stopped }: { readonly places: WhatIfPlaces; readonly stopped: AbortSignal },
): void {
  app.get('/api/groups/:namespace/:name', { config: { needs: [] } }, async ({ viewer, params: given }) => {
    const at = params.parse(given);
    const seen = await viewer.may(needOf('see groups', at.namespace));
    const answer = seen ? await groups.group(at, stopped) : undefined;
    if (answer) return answer;
    throw new HttpError('LARDER_HTTP_NOT_FOUND', 404, `there is no group ${at.namespace}/${at.name}`);
  });
  const looking = { config: { needs: needs('see groups', 'see volumes') } };
  app.post('/api/groups/preview', looking, async ({ body, viewer }) => {
    const request = asked(policyPreviewRequest, body);
    return groups.previewGroup(request, await seenBy(viewer, groups, request));
  });
  app.post('/api/groups/what-if', looking, async ({ body, viewer }, reply) => {
    const request = asked(whatIfRequest, body);
    const signal = places.take(viewer, reply);
    return groups.whatIfGroup(request, await seenBy(viewer, groups, request), signal);
  });
}

/** A group may have claims of other namespaces. */
function seenBy(viewer: Viewer, groups: Groups, request: PolicyPreviewRequest): Promise<Scope> {
  return viewer.scope(needOf('see volumes'), groups.namespacesOfGroup(request));
}
