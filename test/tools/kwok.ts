/** Nodes without machines: a kwok beside a control plane plays the kubelets of all of its nodes, as far as the stages below say. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './control-plane/ports.ts';
import { startServer, stopServer } from './control-plane/server.ts';
import type { ControlPlane } from './control-plane.ts';
import { pathOf } from './run-tool.ts';

export interface Kwok {
  close(): Promise<void>;
}

/** A node reports itself ready, a pod that was bound to it runs at once, and ends at once when it is deleted. */
const STAGES = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: { name: node-ready }
spec:
  resourceRef: { apiGroup: v1, kind: Node }
  selector:
    matchExpressions:
      - { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: NotIn, values: ['True'] }
  next:
    statusTemplate: |
      conditions:
      {{ range NodeConditions }}
      - type: {{ .type | Quote }}
        status: {{ .status | Quote }}
        reason: {{ .reason | Quote }}
        message: {{ .message | Quote }}
        lastHeartbeatTime: {{ Now | Quote }}
        lastTransitionTime: {{ Now | Quote }}
      {{ end }}
      phase: Running
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: { name: pod-running }
spec:
  resourceRef: { apiGroup: v1, kind: Pod }
  selector:
    matchExpressions:
      - { key: .metadata.deletionTimestamp, operator: DoesNotExist }
      - { key: .status.phase, operator: In, values: [Pending] }
  next:
    statusTemplate: |
      phase: Running
      startTime: {{ Now | Quote }}
      conditions:
      - { type: Initialized, status: "True", lastTransitionTime: {{ Now | Quote }} }
      - { type: Ready, status: "True", lastTransitionTime: {{ Now | Quote }} }
      - { type: ContainersReady, status: "True", lastTransitionTime: {{ Now | Quote }} }
      containerStatuses:
      {{ range .spec.containers }}
      - name: {{ .name | Quote }}
        image: {{ .image | Quote }}
        ready: true
        restartCount: 0
        state: { running: { startedAt: {{ Now | Quote }} } }
      {{ end }}
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: { name: pod-gone }
spec:
  resourceRef: { apiGroup: v1, kind: Pod }
  selector:
    matchExpressions:
      - { key: .metadata.deletionTimestamp, operator: Exists }
  next:
    finalizers: { empty: true }
    delete: true
`;

/** Its log is beside those of the control plane, and it ends with this process. @throws Error when it does not start. */
export async function startKwok(
  plane: Pick<ControlPlane, 'folder' | 'kubeconfig'>,
  flags: readonly string[] = [],
): Promise<Kwok> {
  const folder = join(plane.folder, 'kwok');
  mkdirSync(folder);
  writeFileSync(join(folder, 'stages.yaml'), STAGES);
  const [port = 0] = await freePorts(1);
  const child = await startServer({
    name: 'kwok',
    path: await pathOf('kwok'),
    flags: [
      `--kubeconfig=${plane.kubeconfig}`,
      `--config=${join(folder, 'stages.yaml')}`,
      '--manage-all-nodes=true',
      `--server-address=127.0.0.1:${port}`,
      ...flags,
    ],
    folder,
    health: { url: `http://127.0.0.1:${port}/healthz`, token: '' },
  });
  return { close: () => stopServer(child, 'SIGTERM') };
}
