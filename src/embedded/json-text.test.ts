import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inspectJson } from './json-text.ts';

test('members that come twice are named by their path, each once', () => {
  const text = '{"a":1,"a":2,"b":[{"c":1},{"c":1,"c":2,"c":3}],"d":{"a":1}}';
  assert.deepEqual(inspectJson(text), { kind: 'sound', duplicates: ['a', 'b[1].c'] });
});

test('what is wrong is said as Go says it', () => {
  const cases = {
    '': 'unexpected end of JSON input',
    '{': 'unexpected end of JSON input',
    '{"a"': 'unexpected end of JSON input',
    '{a:1}': "invalid character 'a' looking for beginning of object key string",
    '{"a" 1}': "invalid character '1' after object key",
    '{"a":1 2}': "invalid character '2' after object key:value pair",
    '[1 2]': "invalid character '2' after array element",
    '{} x': "invalid character 'x' after top-level value",
    hello: "invalid character 'h' looking for beginning of value",
    nope: "invalid character 'o' in literal null (expecting 'u')",
    '"\n"': "invalid character '\\n' in string literal",
    '"\\q"': "invalid character 'q' in string escape code",
    '"\\u12x4"': "invalid character 'x' in \\u hexadecimal character escape",
    '-x': "invalid character 'x' in numeric literal",
    '1.': 'unexpected end of JSON input',
    '1.x': "invalid character 'x' after decimal point in numeric literal",
    '1ex': "invalid character 'x' in exponent of numeric literal",
    '01': "invalid character '1' after top-level value",
  };
  for (const [text, reason] of Object.entries(cases)) {
    assert.deepEqual(inspectJson(text), { kind: 'broken', reason }, JSON.stringify(text));
  }
});

test('all that JSON.parse takes is sound, and all that it refuses is broken', () => {
  fc.assert(fc.property(fc.json(), (text) => assert.equal(inspectJson(text).kind, 'sound')));
  const noise = fc.string({
    unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '1', '-', '.', 'e', 't', ' ', '\\', 'u'),
  });
  fc.assert(
    fc.property(noise, (text) => {
      let kind = 'sound';
      try {
        JSON.parse(text);
      } catch {
        kind = 'broken';
      }
      assert.equal(inspectJson(text).kind, kind, text);
    }),
  );
});

test('a text that is nested without end is broken, not the scanner', () => {
  assert.deepEqual(inspectJson('['.repeat(100_000)), { kind: 'broken', reason: 'exceeded max depth' });
});
