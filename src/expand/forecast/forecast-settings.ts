/** What can be set about looking ahead and about the history of usage: rows of the configuration. */
import { setting } from '../settings/setting.ts';
import { type Parsed, parseDuration, parsePercentage } from '../settings/settings.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function parseCount(text: string): Parsed<number> {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 4 && value <= 48) return { ok: true, value };
  return { ok: false, reason: 'must be a whole number from 4 to 48' };
}

function between(leastMs: number, mostMs: number, reason: string): (text: string) => Parsed<number> {
  return (text) => {
    const duration = parseDuration(text);
    if (duration.ok && duration.value >= leastMs && duration.value <= mostMs) return duration;
    return { ok: false, reason };
  };
}

const parseSpan = between(MINUTE_MS, DAY_MS, 'must be a duration from "1m" to "24h", for example "1h"');
const parseWindow = between(10 * MINUTE_MS, 30 * DAY_MS, 'must be a duration from "10m" to "30d", for example "24h"');
const parseSafety = between(0, DAY_MS, 'must be a duration of at most "24h", for example "30m"');

function parseRetention(text: string): Parsed<number> {
  if (text === '0') return { ok: true, value: 0 };
  return between(DAY_MS, 400 * DAY_MS, 'must be a duration from "1d" to "400d", or "0" for none')(text);
}

export const forecastSettings = {
  targetUse: setting(
    parsePercentage,
    '75%',
    'How full a grown volume may be when it may grow the next time, at its rate of growth.',
  ),
  forecastSamples: setting(
    parseCount,
    '12',
    'Measurements that a rate of growth needs; with fewer nothing is looked ahead.',
  ),
  forecastSpan: setting(parseSpan, '1h', 'Time that these measurements must cover.'),
  forecastWindow: setting(parseWindow, '24h', 'How far back the rate of growth looks.'),
  forecastSafety: setting(
    parseSafety,
    '30m',
    'Added to the time until a claim may grow again, when its size is chosen.',
  ),
  historyRetention: setting(
    parseRetention,
    '30d',
    'How long the usage of volumes is remembered, one measurement in five minutes; `0` = not at all.',
  ),
};
