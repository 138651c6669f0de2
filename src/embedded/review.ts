/** Access reviews: whoever holds the token may do everything. They are answered, not stored. */
import type { TransportResponse } from '../kube/transport.ts';
import { readBody } from './body.ts';
import type { Call } from './call.ts';
import { objectAt } from './json.ts';
import { replyValue } from './reply.ts';

const PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** Undefined when the request is no review. */
export function review(call: Call): TransportResponse | undefined {
  if (call.path !== PATH || call.method !== 'POST') return undefined;
  const body = readBody(call);
  return replyValue(201, {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: objectAt(body, 'spec'),
    status: { allowed: true, reason: 'the token of this server may do everything' },
  });
}
