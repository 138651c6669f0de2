import type { Client } from '../../kube/client.ts';
import type { AskHead } from './cluster-head.ts';

/** By the operator's own account; loaded when somebody looks. */
export function askHeadOf(client: Client): AskHead {
  return async (ledgerId, signal) => {
    const { configMapSource, HEADS_NAMESPACE } = await import('../../ledger/head-config-map.ts');
    return configMapSource({ client, namespace: HEADS_NAMESPACE, ledgerId }).look(signal);
  };
}
