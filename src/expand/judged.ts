/**
 * What a decision on a claim rested on. Most claims of a large cluster are managed by nobody, and nothing is decided anew
 * on such a one while none of this has changed.
 */
import type { Namespace, PersistentVolumeClaim, StorageClass } from '../kube/kinds.ts';
import type { Claim } from './claim.ts';
import type { Outline } from './outline.ts';
import type { ClusterView } from './situation.ts';

export interface Judged {
  readonly object: PersistentVolumeClaim;
  readonly storageClass: StorageClass | undefined;
  readonly namespace: Namespace | undefined;
  /** Monotonic ms. */
  readonly atMono: number;
}

/** Whatever else may have changed is seen after this time at the latest. */
const LONGEST_MS = 300_000;

export function judgedOf(
  object: PersistentVolumeClaim,
  { className, namespace }: Claim,
  { view, nowMono }: { readonly view: ClusterView; readonly nowMono: number },
): Judged {
  const storageClass = className === '' ? undefined : view.storageClass(className);
  return { object, storageClass, namespace: view.namespace(namespace), atMono: nowMono };
}

/** `before`: undefined before the first decision. `now`: as one would be made now, on the same measurement. */
export function isSettled(outline: Outline | undefined, before: Judged | undefined, now: Judged): boolean {
  return (
    outline?.verdict.kind === 'Unmanaged' &&
    before?.object === now.object &&
    before.storageClass === now.storageClass &&
    before.namespace === now.namespace &&
    now.atMono - before.atMono < LONGEST_MS
  );
}
