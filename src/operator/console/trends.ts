/** The usage of a page of volumes over some time, in few points: what the table draws. */
import { z } from 'zod';
import { HttpError } from '../../http/registry.ts';
import type { Operations } from '../server.ts';
import { thin } from './thin.ts';

export const trendsRequest = z.object({
  claims: z
    .array(z.object({ namespace: z.string().min(1), name: z.string().min(1) }))
    .min(1)
    .max(100),
  from: z.number().int().min(0),
  to: z.number().int().min(0),
  points: z.number().int().min(2).max(500),
});
export type TrendsRequest = z.infer<typeof trendsRequest>;

/** By `namespace/name`: time in epoch ms, used bytes, capacity bytes; oldest first. */
export type TrendsAnswer = Readonly<Record<string, readonly (readonly [number, number, number])[]>>;

/** Claims that went meanwhile are left out. */
export async function trendsOf(
  operations: Pick<Operations, 'series'>,
  { claims, from, to, points }: TrendsRequest,
  signal: AbortSignal,
): Promise<TrendsAnswer> {
  const trends: Record<string, readonly (readonly [number, number, number])[]> = {};
  for (const claim of claims) {
    const series = await operations.series(claim, { from, to }, signal).catch((failure: unknown) => {
      if (failure instanceof HttpError && failure.status === 404) return undefined;
      throw failure;
    });
    if (series) trends[`${claim.namespace}/${claim.name}`] = thin(series.points, points);
  }
  return trends;
}
