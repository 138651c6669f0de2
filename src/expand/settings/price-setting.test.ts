import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfiguration } from './configuration.ts';
import { parsePrices } from './price-setting.ts';

test('prices are read from a mapping, a text and the mapping as JSON, and mean the same', () => {
  const value = { perType: { gp3: 0.08, '*': 0.05 }, currency: 'EUR' };
  const written: readonly unknown[] = [
    { gp3: 0.08, '*': '0.05', currency: 'EUR' },
    'gp3=0.08, *=0.05,currency=EUR',
    '{"gp3":0.08,"*":0.05,"currency":"EUR"}',
  ];
  for (const raw of written) assert.deepEqual(parsePrices(raw), { ok: true, value }, JSON.stringify(raw));
  for (const nothing of ['', ' ', undefined, null, {}]) {
    assert.deepEqual(parsePrices(nothing), { ok: true, value: { perType: {}, currency: '' } });
  }
});

test('what is no price is refused with what is accepted', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    ['cheap', /^must be a mapping of prices, or texts "TYPE=PRICE"/],
    ['gp3=-1', /^has no price for "gp3": must be/],
    ['gp3=0.1.2', /no price for "gp3"/],
    ['gp3=1e9', /no price for "gp3"/],
    ['gp3=9999999', /no price for "gp3"/],
    ['gp3=', /no price for "gp3"/],
    ['=1', /no price for ""/],
    ['gp3=1,gp3=2', /^names gp3 twice/],
    ['currency=EUR,currency=USD', /^names the currency twice/],
    [{ currency: 'a very long one' }, /currency of at most 8 characters/],
    [{ gp3: { month: 1 } }, /^must be a mapping/],
    [[1], /^must be a mapping/],
    ['{"gp3":', /^must be a mapping/],
    [7, /^must be a mapping/],
  ];
  for (const [raw, says] of wrong) {
    const parsed = parsePrices(raw);
    assert.ok(!parsed.ok, JSON.stringify(raw));
    assert.match(parsed.reason, says);
  }
});

test('it is a setting like the others: a flag is stronger than the environment, and that than the file', () => {
  const file = { prices: { '*': 1 } };
  const env = { LARDER_PRICES: '*=2' };
  const priceOf = (input: Parameters<typeof resolveConfiguration>[0]) => {
    const resolved = resolveConfiguration(input);
    assert.ok(resolved.kind === 'resolved');
    const { source, text } = resolved.origins.find(({ key }) => key === 'prices') ?? {};
    return [resolved.values.prices.perType['*'], source, text];
  };
  assert.deepEqual(priceOf({ flags: {}, env: {}, file }), [1, 'file', '{"*":1}']);
  assert.deepEqual(priceOf({ flags: {}, env, file }), [2, 'environment LARDER_PRICES', '*=2']);
  assert.deepEqual(priceOf({ flags: { prices: '*=3' }, env, file }), [3, 'flag --prices', '*=3']);
  const invalid = resolveConfiguration({ flags: { prices: 'gp3' }, env: {}, file: {} });
  assert.ok(invalid.kind === 'invalid');
  assert.match(
    invalid.problems[0]?.message ?? '',
    /^prices \(flag --prices\) is "gp3" and must be a mapping of prices/,
  );
});
