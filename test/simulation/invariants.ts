/**
 * Invariants 1 to 3 of the specification (quality.md, section 2), judged after every step, as an ordered list of small
 * questions to the truth. Each answers with what is wrong, or with nothing.
 */
import type { PersistentVolume } from '../../src/kube/kinds.ts';
import { type ExportFs, type Inode, keepsName } from './export-fs.ts';
import { CLOUD } from './growth-acts.ts';
import { judgeLimits } from './limits.ts';
import type { Snapshots } from './moments.ts';
import { judgeFirst, judgeRaise, type Wished } from './raises.ts';
import type { Rulings } from './rulings.ts';
import type { Scheduler } from './scheduler.ts';
import { adopting, type Look, lookOf } from './setting.ts';
import type { ClaimTruth, Truth } from './truth.ts';

export interface Violation {
  /** Number in the specification. */
  readonly invariant: 1 | 2 | 3 | 4 | 5 | 6;
  readonly message: string;
}

/** A measurement as it was handed to a process of Larder. */
export interface Reported {
  /** Virtual time at which it was handed over. */
  readonly handedMs: number;
  /** Wall time at which it claims to have been measured. */
  readonly at: number;
  readonly usedBytes: bigint;
  /** Undefined where nobody limits them. */
  readonly inodes: { readonly total: bigint; readonly used: bigint } | undefined;
  /** Wall time of the process that was handed it. */
  readonly nowMs: number;
}

export interface Scene {
  readonly truth: Truth;
  readonly fs: ExportFs;
  readonly scheduler: Scheduler;
  /** What was measured, by path, oldest first. */
  readonly reported: ReadonlyMap<string, readonly Reported[]>;
  /** Wall clocks were stepped in this history, so that wall times prove nothing. */
  readonly clocksStepped: boolean;
  /** Milliseconds from which on late operations must have been undone. */
  readonly undoneByMs: number;
  readonly usageEveryMs: number;
  /** Nothing fails in this history. */
  readonly undisturbed: boolean;
  /** Processes were cut off or stood still: who answers a webhook may not have heard of what happened meanwhile. */
  readonly outOfTouch: boolean;
  readonly rulings: Rulings;
  /** Places to which people asked for something to be restored. */
  readonly restoredAs: ReadonlySet<string>;
  /** What `larder grow` was asked for, by claim, oldest first. */
  readonly wishes: ReadonlyMap<string, readonly Wished[]>;
  /** See Cloud. */
  readonly refusals: () => readonly { readonly atMs: number }[];
  /** What the claims of one namespace may grow by within a day; undefined: there is no budget. */
  readonly budgetBytes: bigint | undefined;
  readonly snapshots: Snapshots;
}

const DAY_MS = 86_400_000;

/** Everything that is wrong now. */
export function judge(scene: Scene): Violation | undefined {
  for (const claim of scene.truth.claims.values()) {
    const found = claim.goneMs === undefined ? judgeLiving(scene, claim) : judgeGone(scene, claim);
    if (found) return found;
  }
  return judgeVolumes(scene) ?? judgeUnderlay(scene) ?? judgeSeeded(scene) ?? judgeLimits(scene);
}

type Question = (scene: Scene, claim: ClaimTruth) => string | undefined;

const ofLiving: readonly Question[] = [
  hasDirectory,
  isInPlace,
  holdsData,
  keepsVolume,
  sharesNoForeignData,
  isWhole,
  looksAsAsked,
];

function judgeLiving(scene: Scene, claim: ClaimTruth): Violation | undefined {
  for (const question of ofLiving) {
    const wrong = question(scene, claim);
    if (wrong) return { invariant: 1, message: `${claim.key} (${claim.uid}): ${wrong}` };
  }
  return judgeRequest(scene, claim);
}

function hasDirectory({ truth, fs }: Scene, claim: ClaimTruth): string | undefined {
  if (claim.inode || isElsewhere(claim) || !truth.volumeOf(claim)) return undefined;
  if (fs.lateMoves.some(({ from }) => from === claim.path)) return undefined;
  return `its volume is saved, but there is no directory ${claim.path}`;
}

