/** Who looks, and what they may do: so that the page shows no button that would be refused. */
import type { FastifyInstance } from 'fastify';
import { asked } from '../asked.ts';
import { type MayAnswer, type MeAnswer, mayRequest } from './me-api.ts';

const signedIn = { config: { needs: [] } } as const;

/** Each question may be a hundred to the API server; a page asks once a minute, and for each screen. */
const rateLimit = { max: 120, timeWindow: 60_000 };

export function meRoutes(app: FastifyInstance): void {
  app.get('/api/me', signedIn, async ({ viewer: { kind, name } }): Promise<MeAnswer> => ({ kind, name }));
  app.post('/api/may', { config: { ...signedIn.config, rateLimit } }, async ({ viewer, body }): Promise<MayAnswer> => {
    const { needs } = asked(mayRequest, body);
    return Promise.all(needs.map((need) => viewer.may(need)));
  });
}
