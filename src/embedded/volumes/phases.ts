/** Keeps the phase of volumes: gathers what `reclaim` needs to know of one, and carries out what it decides. */
import { type Controller, createController, type Outcome } from '../../kube/controller.ts';
import { isKubeError } from '../../kube/error.ts';
import { kinds, type PersistentVolume, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { nameOf } from '../../kube/object.ts';
import { patchUnbound, patchVolumeStatus } from './binding.ts';
import { claimKeyOf } from './caches.ts';
import { type ReconcilerOptions, settleConflict } from './claims.ts';
import { reclaim, type VolumeDecision } from './reclaim.ts';

const CONCURRENCY = 16;

export function createPhaseController(options: ReconcilerOptions): Controller {
  const { caches, notices } = options;
  return createController({
    ...options,
    name: 'volume-phase',
    concurrency: CONCURRENCY,
    async reconcile(key, { signal }) {
      const volume = caches.volumes.get(key);
      if (!volume) {
        notices.forget(key);
        return { kind: 'done' };
      }
      return settleConflict(async () => act(options, volume, await decide(options, volume, signal), signal));
    },
  });
}

/**
 * Releasing a volume lets its provisioner remove the data, so the cache's word that a claim is gone is not enough: a new
 * volume can arrive before the claim that it was made for.
 */
async function decide(
  { client, caches }: ReconcilerOptions,
  volume: PersistentVolume,
  signal: AbortSignal,
): Promise<VolumeDecision> {
  const [claimKey] = claimKeyOf(volume);
  const known = claimKey === undefined ? undefined : caches.claims.get(claimKey);
  const settled = volume.status?.phase === 'Released' || volume.status?.phase === 'Failed';
  const ours = known !== undefined && known.metadata.uid === volume.spec.claimRef?.uid;
  if (ours || settled || claimKey === undefined || !volume.spec.claimRef?.uid) return reclaim(volume, known);
  let current: PersistentVolumeClaim | undefined;
  try {
    current = await client.get(kinds.PersistentVolumeClaim, nameOf(claimKey), { signal });
  } catch (error) {
    if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
  }
  return reclaim(volume, current);
}

async function act(
  { client, log, notices }: ReconcilerOptions,
  volume: PersistentVolume,
  decision: VolumeDecision,
  signal: AbortSignal,
): Promise<Outcome> {
  const { name } = volume.metadata;
  const writeStatus = async (...change: ['Available' | 'Bound' | 'Released' | 'Failed', string?]): Promise<boolean> => {
    const patch = patchVolumeStatus(volume, ...change);
    if (!patch) return false;
    await client.patch(kinds.PersistentVolume, { name }, patch, { signal, subresource: 'status' });
    log.info({ volume: name, phase: change[0] }, 'volume entered phase');
    return true;
  };
  switch (decision.kind) {
    case 'phase':
      await writeStatus(decision.phase);
      break;
    case 'fail':
      if (await writeStatus('Failed', decision.notice.message)) notices.say(name, volume, decision.notice);
      break;
    case 'unbind':
      await client.patch(kinds.PersistentVolume, { name }, patchUnbound(volume, decision.reserved), { signal });
      log.info({ volume: name, reserved: decision.reserved }, 'volume given back');
      break;
    case 'wait':
      break;
    default:
      decision satisfies never;
  }
  return { kind: 'done' };
}
