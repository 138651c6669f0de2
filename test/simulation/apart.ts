/** Exports do not hold each other up: where nothing fails but one server, claims on the other get their volumes soon. */
import { causeOf } from './causes.ts';
import type { ExportFs } from './export-fs.ts';
import { CLOUD } from './growth-acts.ts';
import { type History, isFault } from './history.ts';
import type { Violation } from './invariants.ts';
import { SECOND } from './setting.ts';
import type { ClaimTruth, Truth } from './truth.ts';

/** From the claim to its volume, and until a binder has seen both. */
const SOON_MS = 10_000;

export interface Apart {
  readonly truth: Truth;
  readonly fs: ExportFs;
  readonly nowMs: number;
  readonly history: History;
}

export function judgeApart({ truth, fs, nowMs, history }: Apart): Violation | undefined {
  if (history.second === undefined || history.acts.some(({ kind }) => kind === 'class-outage')) return undefined;
  for (const claim of truth.living()) {
    if (claim.object.status?.phase === 'Bound' || !isPlain(claim) || excused.has(claim)) continue;
    const server = claim.object.spec.storageClassName === SECOND ? SECOND : '';
    const disturbed = isDisturbed(history, server, { fromMs: claim.bornMs - RECOVERY_MS, toMs: nowMs });
    if (disturbed || causeOf({ truth, fs }, claim)) excused.add(claim);
    else if (nowMs - claim.bornMs < SOON_MS) continue;
    if (excused.has(claim)) continue;
    const seconds = Math.round((nowMs - claim.bornMs) / 1000);
    return {
      invariant: 5,
      message: `${claim.key} (${claim.uid}): it waits for ${seconds} s, and nothing of its server fails`,
    };
  }
  return undefined;
}
/** Something stood in their way, if only for a moment. */
const excused = new WeakSet<ClaimTruth>();
/** A server that failed is trusted again after a while. */
const RECOVERY_MS = 25 * 60_000;

const isPlain = ({ object }: ClaimTruth): boolean => {
  const { storageClassName = '', dataSource } = object.spec;
  return !['late', CLOUD].includes(storageClassName) && !dataSource && object.metadata.deletionTimestamp === undefined;
};

/** Something that fails is on this server, or on none, at some time in between. */
function isDisturbed(
  history: History,
  server: string,
  time: { readonly fromMs: number; readonly toMs: number },
): boolean {
  return history.acts.filter(isFault).some((act) => {
    if (act.kind === 'export' && (act.server ?? '') !== server) return false;
    const endMs = act.atMs + ('forMs' in act ? act.forMs : Number.POSITIVE_INFINITY);
    return act.atMs < time.toMs && endMs > time.fromMs;
  });
}
