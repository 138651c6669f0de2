/** Invariant 3 at the moment when a request is raised, or a claim is made: for a reason, within what was allowed, and not too often. */
import { larger } from '../../src/expand/portion.ts';
import { CLOUD } from './growth-acts.ts';
import type { Reported, Scene } from './invariants.ts';
import { isBeingRead, isCovered, opensWithin } from './moments.ts';
import { isRepeatedForInodes, type Reason, reasonsFor } from './reasons.ts';
import type { Ruling } from './rulings.ts';
import { START_MS } from './scheduler.ts';
import { askedBy, type ClaimTruth, type Raise } from './truth.ts';

/** What somebody asked for with `larder grow`. */
export interface Wished {
  readonly atMs: number;
  readonly bytes: bigint;
}

const MEBIBYTE = 1n << 20n;
const GIBIBYTE = 1n << 30n;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const PER_DAY = 6;
/** What a cloud counts, whatever Larder was told. */
const CLOUD_EVERY_MS = 6 * HOUR_MS;
const CLOUD_PER_DAY = 4;
/** An RFC 3339 stamp has whole seconds. */
const ROUNDING_MS = 2_000;
/** Whoever acts may not have heard yet of what was said within this time: it was cut off, or stood still. */
const HEARSAY_MS = 40 * MINUTE_MS;
/** The failures after which a driver is left alone, and the least time between two that try it. */
const FAILURES = 5;
const PROBE_MS = 50_000;
/** Until whoever acts has heard of a failure. */
const KNOWN_MS = 30_000;
/** A wish that nobody granted by then was given up. */
const WISH_MS = 5 * MINUTE_MS;

interface Judged {
  readonly scene: Scene;
  readonly claim: ClaimTruth;
  readonly raise: Raise;
  /** Any of them may have been in force for whoever acted. */
  readonly rulings: readonly Ruling[];
}

/** What is wrong with it, if anything; notes whom others may go by when nothing is. */
export function judgeRaise(scene: Scene, claim: ClaimTruth, raise: Raise): string | undefined {
  const rulings = scene.rulings.since(claim.uid, raise.atMs - HEARSAY_MS);
  const judged = { scene, claim, raise, rulings };
  for (const question of ofRaises) {
    const message = question(judged);
    if (message) return message;
  }
  const readings: readonly Reported[] = scene.reported.get(isInCloud(claim.object) ? claim.key : claim.path) ?? [];
  const reasons = reasonsOf(judged, readings);
  if (!isWished(judged) && isRepeatedForInodes(claim, readings, reasons)) {
    return `grown from ${raise.from} to ${raise.to} for inodes, and the last time that it was it got none`;
  }
  if (reasons.size > 0 || isWished(judged)) {
    scene.rulings.grewByItself(claim, raise.to);
    return undefined;
  }
  const floor = rulings.map(({ floorBytes }) => floorBytes).reduce(larger, 0n);
  if (raise.to <= roundUp(floor, stepOf(claim))) return undefined;
  return `grown from ${raise.from} to ${raise.to}, no measurements say why, and nobody wants more than ${floor}`;
}

/** The size that a claim was given when it was made: what it asked for, or what somebody wants for new ones. */
export function judgeFirst(scene: Scene, claim: ClaimTruth): string | undefined {
  const { key, uid, request, bornMs } = claim;
  const asked = askedBy(claim);
  if (asked === undefined || request === asked) return undefined;
  for (const { metadata, spec } of scene.truth.volumes.values()) {
    const { namespace, name, uid: bound } = spec.claimRef ?? {};
    if (!scene.outOfTouch && !bound && `${namespace}/${name}` === key)
      return `it no longer asks for ${metadata.name}, which waits for it`;
  }
  const rulings = scene.rulings.since(uid, bornMs);
  const most = rulings.reduce<bigint | undefined>((least, { maxBytes }) => maxBytes ?? least, undefined);
  return most !== undefined && request > most ? `it was made with ${request}, and maxSize is ${most}` : undefined;
}

const ofRaises: readonly ((judged: Judged) => string | undefined)[] = [
  ({ rulings }) => (rulings.some(({ managed }) => managed) ? undefined : 'a claim that nobody manages was grown'),
  ({ rulings }) => (rulings.some(({ paused }) => !paused) ? undefined : 'it was grown, and growth is paused'),
  ({ rulings, raise }) => beyond(rulings, raise, 'maxBytes'),
  ({ rulings, raise }) => beyond(rulings, raise, 'approvedBytes'),
  ({ claim, raise }) =>
    raise.to % stepOf(claim) === 0n ? undefined : `the request ${raise.to} is no multiple of the step`,
  ({ raise }) => (raise.stamped ? undefined : 'the cooldown was not written together with the size'),
  tooSoon,
  tooOften,
  overBudget,
  tooEager,
  outsideWindow,
  withoutSnapshot,
  whileRead,
];

function beyond(rulings: readonly Ruling[], { to }: Raise, what: 'maxBytes' | 'approvedBytes'): string | undefined {
  const allowed = rulings.some((ruling) => (ruling[what] ?? to) >= to);
  return allowed ? undefined : `the request ${to} passes ${what} ${rulings.map((ruling) => ruling[what]).join(', ')}`;
}

