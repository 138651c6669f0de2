/** What the table of volumes asks for the rows that are seen. */
import type { FastifyInstance } from 'fastify';
import { visibleTrends } from '../access/visible.ts';
import { asked } from '../asked.ts';
import type { Operations } from '../server.ts';
import { trendsOf, trendsRequest } from './trends.ts';

export function trendRoutes(
  app: FastifyInstance,
  operations: Pick<Operations, 'knows' | 'series'>,
  signal: AbortSignal,
): void {
  app.post('/api/trends', { config: { needs: [] } }, async ({ viewer, body }) => {
    const request = await visibleTrends(viewer, asked(trendsRequest, body), operations.knows);
    return trendsOf(operations, request, signal);
  });
}
