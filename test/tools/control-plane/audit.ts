/** What an audit log of a control plane says about who did what. */
import { existsSync, readFileSync } from 'node:fs';

export interface AuditedRequest {
  readonly user: string;
  readonly userAgent: string;
  readonly verb: string;
  /** `persistentvolumeclaims`, `persistentvolumeclaims/status`; empty for what is no resource. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: number;
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

interface Line {
  readonly verb?: string;
  readonly user?: { readonly username?: string };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

/** All requests that have ended, in the order of their ends. A last line that is still being written is left out. */
export function auditedRequests(path: string): readonly AuditedRequest[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1).map(parseLine);
}

/** Writes that were accepted, by who made them: the user, or what `by` makes of a request. */
export function writesByClient(
  requests: readonly AuditedRequest[],
  by: (request: AuditedRequest) => string = ({ user }) => user,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const request of requests) {
    if (!WRITES.has(request.verb) || request.status >= 400) continue;
    const client = by(request);
    counts[client] = (counts[client] ?? 0) + 1;
  }
  return counts;
}

function parseLine(text: string): AuditedRequest {
  const { verb = '', user, userAgent = '', objectRef = {}, responseStatus }: Line = JSON.parse(text);
  const { resource = '', subresource, namespace = '', name = '' } = objectRef;
  return {
    user: user?.username ?? '',
    userAgent,
    verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    status: responseStatus?.code ?? 0,
  };
}
