import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configured } from '../decide.fixture.ts';
import { resolveConfiguration } from '../settings/configuration.ts';
import { forecastSettings } from './forecast-settings.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

test('the defaults are those of the reference', () => {
  const { values } = configured();
  const own = Object.fromEntries(Object.entries(values).filter(([key]) => Object.hasOwn(forecastSettings, key)));
  assert.deepEqual(own, {
    targetUse: 0.75,
    forecastSamples: 12,
    forecastSpan: HOUR,
    forecastWindow: DAY,
    forecastSafety: HOUR / 2,
    historyRetention: 30 * DAY,
  });
});

test('what makes no sense is refused with what does', () => {
  for (const [key, text, reason] of [
    ['targetUse', '0', /percentage from 1 to 99/],
    ['forecastSamples', '3', /from 4 to 48/],
    ['forecastSamples', '49', /from 4 to 48/],
    ['forecastSpan', '59s', /from "1m" to "24h"/],
    ['forecastWindow', '31d', /from "10m" to "30d"/],
    ['forecastSafety', '25h', /at most "24h"/],
    ['historyRetention', '1h', /from "1d" to "400d", or "0"/],
    ['historyRetention', '-1', /from "1d"/],
  ] as const) {
    const resolved = resolveConfiguration({ flags: { [key]: text }, env: {}, file: undefined });
    assert.ok(resolved.kind === 'invalid', `${key} ${text}`);
    assert.match(resolved.problems.map(({ message }) => message).join(), reason);
  }
  assert.equal(configured({ flags: { historyRetention: '0' } }).values.historyRetention, 0);
  assert.equal(configured({ flags: { forecastSafety: '0' } }).values.forecastSafety, 0);
});
