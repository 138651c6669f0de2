/** Whether this process should be restarted: `/healthz`, which the kubelet asks. */

/** A watch that has heard nothing for so long (bookmarks come every minute or so) is not alive. */
const SILENCE_MS = 15 * 60_000;
const PATIENT_PASSES = 10;

export interface Signs {
  /** Since anything was heard from the API server; infinite where nothing is watched. */
  readonly apiAgeMs: number;
  /** Since a look at all volumes ended, or the first one began; undefined: none has begun. */
  readonly passAgeMs: number | undefined;
  readonly leads: boolean;
  readonly watchIntervalMs: number;
}

export function livenessOf(signs: Signs): { readonly ok: boolean; readonly detail: string } {
  const { apiAgeMs, passAgeMs, leads, watchIntervalMs } = signs;
  if (Number.isFinite(apiAgeMs) && apiAgeMs > SILENCE_MS) {
    return { ok: false, detail: `nothing heard from the API server for ${minutes(apiAgeMs)} minutes` };
  }
  if (leads && passAgeMs !== undefined && passAgeMs > SILENCE_MS + PATIENT_PASSES * watchIntervalMs) {
    return { ok: false, detail: `no pass over the volumes for ${minutes(passAgeMs)} minutes` };
  }
  return { ok: true, detail: 'ok' };
}

const minutes = (ms: number): number => Math.round(ms / 60_000);