const stepOf = ({ object }: ClaimTruth): bigint => (isInCloud(object) ? GIBIBYTE : MEBIBYTE);

const isInCloud = ({ spec }: ClaimTruth['object']): boolean => spec.storageClassName === CLOUD;

const roundUp = (bytes: bigint, step: bigint): bigint => ((bytes + step - 1n) / step) * step;

function tooSoon({ scene, claim, raise, rulings }: Judged): string | undefined {
  const before = claim.raises.at(-2)?.atMs;
  if (before === undefined || scene.clocksStepped) return undefined;
  const own = Math.min(...rulings.map(({ cooldownMs }) => cooldownMs));
  const leastMs = isInCloud(claim.object) ? Math.max(own, CLOUD_EVERY_MS) : own;
  const sinceMs = raise.atMs - before;
  return sinceMs < leastMs - ROUNDING_MS ? `grown again after ${Math.round(sinceMs / 1000)} s` : undefined;
}

function tooOften({ scene, claim, raise }: Judged): string | undefined {
  const count = claim.raises.filter(({ atMs }) => atMs > raise.atMs - DAY_MS + ROUNDING_MS).length;
  const most = isInCloud(claim.object) ? CLOUD_PER_DAY : PER_DAY;
  return count > most + (scene.clocksStepped ? 3 : 0) ? `grown ${count} times in a day` : undefined;
}

/** A driver that failed so often in a row is left alone, but for one claim that tries now and then. */
function tooEager({ scene, claim, raise }: Judged): string | undefined {
  const known = scene.refusals().filter(({ atMs }) => atMs < raise.atMs - KNOWN_MS);
  if (!isInCloud(claim.object) || known.length < FAILURES) return undefined;
  let latestMs = Number.NEGATIVE_INFINITY;
  for (const other of scene.truth.claims.values()) {
    if (!isInCloud(other.object)) continue;
    for (const each of other.raises) if (each !== raise && each.atMs > latestMs) latestMs = each.atMs;
  }
  const agoMs = raise.atMs - latestMs;
  return agoMs < PROBE_MS ? `the driver failed ${known.length} times, and is asked again after ${agoMs} ms` : undefined;
}

/** Claims that went are not counted: their histories went with them. */
function overBudget({ scene, claim, raise }: Judged): string | undefined {
  const { budgetBytes, clocksStepped, truth } = scene;
  if (budgetBytes === undefined || clocksStepped) return undefined;
  let spent = 0n;
  for (const each of truth.living()) {
    if (each.namespace !== claim.namespace) continue;
    for (const { atMs, from, to } of each.raises) if (atMs > raise.atMs - DAY_MS + ROUNDING_MS) spent += to - from;
  }
  return spent > budgetBytes ? `its namespace grew by ${spent} in a day, and ${budgetBytes} are allowed` : undefined;
}

function isWished({ scene, claim, raise }: Judged): boolean {
  const wishes = scene.wishes.get(claim.key) ?? [];
  const step = stepOf(claim);
  return wishes.some(({ atMs, bytes }) => atMs > raise.atMs - WISH_MS && raise.to <= roundUp(bytes, step));
}

/** How long ago whoever wrote it may have decided it. */
const decidedMs = ({ undisturbed }: Scene): number => (undisturbed ? SWIFT_MS : HEARSAY_MS);
const SWIFT_MS = 5_000;

function outsideWindow({ scene, raise, rulings }: Judged): string | undefined {
  const { atMs } = raise;
  if (scene.clocksStepped) return undefined;
  const open = rulings.some(({ window }) => opensWithin(window, Math.max(0, atMs - decidedMs(scene)), atMs));
  return open ? undefined : `it was grown, and its window is ${rulings.map(({ window }) => window).join(', ')}`;
}

function withoutSnapshot({ scene, claim, raise, rulings }: Judged): string | undefined {
  const percent = Number(((raise.to - raise.from) * 10_000n) / raise.from) / 100;
  const asked = rulings.every(({ snapshotAbovePercent: above }) => above !== undefined && percent > above);
  if (!asked || scene.clocksStepped) return undefined;
  const covered = isCovered(scene.snapshots, claim.key, { atMs: raise.atMs, lateMs: decidedMs(scene) });
  return covered ? undefined : `it was grown by ${percent} %, and has no snapshot that is fresh`;
}

function whileRead({ scene, claim, raise }: Judged): string | undefined {
  if (scene.clocksStepped || !isBeingRead(scene.snapshots, claim.key, { atMs: raise.atMs, lateMs: decidedMs(scene) }))
    return undefined;
  return 'it was grown while a snapshot of it was under way';
}

/** Fresh measurements of this very directory or volume, made since the claim has that size, that say why. */
function reasonsOf(
  { scene: { usageEveryMs }, claim, raise, rulings }: Judged,
  readings: readonly Reported[],
): ReadonlySet<Reason> {
  const before = claim.raises.at(-2)?.atMs ?? (claim.inode ? claim.inode.bornMs - START_MS : claim.bornMs);
  const freshFromMs = Math.max(before, raise.atMs - 4 * usageEveryMs);
  return reasonsFor({ readings, raise, rulings, freshFromMs, usageEveryMs });
}
