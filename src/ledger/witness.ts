/**
 * What this working tree has seen: the newest signed head of each branch of git, in a file that is never committed. A
 * branch that is checked out anew has seen nothing yet; going back to another branch is no truncation.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../kube/error.ts';
import type { Disk } from './disk.ts';
import type { Remembered } from './head-source.ts';
import { holderOf } from './holder.ts';
import type { Place } from './place.ts';
import type { LedgerRecord } from './record.ts';
import { headJson, readHead, type SignedHead, signHead } from './signed-head.ts';
import type { State } from './state.ts';

const FILE = 'ledger-head.json';
const branches = z.record(z.string(), z.json());

interface WitnessPlace {
  readonly disk: Disk;
  /** `.git/larder`. */
  readonly folder: string;
  readonly branch: string;
}

export function lookAtWitness({ disk, folder, branch }: WitnessPlace): Remembered {
  const path = join(folder, FILE);
  try {
    const content = disk.read(path);
    if (content === undefined) return { kind: 'looked', heads: [], note: 'this clone has not seen a head yet' };
    const seen = Object.entries(branches.parse(JSON.parse(Buffer.from(content).toString())));
    const found = seen.find(([name]) => name === branch)?.[1];
    if (found === undefined) return { kind: 'looked', heads: [], note: `no head was seen on ${branch} yet` };
    const head = readHead(JSON.stringify(found));
    return { kind: 'looked', heads: [{ where: `this clone (${path})`, ...(head && { head }) }] };
  } catch (cause) {
    return { kind: 'not-looked', why: `${path}: ${messageOf(cause)}` };
  }
}

export interface WrittenHead {
  /** Undefined where nobody here could sign. */
  readonly signed: SignedHead | undefined;
  readonly notes: readonly string[];
}

/** Signs the newest record and remembers it. The record is there whatever happens here. */
export async function writeHead(
  place: Place,
  branch: string,
  record: LedgerRecord,
  state: State,
): Promise<WrittenHead> {
  const { signer, repository, disk, random } = place;
  const operator = signer && holderOf(state, signer.publicKey);
  if (signer === undefined || operator === undefined) return { signed: undefined, notes: [] };
  try {
    const signed = await signHead(record, { operator, signer });
    await remember({ disk, folder: repository.own, branch }, signed, `ledger-head.${random.uuid()}`);
    return { signed, notes: [] };
  } catch (cause) {
    const why = messageOf(cause);
    return { signed: undefined, notes: [`that record ${record.seq} was seen is not remembered in this clone: ${why}`] };
  }
}

/** What other branches saw stays; a file that cannot be read is written anew. */
async function remember(place: WitnessPlace, head: SignedHead, aside: string): Promise<void> {
  const { disk, folder, branch } = place;
  const next = { ...before(place), [branch]: JSON.parse(headJson(head)) };
  const path = join(folder, aside);
  await disk.writeNew(path, Buffer.from(`${JSON.stringify(next, undefined, 2)}\n`));
  await disk.replace(path, join(folder, FILE));
}

function before({ disk, folder }: WitnessPlace): z.infer<typeof branches> {
  try {
    const content = disk.read(join(folder, FILE));
    return content === undefined ? {} : branches.parse(JSON.parse(Buffer.from(content).toString()));
  } catch {
    return {}; // not-looked was told by whoever asked before
  }
}
