import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf, canonicalQuantity, formatQuantity, parseQuantity } from './quantity.ts';

const wholeOf = (text: string): bigint => {
  const parsed = parseQuantity(text);
  assert.ok(parsed.ok, `${text} should parse`);
  return parsed.value;
};

test('whole values follow the published rules', () => {
  const vectors: readonly (readonly [string, bigint])[] = [
    ['0', 0n],
    ['1', 1n],
    ['+7', 7n],
    ['-7', -7n],
    ['10Gi', 10_737_418_240n],
    ['10G', 10_000_000_000n],
    ['30Mi', 31_457_280n],
    ['1Ki', 1024n],
    ['1k', 1000n],
    ['1M', 1_000_000n],
    ['1T', 1_000_000_000_000n],
    ['1Ti', 1n << 40n],
    ['1Pi', 1n << 50n],
    ['2Ei', 2n << 60n],
    ['12E', 12n * 10n ** 18n],
    ['12e0', 12n],
    ['12E0', 12n],
    ['1e3', 1000n],
    ['1E+3', 1000n],
    ['5.', 5n],
    ['.5k', 500n],
    ['1.5Gi', 1_610_612_736n],
  ];
  for (const [text, value] of vectors) assert.equal(wholeOf(text), value, text);
});

test('fractions of a unit round away from zero', () => {
  const vectors: readonly (readonly [string, bigint])[] = [
    ['1500m', 2n],
    ['-1500m', -2n],
    ['0.1Gi', 107_374_183n],
    ['0.1', 1n],
    ['1n', 1n],
    ['0.0000000001', 1n],
    ['1e-3', 1n],
    ['0.000', 0n],
    ['1000m', 1n],
    ['1000000u', 1n],
  ];
  for (const [text, value] of vectors) assert.equal(wholeOf(text), value, text);
});

test('amounts past 64 bits keep their value', () => {
  assert.equal(wholeOf('8Ei'), 1n << 63n);
  assert.equal(wholeOf('100000Ei'), 100_000n << 60n);
  assert.equal(formatQuantity(2048n << 60n), '2048Ei');
  assert.equal(formatQuantity(10n ** 21n, 'decimal'), '1000E');
});

test('text that is no quantity is refused with a reason that quotes it', () => {
  for (const text of [
    '',
    ' 1',
    '1 ',
    '1Kb',
    '1ki',
    '1K',
    'Gi',
    '.',
    '+',
    '-',
    '1e',
    '1e1.5',
    '1..2',
    '0x10',
    '1Gi5',
    '1_000',
    '١',
    'NaN',
    '1e999',
  ]) {
    const parsed = parseQuantity(text);
    assert.equal(parsed.ok, false, text);
    assert.ok(!parsed.ok && parsed.reason.length > 5);
    assert.equal(canonicalQuantity(text), undefined);
  }
  assert.equal(parseQuantity('9'.repeat(101)).ok, false);
});

test('an absent or malformed field has no bytes', () => {
  assert.equal(bytesOf(undefined), undefined);
  assert.equal(bytesOf('ten'), undefined);
  assert.equal(bytesOf('1Ki'), 1024n);
});

test('the canonical form is the one that the API server stores', () => {
  const vectors: readonly (readonly [string, string])[] = [
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.5', '500m'],
    ['0.5Mi', '512Ki'],
    ['0.1Gi', '107374182400m'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['1e3', '1e3'],
    ['12e0', '12'],
    ['1e4', '10e3'],
    ['1e-4', '100e-6'],
    ['1000Ki', '1000Ki'],
    ['1000m', '1'],
    ['0Gi', '0'],
    ['-1024Ki', '-1Mi'],
    ['0.9Ki', '921600m'],
    ['0.5Ki', '512'],
    ['1.2345678901', '1234567891n'],
  ];
  for (const [text, canonical] of vectors) assert.equal(canonicalQuantity(text), canonical, text);
});

test('formatting takes the largest suffix that divides exactly', () => {
  assert.equal(formatQuantity(31_457_280n), '30Mi');
  assert.equal(formatQuantity(31_457_281n), '31457281');
  assert.equal(formatQuantity(1023n), '1023');
  assert.equal(formatQuantity(1000n), '1k');
  assert.equal(formatQuantity(5_000_000_000n, 'decimal'), '5G');
});

const values = fc.bigInt({ min: -(1n << 80n), max: 1n << 80n });
const suffixes: Readonly<Record<string, bigint>> = {
  '': 1n,
  k: 10n ** 3n,
  M: 10n ** 6n,
  G: 10n ** 9n,
  T: 10n ** 12n,
  P: 10n ** 15n,
  E: 10n ** 18n,
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};

test('property: parsing what was formatted gives the value back, in both formats', () => {
  fc.assert(
    fc.property(values, fc.constantFrom('binary' as const, 'decimal' as const), (value, format) => {
      assert.equal(wholeOf(formatQuantity(value, format)), value);
    }),
  );
});

test('property: a suffix multiplies, and order of values is kept', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.constantFrom(...Object.keys(suffixes)), (count, suffix) => {
      const value = wholeOf(`${count}${suffix}`);
      assert.equal(value, count * (suffixes[suffix] ?? 0n));
      assert.ok(wholeOf(`${count + 1n}${suffix}`) > value);
      assert.equal(wholeOf(`-${count}${suffix}`), -value);
    }),
  );
});

test('property: a decimal fraction is the exact ceiling of its value', () => {
  const places = fc.integer({ min: 0, max: 9 });
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 15n }),
      places,
      fc.constantFrom(...Object.keys(suffixes)),
      (digits, count, suffix) => {
        const padded = digits.toString().padStart(count + 1, '0');
        const text = count === 0 ? `${digits}${suffix}` : `${padded.slice(0, -count)}.${padded.slice(-count)}${suffix}`;
        const scaled = digits * (suffixes[suffix] ?? 0n);
        const divisor = 10n ** BigInt(count);
        assert.equal(wholeOf(text), (scaled + divisor - 1n) / divisor, text);
      },
    ),
  );
});

test('property: an exponent says the same as the digits written out', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 9n }),
      fc.integer({ min: 0, max: 30 }),
      fc.constantFrom('e', 'E'),
      (digits, exponent, e) => {
        assert.equal(wholeOf(`${digits}${e}${exponent}`), wholeOf(`${digits}${'0'.repeat(exponent)}`));
      },
    ),
  );
});

test('property: the canonical form is a fixed point with the same value', () => {
  const number = fc.stringMatching(/^[+-]?\d{1,12}(\.\d{1,12})?$/);
  const suffix = fc.constantFrom(...Object.keys(suffixes), 'n', 'u', 'm', 'e3', 'e-2', 'E7');
  fc.assert(
    fc.property(number, suffix, (digits, unit) => {
      const canonical = canonicalQuantity(digits + unit);
      assert.ok(canonical !== undefined);
      assert.equal(canonicalQuantity(canonical), canonical);
      assert.equal(wholeOf(canonical), wholeOf(digits + unit));
    }),
  );
});
