import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { yamlText } from './yaml-text.ts';

const words = [
  'yes',
  'No',
  'on',
  'OFF',
  'y',
  'n',
  'true',
  'null',
  '~',
  '12:30',
  '1:02:03.5',
  '017',
  '0o17',
  '0x1F',
  '1_000',
];
const others = [
  '2026-03-01',
  '2026-03-01T12:00:00Z',
  '1e3',
  '.inf',
  '<<',
  '=',
  '',
  ' a',
  'a: b',
  '#',
  '- a',
  '*a',
  '&a',
  '!a',
];

test('a text is a text for readers of YAML 1.1 and of 1.2, as a value and as a name', () => {
  for (const word of [...words, ...others]) {
    const value = { [word]: word, list: [word], flag: true, number: 12 };
    const text = yamlText(value);
    for (const version of ['1.1', '1.2'] as const)
      assert.deepEqual(parse(text, { version }), value, `${version}: ${JSON.stringify(word)} as ${text}`);
  }
});

test('what is there twice is written twice, and a long line stays one', () => {
  const shared = { sentence: 'word '.repeat(40).trim() };
  const text = yamlText({ a: shared, b: shared });
  assert.equal(text, `a:\n  sentence: ${shared.sentence}\nb:\n  sentence: ${shared.sentence}\n`);
});
