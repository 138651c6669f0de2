/** Snapshots of claims, as a cluster with a CSI driver for them has: the kind, and one that somebody asks for. */
import { guardKinds } from '../../src/expand/guard/guard-kinds.ts';
import type { Client } from '../../src/kube/client.ts';
import { pathOf } from '../../src/kube/resource.ts';
import { type Clock, sleep } from '../../src/telemetry/clock.ts';
import type { GrowthAct } from './growth-acts.ts';
import { post } from './users.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export async function defineSnapshots(client: Client): Promise<void> {
  const { group, version, plural, kind } = guardKinds.VolumeSnapshot;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  await post(client, DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved, a stand-in of a test' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: 'volumesnapshot', kind },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  });
}

/** The storage cuts it when it is ready. */
export async function takeSnapshot(
  { client, clock }: { readonly client: Client; readonly clock: Clock },
  { namespace, name, readyAfterMs }: GrowthAct & { kind: 'snapshot' },
): Promise<void> {
  const snapshot = { namespace, name: `${name}-${clock.monotonic()}` };
  await post(client, pathOf(guardKinds.VolumeSnapshot, { namespace }), {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: snapshot,
    spec: { source: { persistentVolumeClaimName: name } },
  });
  if (readyAfterMs === undefined) return;
  await sleep(clock, readyAfterMs);
  const value = { status: { readyToUse: true, creationTime: new Date(clock.now()).toISOString() } };
  await client.patch(guardKinds.VolumeSnapshot, snapshot, { kind: 'merge', value });
}
