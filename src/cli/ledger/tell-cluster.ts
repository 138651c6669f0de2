import { publishHead } from '../../ledger/head-config-map.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { SignedHead } from '../../ledger/signed-head.ts';
import { type ClusterOptions, cluster } from '../cluster.ts';
import type { CommandContext } from '../program.ts';

interface HeadsOptions extends ClusterOptions {
  readonly namespace: string;
}

interface Told {
  readonly isKept: boolean;
  /** A sentence without its end: what the cluster remembers now, or why it was not told. */
  readonly words: string;
}

/** @throws KubeError as the API server says it. */
export async function tellCluster(
  context: CommandContext,
  options: HeadsOptions,
  { records, state }: Pick<Ledger, 'records' | 'state'>,
  head: SignedHead,
): Promise<Told> {
  const known = new Set(records.map(({ hash }) => hash));
  const { namespace } = options;
  const ledgerId = state.ledger?.ledgerId ?? '';
  const published = await cluster(context, options, (client, signal) =>
    publishHead({ client, namespace, ledgerId }, head, (hash) => known.has(hash), signal),
  );
  const { where } = published;
  switch (published.kind) {
    case 'published':
      return { isKept: true, words: `${where} remembers record ${head.seq}` };
    case 'unchanged':
      return { isKept: true, words: `${where} remembers record ${head.seq} already` };
    case 'ahead': {
      const what = `${where} remembers record ${published.head.seq}, which is not here`;
      return { isKept: false, words: `${what}. Pull, or run larder ledger verify` };
    }
    case 'unreadable':
      return { isKept: false, words: `what ${where} has is no head. Find out who wrote it` };
    default:
      return published satisfies never;
  }
}