function isInPlace(scene: Scene, claim: ClaimTruth): string | undefined {
  const { fs, truth, scheduler } = scene;
  const { inode, path } = claim;
  if (!inode || !truth.volumeOf(claim) || fs.at(path) === inode) return undefined;
  const where = fs.pathOf(inode);
  if (where === '(removed)') return `its directory ${path} was removed`;
  const late = fs.lateMoves.some((move) => isWithin(inode, move.inode));
  if (late && scheduler.elapsedMs < scene.undoneByMs) return undefined;
  return `its directory ${path} was ${late ? 'left moved' : 'moved'} to ${where}`;
}

function isWithin(inode: Inode, above: Inode): boolean {
  for (let here: Inode | undefined = inode; here; here = here.parent) if (here === above) return true;
  return false;
}

function holdsData(_scene: Scene, { inode, files, path }: ClaimTruth): string | undefined {
  const missing = files.find((file) => !inode?.entries.has(file));
  return missing === undefined ? undefined : `its data ${missing} is gone from ${path}`;
}

function keepsVolume({ truth }: Scene, claim: ClaimTruth): string | undefined {
  const { volumeName } = claim.object.spec;
  if (!volumeName || claim.object.status?.phase !== 'Bound' || truth.volumes.has(volumeName)) return undefined;
  return `it is bound to ${volumeName}, which is gone`;
}

/** An application of any user, or of the one that the class names, can write to what it was given; others cannot. */
function looksAsAsked({ truth }: Scene, claim: ClaimTruth): string | undefined {
  const { inode, path, object } = claim;
  if (!inode || isElsewhere(claim) || !truth.volumeOf(claim)) return undefined;
  if (keepsName(inode)) return undefined;
  const asked = lookOf(object.spec.storageClassName ?? '');
  const text = ({ mode, uid, gid }: Look): string => `${mode.toString(8)} ${uid}:${gid}`;
  return text(inode) === text(asked) ? undefined : `its directory ${path} is ${text(inode)} instead of ${text(asked)}`;
}

function isWhole(_scene: Scene, { spoilt, path }: ClaimTruth): string | undefined {
  return spoilt ? `its copy in ${path} is not one: ${spoilt}` : undefined;
}

/** Data that was there before is shown only to those whose class says that it may be. */
function sharesNoForeignData({ truth }: Scene, { object, inode, path }: ClaimTruth): string | undefined {
  const foreign = inode !== undefined && truth.seeded.get(path) === inode;
  if (!foreign || adopting.has(object.spec.storageClassName ?? '')) return undefined;
  return `it was given ${path}, which held data of old, and its class adopts nothing`;
}

/** Data of claims that are gone: kept where the class says so, in the trash for as long as it says. */
function judgeGone(scene: Scene, claim: ClaimTruth): Violation | undefined {
  const { fs } = scene;
  const { inode, path, volume } = claim;
  if (!inode || !volume || claim.files.length === 0) return undefined;
  const where = fs.pathOf(inode);
  const lost = where === '(removed)' || claim.files.some((file) => !inode.entries.has(file));
  const wrong = (message: string): Violation => ({ invariant: 1, message: `${claim.key} (${claim.uid}): ${message}` });
  if (lost && !mayBePurged(scene, claim)) return wrong(`data of the deleted claim in ${path} is gone before its time`);
  if (lost) {
    claim.files.length = 0;
    return undefined;
  }
  const shared = [...scene.truth.claims.values()].some((other) => other !== claim && other.inode === inode);
  if (claim.retained && !shared && where !== path) return wrong(`retained directory ${path} was moved to ${where}`);
  return undefined;
}

const RETENTION = 'larder.dev/trash-retention';
const RETENTIONS_MS: Readonly<Record<string, number>> = { '2h': 7_200_000, '7d': 7 * DAY_MS };

const endOf = ({ goneMs }: ClaimTruth): number => goneMs ?? Number.POSITIVE_INFINITY;

