import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readJson, readYaml } from './body.ts';

const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

test('a body nested deeper than any walk of it could stand is refused as a bad request, JSON and YAML alike', () => {
  const refused = { code: 400, message: 'the body is nested deeper than 500 levels' };
  assert.throws(() => readJson(nested(100_000)), refused);
  assert.throws(() => readJson(nested(501)), refused);
  assert.throws(() => readJson(`${'['.repeat(60_000)}${']'.repeat(60_000)}`), refused);
  assert.throws(() => readYaml(nested(600)), refused);
  assert.deepEqual(JSON.stringify(readJson(nested(400))), nested(400));
});

test('what is neither JSON nor YAML is a bad request that says so', () => {
  assert.throws(() => readJson('{"a":'), { code: 400, message: /^couldn't get version\/kind; json parse error: / });
  assert.throws(() => readYaml('a: ['), { code: 400, message: /^error converting YAML to JSON: / });
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...['b', 'c', 'd', 'e', 'f', 'g'].map((name, index) => {
      const above = 'abcdef'[index];
      return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${above}`).join()}]`;
    }),
  ].join('\n');
  assert.throws(() => readYaml(bomb), { code: 400, message: /Excessive alias count/ });
});
