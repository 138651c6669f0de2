/** Looking ahead, in the words of `explain`. */
import type { Decision } from '../decision.ts';
import { readableBytes, readableDuration, readableTime } from '../readable.ts';
import type { Grown } from '../usage/grown.ts';
import type { Forecast } from './forecast.ts';

/** Rows of a title and a text; none without a measurement. */
export function forecastText(decision: Decision, grown: readonly Grown[]): readonly (readonly [string, string])[] {
  const { forecast, ahead, at } = decision;
  const rows: (readonly [string, string])[] = [];
  if (forecast) rows.push(['Rate', rateText(forecast)]);
  if (forecast?.kind === 'known') rows.push(['Full', fullText(forecast)]);
  const fixed = decision.gates
    .find(({ name }) => name === 'size')
    ?.compared.find(({ what }) => what === 'by the increase');
  if (ahead && fixed?.unit === 'bytes') {
    const until = `until ${readableTime(at + ahead.horizonMs)} (it may grow again at ${readableTime(ahead.slotAt)})`;
    const sizes = `asks for ${readableBytes(ahead.neededBytes)}, the increase alone for ${readableBytes(fixed.value)}`;
    rows.push(['Ahead', `${readableBytes(ahead.projectedBytes)} more ${until}: ${sizes}`]);
  }
  const known = grown.flatMap(({ days, bytes }) =>
    bytes === undefined ? [] : [`${signed(bytes)} in ${days === 1 ? 'a day' : `${days} days`}`],
  );
  if (known.length > 0) rows.push(['Grew', known.join(', ')]);
  return rows;
}

function rateText(forecast: Forecast): string {
  const count = `${forecast.points} measurement${forecast.points === 1 ? '' : 's'}`;
  const seen = `${count} over ${readableDuration(forecast.spanMs)}`;
  switch (forecast.kind) {
    case 'unknown': {
      const needed = `${forecast.neededPoints} over ${readableDuration(forecast.neededSpanMs)}`;
      return `not known yet: ${seen}, ${needed} are needed; until then only the increase counts`;
    }
    case 'known': {
      const recent = forecast.recent
        ? `${signed(BigInt(forecast.recent.bytesPerHour))}/h lately`
        : 'lately not known, because much was deleted';
      return `${signed(BigInt(forecast.robust.bytesPerHour))}/h (${seen}), ${recent}`;
    }
    default:
      return forecast satisfies never;
  }
}

function fullText({ timeToFullMs, trusted }: Extract<Forecast, { kind: 'known' }>): string {
  if (timeToFullMs === undefined) return 'not at this rate';
  const when = timeToFullMs === 0 ? 'now' : `in ${readableDuration(timeToFullMs)}`;
  return trusted ? when : `${when} at this rate, which is too far ahead to act on`;
}

function signed(bytes: bigint): string {
  return bytes < 0n ? `-${readableBytes(-bytes)}` : `+${readableBytes(bytes)}`;
}
