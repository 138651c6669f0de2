import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  fieldsOfAnnotations,
  isPaused,
  parseDuration,
  parseIncrease,
  parsePercentage,
  parseSize,
  parseSwitch,
} from './settings.ts';

const value = <T>(parsed: { ok: true; value: T } | { ok: false; reason: string }): T | undefined =>
  parsed.ok ? parsed.value : undefined;

test('a percentage is read with and without its sign, from 1 to 99', () => {
  for (const [text, ratio] of [
    ['80%', 0.8],
    ['80', 0.8],
    ['85.0', 0.85],
    ['1%', 0.01],
    ['99', 0.99],
    ['99.5%', undefined],
    ['0', undefined],
    ['100%', undefined],
    ['-5%', undefined],
    ['abc', undefined],
    ['', undefined],
    ['80 %', undefined],
    ['8e1', undefined],
    ['NaN', undefined],
  ] as const) {
    assert.equal(value(parsePercentage(text)), ratio, text);
  }
});

test('a refusal says which form is accepted', () => {
  for (const [parsed, form] of [
    [parsePercentage('lots'), /must be a percentage from 1 to 99, for example "80%" or "80"/],
    [parseIncrease('-1Gi'), /must be a percentage or a quantity above zero/],
    [parseSize('0'), /must be a quantity above zero, for example "10Gi"/],
    [parseDuration('15'), /must be a duration, for example "15m", "1h30m" or "2d"/],
    [parseSwitch('yes'), /must be "true" or "false"/],
  ] as const) {
    assert.ok(!parsed.ok);
    assert.match(parsed.reason, form);
  }
});

test('an increase is a share of the size or a quantity, above zero', () => {
  assert.deepEqual(value(parseIncrease('10%')), { kind: 'percentage', ratio: 0.1 });
  assert.deepEqual(value(parseIncrease('150%')), { kind: 'percentage', ratio: 1.5 });
  assert.deepEqual(value(parseIncrease('5Gi')), { kind: 'quantity', bytes: 5n * 1024n ** 3n });
  for (const text of ['0%', '0', '-10%', '10 %', '1001%', '%', ''])
    assert.equal(value(parseIncrease(text)), undefined, text);
});

test('a size fits in 63 bits', () => {
  assert.equal(value(parseSize('9223372036854775807')), 2n ** 63n - 1n);
  assert.equal(value(parseSize('9223372036854775808')), undefined);
});

test('durations are those of Go, with days', () => {
  for (const [text, ms] of [
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['1d12h', 129_600_000],
    ['500ms', 500],
    ['1ns', 1],
    ['0', 0],
    ['0s', 0],
    ['-15m', undefined],
    ['15', undefined],
    ['m', undefined],
    ['15m ', undefined],
    ['1y', undefined],
    ['999999d', undefined],
  ] as const) {
    assert.equal(value(parseDuration(text)), ms, text);
  }
});

test('a switch is read regardless of case, and nothing else is a switch', () => {
  assert.equal(value(parseSwitch('True')), true);
  assert.equal(value(parseSwitch('FALSE')), false);
  for (const text of ['yes', '1', '', ' true']) assert.equal(value(parseSwitch(text)), undefined, text);
});

test('annotations of others are not ours, and inherited names are no annotations', () => {
  assert.equal(fieldsOfAnnotations({ threshold: '5%', 'resize.topolvm.io/threshold': '5%' }).threshold, undefined);
  assert.equal(fieldsOfAnnotations(undefined).threshold, undefined);
  const fields = fieldsOfAnnotations({ 'pvc-chonker.io/threshold': '70%', 'pvc-chonker.io/max-size': 'big' });
  assert.deepEqual(fields.threshold, { ok: true, value: 0.7, text: '70%' });
  assert.equal(fields.maxSize?.ok, false);
  assert.equal(fields.maxSize?.text, 'big');
});

test('anything but false pauses', () => {
  assert.equal(isPaused(undefined), false);
  assert.equal(isPaused({}), false);
  assert.equal(isPaused({ 'larder.dev/paused': 'False' }), false);
  assert.equal(isPaused({ 'larder.dev/paused': 'true' }), true);
  assert.equal(isPaused({ 'larder.dev/paused': 'until monday' }), true);
});

test('no text makes a reader throw, and what is accepted lies within its bounds', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9.]{0,6}[a-zA-Z%]{0,3}$/));
  fc.assert(
    fc.property(text, (raw) => {
      const ratio = value(parsePercentage(raw));
      const size = value(parseSize(raw));
      const ms = value(parseDuration(raw));
      return (
        (ratio === undefined || (ratio >= 0.01 && ratio <= 0.99)) &&
        (size === undefined || (size > 0n && size < 2n ** 63n)) &&
        (ms === undefined || (Number.isSafeInteger(ms) && ms >= 0))
      );
    }),
    { numRuns: 500 },
  );
});
