/** Invariant 5 for growth: when nothing happens any more, every claim is as large as those who may rule on it want it. */
import type { Calm } from './calm.ts';
import { CLOUD } from './growth-acts.ts';
import { isGoverned } from './history.ts';
import type { Violation } from './invariants.ts';
import { opensWithin } from './moments.ts';
import type { Ruling, Rulings } from './rulings.ts';
import { START_MS } from './scheduler.ts';
import type { ClaimTruth } from './truth.ts';

const MEBIBYTE = 1n << 20n;
const PER_DAY = 6;
/** With a longer one, what is still to come may be waiting for it. */
const LONGEST_COOLDOWN_MS = 60 * 60_000;

export function judgeGrowthInCalm(calm: Calm, rulings: Rulings): Violation | undefined {
  const { history, truth } = calm;
  // A budget, a clock that was stepped and a cloud may rightly keep claims waiting for longer than anybody looks on.
  if (!isGoverned(history) || history.configured || history.acts.some(({ kind }) => kind === 'clock')) return undefined;
  for (const claim of truth.living()) {
    const ruling = rulings.now(claim.uid);
    const still = ruling !== undefined && isUnderWay(claim, ruling, calm.nowMs - START_MS);
    const free = ruling && !still && mayGrow(claim, ruling) && isFreeNow(calm, claim, ruling);
    const wrong = free ? missing(calm, claim, ruling) : undefined;
    if (wrong) return { invariant: 5, message: `${claim.key} (${claim.uid}): ${wrong}` };
  }
  return undefined;
}

function mayGrow({ object, raises }: ClaimTruth, { managed, paused, cooldownMs }: Ruling): boolean {
  const { metadata, spec, status } = object;
  const settled = status?.phase === 'Bound' && metadata.deletionTimestamp === undefined;
  const free = managed && !paused && raises.length < PER_DAY && cooldownMs <= LONGEST_COOLDOWN_MS;
  return settled && free && spec.storageClassName !== CLOUD;
}

/** Its window has been open for long enough since anything happened, and nobody waits for a snapshot. */
function isFreeNow({ history, nowMs }: Calm, { key, raises }: ClaimTruth, ruling: Ruling): boolean {
  const awaited = ruling.snapshotAbovePercent !== undefined;
  if (awaited || history.acts.some((act) => act.kind === 'snapshot' && `${act.namespace}/${act.name}` === key))
    return false;
  let openMs = 0;
  for (let atMs = Math.max(history.calmMs, ruling.sinceMs); atMs < nowMs - START_MS; atMs += LOOK_MS) {
    if (opensWithin(ruling.window, atMs, atMs)) openMs += LOOK_MS;
  }
  // One that grows step by step may have to wait for the next time that it opens.
  return ruling.window === undefined || (openMs >= OPEN_MS && raises.length === 0);
}
const LOOK_MS = 60_000;
/** Two looks at it, and a measurement before each. */
const OPEN_MS = 45 * 60_000;

/** One step after the other, with a cooldown between them: some claims are not there yet. */
function isUnderWay({ raises }: ClaimTruth, { cooldownMs }: Ruling, nowMs: number): boolean {
  const last = raises.at(-1);
  return last !== undefined && nowMs - last.atMs < cooldownMs + LATE_MS;
}
/** Until the next look, and the two measurements after it. */
const LATE_MS = 10 * 60_000;

function missing({ fs }: Calm, { inode, request }: ClaimTruth, ruling: Ruling): string | undefined {
  const { maxBytes, approvedBytes, floorBytes, thresholdPercent } = ruling;
  const most = [maxBytes, approvedBytes].reduce<bigint | undefined>(
    (least, each) => (each !== undefined && (least === undefined || each < least) ? each : least),
    undefined,
  );
  if (most !== undefined && most - request < MEBIBYTE) return undefined;
  if (request < floorBytes) return `it has ${request}, others want ${floorBytes} for it, and nothing stands in the way`;
  const used = inode ? fs.measure(inode).bytes : 0n;
  const full = used * 100n >= request * BigInt(thresholdPercent);
  return full ? `it has ${request} and is full at ${used}, and nothing keeps it from growing` : undefined;
}
