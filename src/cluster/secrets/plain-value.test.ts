import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical, needsQuotes, resolved, wordOf } from './plain-value.ts';

/** What go-yaml v3 and sops make of a word; tried with sops 3.13.3. */
const words: Readonly<Record<string, readonly [type: string, text: string]>> = {
  token: ['str', 'token'],
  '42': ['int', '42'],
  '+7': ['int', '7'],
  '-0': ['int', '0'],
  '0x1F': ['int', '31'],
  '0777': ['int', '511'],
  '0o17': ['int', '15'],
  '0b101': ['int', '5'],
  '1_000': ['int', '1000'],
  '9223372036854775807': ['int', '9223372036854775807'],
  '089': ['float', '89'],
  '1.50': ['float', '1.5'],
  '.5': ['float', '0.5'],
  '1e21': ['float', '1000000000000000000000'],
  '1.5e-9': ['float', '0.0000000015'],
  '-12.5e1': ['float', '-125'],
  true: ['bool', 'True'],
  FALSE: ['bool', 'False'],
  yes: ['str', 'yes'],
  '2026-01-02': ['time', '2026-01-02T00:00:00Z'],
  '2026-1-2': ['time', '2026-01-02T00:00:00Z'],
  '2026-01-02T03:04:05.120+02:00': ['time', '2026-01-02T03:04:05.12+02:00'],
  '2026-01-02 03:04:05': ['time', '2026-01-02T03:04:05Z'],
  '2026-13-02': ['str', '2026-13-02'],
  '1.2.3': ['str', '1.2.3'],
  '10.42.0.0/16': ['str', '10.42.0.0/16'],
};

test('a plain word has the type that sops gives it', () => {
  for (const [word, [type, text]] of Object.entries(words)) {
    assert.deepEqual(resolved(word), { kind: 'value', value: { type, text } }, word);
  }
  for (const word of ['', '~', 'null', 'NULL']) assert.equal(resolved(word).kind, 'null', word);
  for (const word of ['.inf', '-.INF', '.nan', '9223372036854775808']) {
    assert.equal(resolved(word).kind, 'unsupported', word);
  }
});

test('a value that is written as a word and read again is the same value', () => {
  const value = fc.oneof(
    fc.maxSafeInteger().map((number) => canonical('int', String(number))),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => canonical('float', String(number))),
    fc.boolean().map((flag) => canonical('bool', String(flag))),
  );
  fc.assert(fc.property(value, (each) => assert.deepEqual(resolved(wordOf(each)), { kind: 'value', value: each })));
});

test('a text that would be read as something else is written in quotes', () => {
  for (const text of ['42', 'true', '', '~', '2026-01-02', 'yes', 'Off', '0x1', '.inf'])
    assert.ok(needsQuotes(text), text);
  for (const text of ['token', 'yesterday', '1.2.3', 'K10abc::server:def']) assert.ok(!needsQuotes(text), text);
});
