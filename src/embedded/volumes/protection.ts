/** Puts on and takes off the finalizers that keep claims and volumes in use from vanishing. */
import type { Client } from '../../kube/client.ts';
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import { kinds } from '../../kube/kinds.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Resource } from '../../kube/resource.ts';
import { nodePods } from '../nodes/pod.ts';
import { finalizer } from './annotation.ts';
import { type ReconcilerOptions, settleConflict } from './claims.ts';
import { protectClaim, protectVolume, withFinalizer } from './protect.ts';

const CONCURRENCY = 8;

export function createClaimProtection(options: ReconcilerOptions): Controller {
  const { client, caches } = options;
  return createController({
    ...options,
    name: 'claim-protection',
    concurrency: CONCURRENCY,
    async reconcile(key, { signal }) {
      const claim = caches.claims.get(key);
      if (!claim) return { kind: 'done' };
      let change = protectClaim(claim, caches.pods.byIndex('claim', key));
      if (change === 'remove') {
        // a pod that is not yet in the cache may have begun to write
        const { namespace = '' } = claim.metadata;
        const { items } = await client.list(nodePods, { namespace, signal });
        change = protectClaim(claim, items);
      }
      if (change === 'keep') return { kind: 'done' };
      const edit = { object: claim, finalizer: finalizer.claimProtection, change, signal };
      return settleConflict(() => apply(client, kinds.PersistentVolumeClaim, edit));
    },
  });
}

export function createVolumeProtection(options: ReconcilerOptions): Controller {
  const { client, caches } = options;
  return createController({
    ...options,
    name: 'volume-protection',
    concurrency: CONCURRENCY,
    async reconcile(key, { signal }) {
      const volume = caches.volumes.get(key);
      const change = volume ? protectVolume(volume) : 'keep';
      if (!volume || change === 'keep') return { kind: 'done' };
      const edit = { object: volume, finalizer: finalizer.volumeProtection, change, signal };
      return settleConflict(() => apply(client, kinds.PersistentVolume, edit));
    },
  });
}

interface Edit<T> {
  readonly object: T;
  readonly finalizer: string;
  readonly change: 'add' | 'remove';
  readonly signal: AbortSignal;
}

async function apply<T extends KubeObject>(client: Client, resource: Resource<T>, edit: Edit<T>): Promise<Outcome> {
  const { metadata } = edit.object;
  const finalizers = withFinalizer(metadata.finalizers ?? [], edit.finalizer, edit.change);
  const value = { metadata: { finalizers, resourceVersion: metadata.resourceVersion } };
  const { namespace, name } = metadata;
  const where = namespace === undefined ? { name } : { namespace, name };
  await client.patch(resource, where, { kind: 'merge', value }, { signal: edit.signal });
  return { kind: 'done' };
}
