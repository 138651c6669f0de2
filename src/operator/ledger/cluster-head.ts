/** What the cluster remembers of the ledger against what the ledger has: a ledger cannot show by itself that its end is gone. */
import { messageOf } from '../../kube/error.ts';
import type { Remembered } from '../../ledger/head-source.ts';
import type { ClusterHeadAnswer } from './ledger-api.ts';
import type { LedgerReader } from './reader.ts';

/** Asks the cluster for the head that it remembers of the ledger with this id. */
export type AskHead = (ledgerId: string, signal: AbortSignal) => Promise<Remembered>;

/** Whatever cannot be read is an answer that says why, and never that all is well. */
export async function clusterHead(
  ledger: LedgerReader | undefined,
  askHead: AskHead | undefined,
  signal: AbortSignal,
): Promise<ClusterHeadAnswer> {
  if (ledger === undefined) return { kind: 'none' };
  if (askHead === undefined) return notRead('this process was started without the way to the cluster');
  const reply = await ledger.ask('overview', {}, signal);
  if (reply.kind === 'failed') return notRead(`the ledger was not read: ${reply.message} (${reply.code})`);
  const ledgerId = reply.value?.kind === 'ledger' ? reply.value.ledgerId : '';
  if (ledgerId === '') return notRead('no record says which ledger this is');
  const remembered = await askHead(ledgerId, signal).catch((cause: unknown): Remembered => {
    signal.throwIfAborted();
    return { kind: 'not-looked', why: messageOf(cause) };
  });
  if (remembered.kind === 'not-looked') return notRead(remembered.why);
  const [head] = remembered.heads;
  if (head === undefined) return { kind: 'silent', said: remembered.note ?? 'it remembers nothing of this ledger' };
  const told = { where: head.where, ...(head.head && { head: head.head }) };
  const standing = await ledger.ask('standing', told, signal);
  if (standing.kind === 'failed') return notRead(`the ledger was not read: ${standing.message} (${standing.code})`);
  return standing.value ?? notRead('the ledger has no records');
}

function notRead(why: string): ClusterHeadAnswer {
  return { kind: 'not read', why };
}
