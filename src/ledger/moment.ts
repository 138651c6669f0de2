/** Moments in records: RFC 3339, with whatever offset the writer had. */
export function momentOf(time: string): number {
  return Date.parse(time);
}

export function isBefore(a: string, b: string): boolean {
  return momentOf(a) < momentOf(b);
}

const MINUTE_MS = 60_000;

/** To a hundredth, so that the same two times give the same number everywhere. */
export function minutesBetween(start: string, end: string): number {
  return Math.round(((momentOf(end) - momentOf(start)) / MINUTE_MS) * 100) / 100;
}

/** Not after rounding: 60 minutes and a millisecond are more than 60 minutes. */
export function tookLonger(start: string, end: string, minutes: number): boolean {
  return momentOf(end) - momentOf(start) > minutes * MINUTE_MS;
}
