/** The binding subresource of pods: the only way in which a pod gets its node. */
import type { TransportResponse } from '../kube/transport.ts';
import { readBody } from './body.ts';
import type { Call, Target } from './call.ts';
import { type JsonObject, listAt, stringsAt, textAt, withAt } from './json.ts';
import { shelfName } from './kinds.ts';
import { isTerminating, timestamp } from './metadata.ts';
import { badRequest, conflict, notFound } from './refusal.ts';
import { replyValue } from './reply.ts';
import type { Served } from './served.ts';
import { keyFor } from './stored.ts';
import { readParameters } from './write-options.ts';

export async function bind(served: Served, call: Call, target: Target): Promise<TransportResponse> {
  const { kind, namespace, name } = target;
  const { dryRun } = readParameters(call, 'CreateOptions');
  const binding = readBody(call);
  const node = textAt(binding, 'target', 'name') ?? '';
  if (node === '') throw badRequest('Binding "" is invalid: target.name: Required value');
  await served.store.transact(
    (transaction) => {
      const current = transaction.get(shelfName(kind), keyFor(namespace, name));
      if (!current) throw notFound(kind, name);
      const obstacle = obstacleTo(current.object, name);
      if (obstacle) throw conflict(kind, name, obstacle);
      const object = { kind: 'Binding', apiVersion: 'v1', ...binding };
      const shown = { ...target, kind: { ...kind, kind: 'Binding' } };
      served.consult?.validate(transaction, { target: shown, name, operation: 'CREATE', object, current: undefined });
      transaction.put(shelfName(kind), current, bound(current.object, binding, node, served.clock.now()));
    },
    { discard: dryRun },
  );
  return replyValue(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

function obstacleTo(pod: JsonObject, name: string): string | undefined {
  if (isTerminating(pod)) return `pod ${name} is being deleted, cannot be assigned to a host`;
  const node = textAt(pod, 'spec', 'nodeName');
  return node ? `pod ${name} is already assigned to node ${JSON.stringify(node)}` : undefined;
}

function bound(pod: JsonObject, binding: JsonObject, node: string, nowMs: number): JsonObject {
  const annotations = {
    ...stringsAt(pod, 'metadata', 'annotations'),
    ...stringsAt(binding, 'metadata', 'annotations'),
  };
  const others = listAt(pod, 'status', 'conditions').filter(
    (condition) => textAt(condition, 'type') !== 'PodScheduled',
  );
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp(nowMs) };
  const placed = withAt(pod, ['spec', 'nodeName'], node);
  const marked = withAt(placed, ['status', 'conditions'], [...others, scheduled]);
  return Object.keys(annotations).length === 0 ? marked : withAt(marked, ['metadata', 'annotations'], annotations);
}
