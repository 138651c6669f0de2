/** The audit log of a real API server: every request, by whom, and what became of it. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Client, isKubeError, kinds } from '../../src/kube/index.ts';
import type { ControlPlane } from '../tools/control-plane.ts';
import { eventually } from './larder.ts';

const line = z.object({
  verb: z.string(),
  user: z.object({ username: z.string() }),
  userAgent: z.string().default(''),
  objectRef: z
    .object({
      resource: z.string(),
      apiGroup: z.string().default(''),
      subresource: z.string().optional(),
      namespace: z.string().default(''),
      name: z.string().default(''),
    })
    .optional(),
  responseStatus: z.object({ code: z.number(), message: z.string().optional() }).optional(),
});

export interface AuditEntry {
  readonly verb: string;
  readonly user: string;
  readonly agent: string;
  readonly group: string;
  /** `plural/subresource` where there is one. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
}

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];

export const isWrite = ({ verb }: AuditEntry): boolean => WRITES.includes(verb);

/** All requests so far that named a resource. */
export async function auditOf(plane: ControlPlane, client: Client): Promise<readonly AuditEntry[]> {
  const mark = `mark-${randomUUID()}`; // once this request is in the log, those before it are as well
  await client.get(kinds.ConfigMap, { namespace: 'default', name: mark }).catch((failure: unknown) => {
    if (!isKubeError(failure, 'KUBE_NOT_FOUND')) throw failure;
  });
  const text = await eventually('the audit log to be written', async () => {
    const written = readFileSync(plane.auditLog, 'utf8');
    return written.includes(mark) ? written : undefined;
  });
  return text.trimEnd().split('\n').flatMap(entryOf);
}

function entryOf(text: string): readonly AuditEntry[] {
  const { verb, user, userAgent: agent, objectRef, responseStatus } = line.parse(JSON.parse(text));
  if (!objectRef) return [];
  const { resource, subresource, apiGroup: group, namespace, name } = objectRef;
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  return [
    { verb, user: user.username, agent, group, resource: whole, namespace, name, code: responseStatus?.code ?? 0 },
  ];
}
