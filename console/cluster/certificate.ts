/** How long certificates still last, and when that calls for somebody. Pure. */
import type { CertificateRow } from '../../src/cluster/sight/answer.ts';

const DAY_MS = 86_400_000;
/** As `larder cluster drift` reports it. */
const LATE_DAYS = 30;
/** k3s renews when it starts what ends within 120 days: a restart can be planned from here on. */
const SOON_DAYS = 90;

/** `212 d`; `ended` where it has. */
export function daysLeft(endsAt: number, now: number): string {
  return endsAt <= now ? 'ended' : `${Math.floor((endsAt - now) / DAY_MS)} d`;
}

export function certificateTone(endsAt: number, now: number): 'ok' | 'warn' | 'danger' {
  if (endsAt < now + LATE_DAYS * DAY_MS) return 'danger';
  return endsAt < now + SOON_DAYS * DAY_MS ? 'warn' : 'ok';
}

/** What was refused first, then what ends first; what could not be seen comes last. */
export function inOrderOfEnd(rows: readonly CertificateRow[]): readonly CertificateRow[] {
  return rows.toSorted(
    (a, b) =>
      Number(b.isRefused) - Number(a.isRefused) || (a.endsAt ?? Number.MAX_VALUE) - (b.endsAt ?? Number.MAX_VALUE),
  );
}
