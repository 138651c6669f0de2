/** The end of a volume, for those who may see it, and for those who may change it. */
import type { FastifyInstance } from 'fastify';
import { needOf } from '../access/need.ts';
import { visibleClaim } from '../access/visible.ts';
import { asked } from '../asked.ts';
import { endRequest } from '../end-api.ts';
import type { VolumeEnding } from '../volume-end.ts';

interface Acting extends VolumeEnding {
  by(who: string): VolumeEnding;
}

export function endRoutes(app: FastifyInstance, operations: Acting, signal: AbortSignal): void {
  app.get('/api/claims/:namespace/:name/end', { config: { needs: [] } }, async ({ viewer, params }) => {
    const claim = await visibleClaim(viewer, params);
    const [maySeePods, mayNameOthers] = await Promise.all([
      viewer.may(needOf('see pods', claim.namespace)),
      viewer.may(needOf('see storage')),
    ]);
    return operations.end(claim, { maySeePods, mayNameOthers });
  });
  app.post(
    '/api/claims/end',
    {
      config: {
        needs: ({ body }) => [needOf('change volumes'), needOf('see volumes', asked(endRequest, body).namespace)],
      },
    },
    async ({ viewer, body }) => operations.by(viewer.name).setEnd(asked(endRequest, body), signal),
  );
}
