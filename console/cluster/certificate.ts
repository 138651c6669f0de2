/** How long certificates still last, and when that calls for somebody. Pure. */
import type { CertificateRow } from '../../src/cluster/sight/answer.ts';
import { dayText } from '../words/time.ts';

const DAY_MS = 86_400_000;
/** As `larder cluster drift` reports it. */
const LATE_DAYS = 30;
/** k3s renews when it starts what ends within 120 days: a restart can be planned from here on. */
const SOON_DAYS = 90;

const MONTH_DAYS = 365.25 / 12;

/** `89 d`, cut off; `7 months`, `10 y`, rounded, where nobody counts days; `ended` where it has. */
export function timeLeft(endsAt: number, now: number): string {
  if (endsAt <= now) return 'ended';
  const days = (endsAt - now) / DAY_MS;
  if (days <= SOON_DAYS) return `${Math.floor(days)} d`;
  const months = days / MONTH_DAYS;
  return months <= 24 ? `${Math.round(months)} months` : `${Math.round(months / 12)} y`;
}

/** For the pointer that stays. */
export function exactTimeLeft(endsAt: number, now: number): string {
  const day = dayText(endsAt);
  return endsAt <= now
    ? `ended on ${day}`
    : `${Math.floor((endsAt - now) / DAY_MS).toLocaleString()} days, until ${day}`;
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
