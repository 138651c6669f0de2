import type { Client } from '../kube/client.ts';
import { isKubeError, type KubeError } from '../kube/error.ts';
import { kinds, type PersistentVolumeClaim } from '../kube/kinds.ts';
import { formatQuantity } from '../kube/quantity.ts';
import { formatHistory, type Growth, type History } from './history.ts';
import type { FailureReason } from './registry.ts';

export const FIELD_MANAGER = 'larder-expander';

export interface Change {
  /** As it was read for the decision: its resourceVersion is the precondition of the write. */
  readonly object: PersistentVolumeClaim;
  readonly history: History;
  readonly growth: Growth;
}

export type ChangeResult =
  | { readonly kind: 'changed' }
  /** Someone changed the claim since it was read: read again, decide again. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'throttled'; readonly afterMs: number }
  /** No answer: the write may have been applied. Reading the claim again tells. */
  | { readonly kind: 'unanswered'; readonly cause: KubeError }
  | { readonly kind: 'refused'; readonly failure: FailureReason; readonly message: string };

const THROTTLED_MS = 1_000;

/** The one write of the expander, up or (recover.ts) down: size, cooldown stamp and history in a single merge patch. Throws only what is not an answer. */
export async function applyChange(client: Client, change: Change, signal: AbortSignal): Promise<ChangeResult> {
  const { object, growth, history } = change;
  const { name, namespace = '', resourceVersion, uid } = object.metadata;
  const value = {
    metadata: { resourceVersion, uid, annotations: formatHistory(history, growth) },
    spec: { resources: { requests: { storage: formatQuantity(growth.toBytes) } } },
  };
  try {
    const options = { fieldManager: FIELD_MANAGER, signal };
    await client.patch(kinds.PersistentVolumeClaim, { namespace, name }, { kind: 'merge', value }, options);
    return { kind: 'changed' };
  } catch (error) {
    if (!isKubeError(error)) throw error;
    return resultOf(error);
  }
}

function resultOf(error: KubeError): ChangeResult {
  switch (error.code) {
    case 'KUBE_CONFLICT':
      return { kind: 'conflict' };
    case 'KUBE_NOT_FOUND':
      return { kind: 'gone' };
    case 'KUBE_THROTTLED':
      return { kind: 'throttled', afterMs: error.retryAfterMs ?? THROTTLED_MS };
    case 'KUBE_FORBIDDEN': {
      const failure = /exceeded quota/i.test(error.message) ? 'quota' : 'forbidden';
      return { kind: 'refused', failure, message: error.message };
    }
    case 'KUBE_UNAUTHORIZED':
      return { kind: 'refused', failure: 'forbidden', message: error.message };
    case 'KUBE_INVALID':
    case 'KUBE_ALREADY_EXISTS':
    case 'KUBE_GONE':
    case 'KUBE_CONFIG':
      return { kind: 'refused', failure: 'invalid', message: error.message };
    case 'KUBE_UNAVAILABLE':
    case 'KUBE_MALFORMED':
      return { kind: 'unanswered', cause: error };
    default:
      return error.code satisfies never;
  }
}