function mayBePurged(scene: Scene, claim: ClaimTruth): boolean {
  const { truth, scheduler, clocksStepped } = scene;
  // Of a directory that was kept, whoever was given it next decides.
  let last = claim;
  for (const other of truth.claims.values()) {
    if (other.inode === claim.inode && endOf(other) > endOf(last)) last = other;
  }
  const latestMs = endOf(last);
  const notes = last.volume?.metadata.annotations ?? {};
  if (last.retained || notes['larder.dev/on-delete'] !== 'delete') return false;
  const retentionMs = RETENTIONS_MS[notes[RETENTION] ?? ''] ?? Number.POSITIVE_INFINITY;
  return clocksStepped || scheduler.elapsedMs >= latestMs + retentionMs;
}

/** Invariant 2. */
function judgeVolumes({ truth }: Scene): Violation | undefined {
  const wrong = (message: string): Violation => ({ invariant: 2, message });
  const byClaim = new Map<string, string>();
  const owners: ClaimTruth[] = [];
  for (const { metadata, spec } of truth.volumes.values()) {
    const uid = spec.claimRef?.uid ?? '';
    const other = byClaim.get(uid);
    if (uid !== '' && other !== undefined) return wrong(`claim ${uid} has two volumes: ${other} and ${metadata.name}`);
    byClaim.set(uid, metadata.name);
    const claim = truth.claims.get(uid);
    if (claim && claim.goneMs === undefined) owners.push(claim);
  }
  for (const [index, one] of owners.entries()) {
    for (const other of owners.slice(index + 1)) {
      const clash = clashOf(one, other, truth);
      if (clash) return wrong(`${one.key} and ${other.key} have directory ${one.path}${clash}`);
    }
  }
  return undefined;
}

function clashOf(one: ClaimTruth, other: ClaimTruth, truth: Truth): string | undefined {
  if (isElsewhere(one) || isElsewhere(other)) return undefined;
  if (one.path.startsWith(`${other.path}/`) || other.path.startsWith(`${one.path}/`))
    return `, nested with ${other.path}`;
  if (one.path !== other.path) return undefined;
  if (one.namespace !== other.namespace) return ' across namespaces';
  return isShared(truth.volumeOf(one)) && isShared(truth.volumeOf(other)) ? undefined : ' without both asking to share';
}

/** In a cloud, where no directory of ours is. */
const isElsewhere = ({ object }: ClaimTruth): boolean => object.spec.storageClassName === CLOUD;

const isShared = (volume: PersistentVolume | undefined): boolean =>
  volume?.spec.accessModes?.every((mode) => mode === 'ReadWriteMany') === true;

function judgeUnderlay({ fs }: Scene): Violation | undefined {
  const names = fs.servers.flatMap(({ underlay }) => [...underlay.entries.keys()]);
  if (names.length === 0) return undefined;
  return { invariant: 1, message: `something was written where no export is mounted: ${names.join(', ')}` };
}

/** An adopted directory is kept or archived, never removed. */
function judgeSeeded({ truth, fs, restoredAs }: Scene): Violation | undefined {
  for (const [path, inode] of truth.seeded) {
    if (fs.at(path) === inode && inode.entries.has('old-data')) continue;
    const where = fs.pathOf(inode);
    const whole = inode.entries.has('old-data');
    const archived = whole && (where.startsWith('archived-') || restoredAs.has(where));
    if (!archived) return { invariant: 1, message: `adopted directory ${path} with data of old went to ${where}` };
  }
  return undefined;
}

/** Invariant 3. */
function judgeRequest(scene: Scene, claim: ClaimTruth): Violation | undefined {
  const wrong = (message: string): Violation => ({ invariant: 3, message: `${claim.key} (${claim.uid}): ${message}` });
  if (claim.lowered) return wrong(`the request fell ${claim.lowered}`);
  const nowMs = scene.scheduler.elapsedMs;
  const message = claim.bornMs === nowMs ? judgeFirst(scene, claim) : undefined;
  if (message) return wrong(message);
  const last = claim.raises.at(-1);
  const found = last?.atMs === nowMs ? judgeRaise(scene, claim, last) : undefined;
  return found === undefined ? undefined : wrong(found);
}
