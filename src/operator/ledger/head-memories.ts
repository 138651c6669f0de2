import type { Client } from '../../kube/client.ts';
import { HEADS_NAMESPACE } from '../../ledger/head-name.ts';
import type { HeadMemory } from './cluster-head.ts';

/**
 * Asked by the operator's own account: where it runs itself (`own`; absent: in no namespace), and where the command line
 * publishes unless somebody says otherwise.
 */
export function headMemories(client: Client, own?: string): readonly HeadMemory[] {
  const namespaces = own === undefined || own === HEADS_NAMESPACE ? [HEADS_NAMESPACE] : [own, HEADS_NAMESPACE];
  return namespaces.map((namespace) => ({
    publish: `larder ledger publish${namespace === HEADS_NAMESPACE ? '' : ` --namespace ${namespace}`}`,
    async look(ledgerId, signal) {
      const { configMapSource } = await import('../../ledger/head-config-map.ts'); // loaded when somebody looks
      return configMapSource({ client, namespace, ledgerId }).look(signal);
    },
  }));
}
