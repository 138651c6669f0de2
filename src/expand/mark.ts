import { isKubeError } from '../kube/error.ts';
import { kinds } from '../kube/kinds.ts';
import { FIELD_MANAGER } from './change.ts';
import type { GrowOptions, Intent } from './grow.ts';
import { conditionPatch, wantedCondition } from './guard/condition.ts';

/** Writes or takes off the condition that says why only a person can make the claim grow; nothing when it is right. */
export async function mark(options: GrowOptions, intent: Intent, signal: AbortSignal) {
  const { situation, entry, decision } = intent;
  const { client, clock, metrics } = options;
  const { claim, object } = situation;
  const wanted = wantedCondition(decision, entry.refusals?.forbidden ?? '');
  const body = conditionPatch(claim, wanted, clock.now());
  if (!body || claim.deleting || (entry.markUntilMono ?? 0) > clock.monotonic()) return;
  // What one mistake in a policy does to thousands of claims is written little by little: the next passes go on.
  if (!options.marks || options.marks.take() > 0) return;
  // The uid keeps it off another claim of the same name; what else changed meanwhile is looked at again anyhow.
  const value = { ...body, metadata: { uid: object.metadata.uid } };
  metrics.count('pvc_chonker_api_requests_total', { verb: 'patch' });
  try {
    const where = { namespace: claim.namespace, name: claim.name };
    const patch = { kind: 'strategic', value } as const;
    const patchOptions = { subresource: 'status', fieldManager: FIELD_MANAGER, signal };
    await client.patch(kinds.PersistentVolumeClaim, where, patch, patchOptions);
    entry.markUntilMono = clock.monotonic() + SEEN_MS;
  } catch (err) {
    if (!isKubeError(err)) throw err;
    // The event has said the same; the condition is tried again after a while.
    entry.markUntilMono = clock.monotonic() + AGAIN_MS;
    intent.log.warn({ code: err.code, err }, 'condition of the claim not written');
  }
}

const AGAIN_MS = 300_000;
/** By then the watch has brought what was written, so that it is not written twice. */
const SEEN_MS = 5_000;
