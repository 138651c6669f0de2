import { type Client, KubeError } from '../../kube/index.ts';
import { configMapSource, publishHead } from '../../ledger/head-config-map.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { paint, type Terminal } from '../output.ts';

export interface Remembered {
  readonly ledger: Ledger;
  readonly client: Client;
  /** Where the cluster remembers the head. */
  readonly namespace: string;
}

/**
 * Runs work with a cluster; if that recorded something, and the cluster remembers this ledger already (`larder ledger
 * publish`), it is told of the newest record. That it cannot be told is said and stops nothing.
 */
export async function remembering<T>(terminal: Terminal, remembered: Remembered, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    const note = await remember(remembered);
    if (note !== undefined) terminal.err(`${paint(terminal, 'yellow', 'the cluster was not told')}: ${note}\n`);
  }
}

/** What somebody should know; undefined: all is well, or nobody asked for it. */
async function remember({ ledger, client, namespace }: Remembered): Promise<string | undefined> {
  const { signedHead, records, state } = ledger;
  if (signedHead === undefined) return undefined;
  const place = { client, namespace, ledgerId: state.ledger?.ledgerId ?? '' };
  const looked = await configMapSource(place).look();
  if (looked.kind === 'not-looked' || looked.heads.length === 0) return undefined;
  const known = new Set(records.map(({ hash }) => hash));
  try {
    const published = await publishHead(place, signedHead, (hash) => known.has(hash));
    const isKept = published.kind === 'published' || published.kind === 'unchanged';
    return isKept ? undefined : `what ${published.where} remembers is not here: run larder ledger verify`;
  } catch (cause) {
    if (cause instanceof KubeError) return `${cause.message} (${cause.code})`;
    throw cause;
  }
}
