/** For how long a volume lasts by each of its known rates: what stands behind "Full in". Pure. */
import { durationText, fullInText } from '../words/time.ts';
import type { ExplainedForecast } from './explained.ts';

const HOUR_MS = 3_600_000;

/** `2 d – 6 d, from 18 measurements of 3 d`. `leftBytes`: until it is full. */
export function fullInBand({ robust, recent, points, spanMs }: ExplainedForecast, leftBytes: number): string {
  const from = `from ${points.toLocaleString()} measurements of ${durationText(spanMs)}`;
  const rates = [robust, recent].flatMap((rate) => (rate ? [rate.bytesPerHour] : []));
  const fills = rates.filter((rate) => rate > 0);
  if (rates.length === 0) return `not known, ${from}`;
  if (fills.length === 0) return `does not fill, ${from}`;
  const [soonest, latest] = [Math.max(...fills), Math.min(...fills)].map((rate) =>
    fullInText((Math.max(0, leftBytes) / rate) * HOUR_MS),
  );
  const until = fills.length < rates.length ? 'never' : latest;
  return `${soonest === until ? soonest : `${soonest} – ${until}`}, ${from}`;
}
