/** What of the operator's state one person may see: the rest is to them as if it were not there. */
import { z } from 'zod';
import { HttpError } from '../../http/registry.ts';
import type { StatusAnswer } from '../api.ts';
import { needOf } from './need.ts';
import { isIn, type Viewer } from './viewer.ts';

const claimParams = z.object({ namespace: z.string(), name: z.string() });

interface ClaimName {
  readonly namespace: string;
  readonly name: string;
}

export function noClaim({ namespace, name }: ClaimName): HttpError {
  const message = `there is no claim ${namespace}/${name}: \`larder volumes list\` shows those that Larder knows`;
  return new HttpError('LARDER_HTTP_NOT_FOUND', 404, message);
}

/** Who may not see it is told what is told of a claim that is not there. */
export async function visibleClaim(viewer: Viewer, params: unknown): Promise<ClaimName> {
  const claim = claimParams.parse(params);
  if (await viewer.may(needOf('see volumes', claim.namespace))) return claim;
  throw noClaim(claim);
}

export async function visibleStatus(viewer: Viewer, status: StatusAnswer): Promise<StatusAnswer> {
  if (viewer.kind === 'owner') return status;
  const storage = await viewer.may(needOf('see storage'));
  const named = status.volumes.map(({ namespace }) => namespace);
  const scope = await viewer.scope(needOf('see volumes'), named);
  return {
    ...status,
    exports: storage ? status.exports : [],
    volumes: status.volumes.filter(({ namespace }) => isIn(scope, namespace)),
  };
}

/**
 * The same request about the claims that there are and that they may see. The API server is asked about none of the others:
 * whoever invents names causes no questions.
 */
export async function visibleTrends<Request extends { readonly claims: readonly ClaimName[] }>(
  viewer: Viewer,
  request: Request,
  isThere: (claim: ClaimName) => boolean,
): Promise<Request> {
  const claims = request.claims.filter(isThere);
  const named = claims.map(({ namespace }) => namespace);
  const scope = await viewer.scope(needOf('see volumes'), named);
  return { ...request, claims: claims.filter(({ namespace }) => isIn(scope, namespace)) };
}
