/** Certificates that have ended or end soon. */
import type { DriftFinding } from './finding.ts';

/** k3s renews what ends within 120 days when it starts; what is nearer than this was not restarted in time. */
const DAYS_LEFT = 30;
const DAY_MS = 86_400_000;

export interface SeenCertificate {
  /** Where it is: `pi-cluster-1.local client-admin.crt`. */
  readonly object: string;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

export function certificateFindings(seen: readonly SeenCertificate[], now: number): readonly DriftFinding[] {
  return seen
    .filter(({ endsAt }) => endsAt < now + DAYS_LEFT * DAY_MS)
    .map(({ object, endsAt }) => {
      const day = new Date(endsAt).toISOString().slice(0, 10);
      const message =
        endsAt <= now ? `ended on ${day}` : `ends on ${day}, in ${Math.floor((endsAt - now) / DAY_MS)} days`;
      return { kind: 'certificate', object, message };
    });
}
