/** What the cluster remembers of the ledger against what the ledger has: a ledger cannot show by itself that its end is gone. */
import { messageOf } from '../../kube/error.ts';
import type { Remembered } from '../../ledger/head-source.ts';
import type { ClusterHeadAnswer } from './ledger-api.ts';
import type { LedgerReader } from './reader.ts';

/** A place of the cluster that may remember how far a ledger had come. */
export interface HeadMemory {
  /** The command that tells it of the newest record. */
  readonly publish: string;
  look(ledgerId: string, signal: AbortSignal): Promise<Remembered>;
}

/**
 * Of what several places say the alarm counts first, then that the newest record is remembered anywhere. Whatever cannot be
 * read is an answer that says why, and never that all is well.
 */
export async function clusterHead(
  ledger: LedgerReader | undefined,
  memories: readonly HeadMemory[],
  signal: AbortSignal,
): Promise<ClusterHeadAnswer> {
  if (ledger === undefined) return { kind: 'none' };
  if (memories.length === 0) return notRead('this process was started without the way to the cluster');
  const reply = await ledger.ask('overview', {}, signal);
  if (reply.kind === 'failed') return notRead(`the ledger was not read: ${reply.message} (${reply.code})`);
  const ledgerId = reply.value?.kind === 'ledger' ? reply.value.ledgerId : '';
  if (ledgerId === '') return notRead('no record says which ledger this is');
  const asked = { ledger, ledgerId, signal };
  const answers = await Promise.all(memories.map((memory) => answerOf(memory, asked)));
  const [first] = answers.toSorted((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
  if (first?.kind !== 'silent') return first ?? notRead('the cluster said nothing');
  const said = answers.flatMap((answer) => (answer.kind === 'silent' ? [answer.said] : []));
  return { ...first, said: said.join('; ') };
}

/** The first of these that a place says is the answer. */
const order: readonly ClusterHeadAnswer['kind'][] = ['differs', 'same', 'behind', 'not read', 'silent'];

interface Asked {
  readonly ledger: LedgerReader;
  readonly ledgerId: string;
  readonly signal: AbortSignal;
}

async function answerOf(memory: HeadMemory, { ledger, ledgerId, signal }: Asked): Promise<ClusterHeadAnswer> {
  const remembered = await memory.look(ledgerId, signal).catch((cause: unknown): Remembered => {
    signal.throwIfAborted();
    return { kind: 'not-looked', why: messageOf(cause) };
  });
  if (remembered.kind === 'not-looked') return notRead(remembered.why);
  const [head] = remembered.heads;
  const command = memory.publish;
  if (head === undefined) {
    return { kind: 'silent', said: remembered.note ?? 'it remembers nothing of this ledger', command };
  }
  const told = { where: head.where, ...(head.head && { head: head.head }) };
  const standing = await ledger.ask('standing', told, signal);
  if (standing.kind === 'failed') return notRead(`the ledger was not read: ${standing.message} (${standing.code})`);
  const { value } = standing;
  if (!value) return notRead('the ledger has no records');
  return value.kind === 'behind' ? { ...value, command } : value;
}

function notRead(why: string): ClusterHeadAnswer {
  return { kind: 'not read', why };
}
