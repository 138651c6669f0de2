/** Places pods on the one node as soon as their claims allow it. */
import type { Client } from '../../kube/client.ts';
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import { errorOfResponse } from '../../kube/error.ts';
import { nameOf } from '../../kube/object.ts';
import { pathOf } from '../../kube/resource.ts';
import { settleConflict } from '../volumes/claims.ts';
import type { NodeParts } from './parts.ts';
import { type Placement, place } from './place.ts';
import { claimKeysOf, hasEnded, type NodePod, nodePods } from './pod.ts';
import { labelsOf } from './status.ts';

export function createScheduler(parts: NodeParts): Controller {
  const { caches, scheduling: notices } = parts;
  return createController({
    ...parts,
    name: 'scheduler',
    async reconcile(key, { signal }) {
      const pod = caches.pods.get(key);
      const open = pod && !pod.spec.nodeName && pod.metadata.deletionTimestamp === undefined && !hasEnded(pod);
      if (!open) {
        notices.forget(key);
        return { kind: 'done' };
      }
      return settleConflict(() => act(parts, { key, pod, signal }, place(viewOf(parts, pod))));
    },
  });
}

function viewOf({ caches, identity }: NodeParts, pod: NodePod): Parameters<typeof place>[0] {
  return {
    claims: claimKeysOf(pod).map((key) => ({ name: nameOf(key).name, claim: caches.claims.get(key) })),
    volumeOf: ({ spec }) => (spec.volumeName ? caches.volumes.get(spec.volumeName) : undefined),
    classNamed: (name) => caches.classes.get(name),
    nodeLabels: labelsOf(identity),
  };
}

interface Subject {
  readonly key: string;
  readonly pod: NodePod;
  readonly signal: AbortSignal;
}

async function act(parts: NodeParts, { key, pod, signal }: Subject, placement: Placement): Promise<Outcome> {
  const { client, identity, log, scheduling: notices } = parts;
  switch (placement.kind) {
    case 'place':
      await bindPod(client, pod, identity.name, signal);
      log.info({ pod: key, node: identity.name }, 'pod placed');
      notices.say(key, pod, {
        reason: 'Scheduled',
        message: `Successfully assigned ${key} to ${identity.name}`,
      });
      return { kind: 'done' };
    case 'refuse':
      return notices.say(key, pod, { reason: 'FailedScheduling', message: placement.message });
    case 'wait':
      notices.forget(key);
      return { kind: 'done' };
    default:
      placement satisfies never;
      return { kind: 'done' };
  }
}

/** The binding subresource: the only way in which a pod gets its node. */
async function bindPod(client: Client, { metadata }: NodePod, node: string, signal: AbortSignal): Promise<void> {
  const { namespace = '', name, uid } = metadata;
  const response = await client.request(
    {
      method: 'POST',
      path: pathOf(nodePods, { namespace, name, subresource: 'binding' }),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { namespace, name, uid },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      }),
    },
    { signal },
  );
  const body = await response.text();
  const { status, headers } = response;
  if (status < 200 || status > 299) throw errorOfResponse(`bind pod ${namespace}/${name}`, { status, headers, body });
}
