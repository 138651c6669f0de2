import { z } from 'zod';
import { type Client, errorOfResponse } from '../kube/index.ts';

/** A folder of the hosts that a workload mounts. */
export interface HostPath {
  readonly path: string;
  readonly namespace: string;
  /** As `deployment/myapp`. */
  readonly workload: string;
  readonly volume: string;
}

const podSpec = z.object({
  volumes: z.array(z.object({ name: z.string(), hostPath: z.object({ path: z.string() }).optional() })).default([]),
});
const metadata = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  ownerReferences: z.array(z.unknown()).default([]),
});
const template = z.object({ spec: podSpec });
const object = z.object({
  metadata,
  spec: z.object({
    volumes: podSpec.shape.volumes,
    template: template.optional(),
    jobTemplate: z.object({ spec: z.object({ template }) }).optional(),
  }),
});

const lists: readonly { readonly path: string; readonly kind: string }[] = [
  { path: '/apis/apps/v1/deployments', kind: 'deployment' },
  { path: '/apis/apps/v1/statefulsets', kind: 'statefulset' },
  { path: '/apis/apps/v1/daemonsets', kind: 'daemonset' },
  { path: '/apis/batch/v1/cronjobs', kind: 'cronjob' },
  { path: '/api/v1/pods', kind: 'pod' },
];

/** Of all workloads, in all namespaces or one; pods and sets that belong to another object are left to that. */
export async function hostPaths(
  client: Client,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly HostPath[]> {
  const found: HostPath[] = [];
  for (const { path, kind } of lists) {
    const response = await client.request({ method: 'GET', path, headers: { accept: 'application/json' } }, { signal });
    const body = await response.text();
    if (response.status !== 200) throw errorOfResponse(`list ${kind}s`, { ...response, body });
    for (const each of z.object({ items: z.array(object) }).parse(JSON.parse(body)).items) {
      const owned = each.metadata.ownerReferences.length > 0;
      if (owned || (namespace !== undefined && each.metadata.namespace !== namespace)) continue;
      const { volumes, template: pod, jobTemplate } = each.spec;
      for (const { name, hostPath } of (pod ?? jobTemplate?.spec.template)?.spec.volumes ?? volumes) {
        if (!hostPath) continue;
        const workload = `${kind}/${each.metadata.name}`;
        found.push({ path: hostPath.path, namespace: each.metadata.namespace, workload, volume: name });
      }
    }
  }
  return found;
}
