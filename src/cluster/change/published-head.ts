/** Whether this clone knows all that the cluster was told of the ledger: who is behind does not know what others have done. */
import { type Client, isKubeError } from '../../kube/index.ts';
import { compareHead } from '../../ledger/head-config-map.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { ChangeError } from '../registry.ts';

/**
 * `namespace`: where the cluster remembers it. What somebody should know, where the cluster may not be asked; undefined: this clone has what it remembers, or it remembers
 * nothing.
 * @throws ChangeError LARDER_CHANGE_BEHIND, and KubeError where the API server does not say.
 */
export async function assertPublishedHead(
  { state, records }: Pick<Ledger, 'state' | 'records'>,
  client: Client,
  namespace: string,
): Promise<string | undefined> {
  const place = { client, namespace, ledgerId: state.ledger?.ledgerId ?? '' };
  try {
    const compared = await compareHead(place, (hash) => records.some((record) => record.hash === hash));
    if (compared.kind === 'here') return undefined;
    const { where } = compared;
    if (compared.kind === 'unreadable')
      throw behind(`what ${where} has of this ledger is no head; find out who wrote it`);
    const { head } = compared;
    const last = records.at(-1)?.seq ?? 0;
    const gone =
      last < head.seq
        ? `this clone ends with record ${last} and is behind: run git pull`
        : `this clone has another history up to record ${last}: run git pull, then larder ledger merge`;
    throw behind(`${where} remembers record ${head.seq} (hash ${head.hash.slice(0, 12)}…), which is not here; ${gone}`);
  } catch (cause) {
    if (isKubeError(cause, 'KUBE_FORBIDDEN')) return cause.message;
    throw cause;
  }
}

function behind(why: string): ChangeError {
  return new ChangeError('LARDER_CHANGE_BEHIND', why);
}
