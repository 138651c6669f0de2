/** What becomes of a pledge, as the caches tell it: another process may be the one that brings the directory back. */
import type { PersistentVolume } from '../../kube/kinds.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Catalog } from '../catalog.ts';
import { isRedeemed } from '../pledge.ts';
import { claimKeyOf } from '../volume.ts';
import type { Refusals } from './refusals.ts';

export type Redemption =
  | { readonly kind: 'redeemed'; readonly volume: PersistentVolume }
  /** This process leads, and found a reason. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Somebody deleted it. */
  | { readonly kind: 'gone' }
  /** Nothing was heard in time. */
  | { readonly kind: 'late' };

/** A follower looks at its leader's work: a second or so where nothing is in the way. */
const PATIENCE_MS = 30_000;

export interface RedemptionOptions {
  readonly catalog: Catalog;
  readonly refusals: Refusals;
  readonly clock: Clock;
}

/** Rejects with the reason of the signal. */
export async function untilRedeemed(
  { catalog, refusals, clock }: RedemptionOptions,
  pledge: PersistentVolume,
  signal: AbortSignal | undefined,
): Promise<Redemption> {
  const { volumes } = catalog.caches;
  const { name, uid } = pledge.metadata;
  const { promise, resolve, reject } = Promise.withResolvers<Redemption>();
  let seen = false;
  const look = (): void => {
    const [volume] = volumes.byIndex('larder/claim', claimKeyOf(pledge)).filter((each) => isRedeemed(pledge, each));
    const message = refusals.get(uid);
    const there = catalog.named(name)?.metadata.uid === uid;
    if (volume) resolve({ kind: 'redeemed', volume });
    else if (message !== undefined) resolve({ kind: 'refused', message });
    else if (seen && !there) resolve({ kind: 'gone' });
    seen ||= there;
  };
  const abort = (): void => reject(signal?.reason);
  const ends = [volumes.onChange(look), refusals.onSet(look)];
  const timer = clock.after(PATIENCE_MS, () => resolve({ kind: 'late' }));
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  look();
  try {
    return await promise;
  } finally {
    for (const end of ends) end();
    timer.cancel();
    signal?.removeEventListener('abort', abort);
  }
}
