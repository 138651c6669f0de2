/** Gathers what stands beside the records: heads that were seen, evidence, allowed_signers, what git would not take. */
import { dirname, join } from 'node:path';
import { messageOf } from '../kube/error.ts';
import { ALLOWED_SIGNERS } from './allowed-signers.ts';
import type { Remembered } from './head-source.ts';
import type { Place } from './place.ts';
import { type LedgerRecord, recordPath } from './record.ts';
import { sha256Of } from './record-file.ts';
import { HEAD_NAMESPACE, headText } from './signed-head.ts';
import { verifySignature } from './ssh-signature.ts';
import { artifactPaths, folderLinks } from './tree.ts';
import { isThere, type SeenHead, type StandingFile, type Surroundings } from './verify.ts';
import { lookAtWitness } from './witness.ts';

/** A place that remembers heads, and what it said. One that was not reached was not looked at. */
export type Looked = { readonly source: string } & (
  | { readonly kind: 'looked'; readonly heads: number; readonly note?: string }
  | { readonly kind: 'not-looked'; readonly why: string }
);

export interface Heads {
  readonly seen: readonly SeenHead[];
  readonly looked: readonly Looked[];
}

/** Of this clone alone: quick, and asked before each record. */
export function ownHeads({ disk, repository }: Place, branch: string): Heads {
  return headsOf('this clone', lookAtWitness({ disk, folder: repository.own, branch }), true);
}

export async function allHeads(place: Place, branch: string, signal?: AbortSignal): Promise<Heads> {
  const others = await Promise.all(
    place.heads.map(async (source) => headsOf(source.name, await source.look(signal), false)),
  );
  const all = [ownHeads(place, branch), ...others];
  return { seen: all.flatMap(({ seen }) => seen), looked: all.flatMap(({ looked }) => looked) };
}

function headsOf(source: string, remembered: Remembered, own: boolean): Heads {
  if (remembered.kind === 'not-looked') return { seen: [], looked: [{ source, ...remembered }] };
  const { heads, note } = remembered;
  const looked: Looked = { source, kind: 'looked', heads: heads.length, ...(note !== undefined && { note }) };
  return { seen: heads.map((head) => ({ ...head, own, source })), looked: [looked] };
}

/**
 * What is to be told about them: of the places that remember a record which is not there, the newest that counts, and those
 * before it that do not. With the newest all that it follows are gone; a branch of thousands of commits remembers them all.
 */
export async function examined(
  seen: readonly SeenHead[],
  records: readonly LedgerRecord[],
): Promise<readonly SeenHead[]> {
  const missing = seen.filter((each) => each.head !== undefined && !isThere(each, records));
  const told = seen.filter((each) => each.head === undefined);
  for (const heads of Map.groupBy(missing, ({ source }) => source).values()) {
    for (const each of heads.toSorted((a, b) => (b.head?.seq ?? 0) - (a.head?.seq ?? 0))) {
      const checked = await closely(each);
      told.push(checked);
      if (checked.own === true && checked.signature?.kind === 'valid') break;
    }
  }
  return told;
}

async function closely(seen: SeenHead): Promise<SeenHead> {
  const { head } = seen;
  if (head === undefined) return seen;
  const { signature } = head;
  const check = await verifySignature({ message: headText(head), namespace: HEAD_NAMESPACE, signature });
  const own = seen.own === true || (check.kind === 'valid' && ((await seen.counts?.()) ?? false));
  return { ...seen, own, signature: check };
}

export function signersText({ disk, root }: Place): string | undefined {
  const content = disk.read(join(root, ALLOWED_SIGNERS));
  return content && Buffer.from(content).toString('latin1');
}

/** Everything but the heads and the findings of the folder. */
export async function evidence(
  place: Place,
  records: readonly LedgerRecord[],
): Promise<Pick<Surroundings, 'artifacts' | 'found' | 'hidden' | 'signers'>> {
  const { disk, root, repository } = place;
  const named = new Set(records.flatMap(({ artifacts }) => artifacts.map(({ path }) => path)));
  const artifacts = new Map<string, StandingFile>();
  for (const path of named) {
    const standing = standingFile(place, path);
    if (standing !== undefined) artifacts.set(path, standing);
  }
  const hidden = await repository.hidden([...records.map((record) => recordPath(record)), ...named, ALLOWED_SIGNERS]);
  return { artifacts, found: artifactPaths(disk, root), hidden, signers: signersText(place) };
}

/** What stands at the path of an artifact; undefined: nothing. */
export function standingFile({ disk, root }: Pick<Place, 'disk' | 'root'>, path: string): StandingFile | undefined {
  const [link] = folderLinks(disk, root, dirname(path));
  if (link !== undefined) return { kind: 'other', why: `is behind a link: ${link.message}` };
  const kind = disk.kindOf(join(root, path));
  if (kind === undefined) return undefined;
  if (kind !== 'file') return { kind: 'other', why: kind === 'link' ? 'is a symbolic link' : 'is no file' };
  try {
    const content = disk.read(join(root, path));
    return content && { kind: 'file', sha256: sha256Of(content), bytes: content.length };
  } catch (cause) {
    return { kind: 'other', why: `cannot be read: ${messageOf(cause)}` };
  }
}
