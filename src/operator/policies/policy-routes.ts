/** What the console asks about policies, and for whom it is answered. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HttpError } from '../../http/registry.ts';
import { needOf } from '../access/need.ts';
import type { Viewer } from '../access/viewer.ts';
import { asked } from '../asked.ts';
import { groupRoutes } from './group-routes.ts';
import type { Policies } from './policies.ts';
import { policyDeleteRequest, policyPreviewRequest, policySaveRequest, whatIfRequest } from './policy-api.ts';
import { createWhatIfPlaces, needs } from './what-if-places.ts';

const params = z.object({ namespace: z.string(), name: z.string() });
const ofNamespace = z.object({ namespace: z.string().default(''), version: z.string().optional() });

export function policyRoutes(
  app: FastifyInstance,
  operations: Policies & { by(who: string): Pick<Policies, 'savePolicy' | 'deletePolicy'> },
  stopped: AbortSignal,
): void {
  app.get('/api/policies', { config: { needs: [] } }, async ({ viewer }) => listFor(viewer, operations));
  app.get('/api/policies/:namespace/:name', { config: { needs: [] } }, async ({ viewer, params: given }) => {
    const at = params.parse(given);
    const seen = await viewer.may(needOf('see policies', at.namespace));
    const answer = seen ? await operations.policy(at, stopped) : undefined;
    if (answer) return answer;
    throw new HttpError('LARDER_HTTP_NOT_FOUND', 404, `there is no policy ${at.namespace}/${at.name}`);
  });
  const looking = { config: { needs: needs('see policies', 'see volumes') } };
  app.post('/api/policies/preview', looking, async ({ body }) =>
    operations.previewPolicy(asked(policyPreviewRequest, body)),
  );
  const places = createWhatIfPlaces(stopped);
  app.post('/api/policies/what-if', looking, async ({ body, viewer }, reply) =>
    operations.whatIfPolicy(asked(whatIfRequest, body), places.take(viewer, reply)),
  );
  groupRoutes(app, operations, { places, stopped });
  app.post('/api/policies/save', { config: { needs: savingNeeds } }, async ({ body, viewer }) =>
    operations.by(viewer.name).savePolicy(asked(policySaveRequest, body), stopped),
  );
  app.post('/api/policies/delete', { config: { needs: needs('see policies', 'delete policies') } }, async (request) =>
    operations.by(request.viewer.name).deletePolicy(asked(policyDeleteRequest, request.body), stopped),
  );
}

async function listFor(viewer: Viewer, operations: Policies) {
  const all = operations.policies({ policies: 'all', groups: 'all', storage: true });
  const there = new Set([...all.namespaces, ...[...all.policies, ...all.groups].map(({ namespace }) => namespace)]);
  const scopes = {
    policies: await viewer.scope(needOf('see policies'), there),
    groups: await viewer.scope(needOf('see groups'), there),
    storage: await viewer.may(needOf('see storage')),
  };
  return viewer.kind === 'owner' ? all : operations.policies(scopes);
}

function savingNeeds({ body }: FastifyRequest) {
  const { namespace, version } = asked(ofNamespace, body);
  const right = version === undefined ? 'make policies' : 'change policies';
  return [needOf('see policies', namespace), needOf(right, namespace)];
}
