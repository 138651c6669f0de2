import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
const LINES_AT_LEAST = 30;

test('each line of the security audit names a file of tests, and words that stand in it', () => {
  const text = readFileSync(join(root, 'docs/security-audit.md'), 'utf8');
  const lines = text.split('\n').filter((line) => /^\| (?!Promise|Hole|-)/.test(line));
  assert.ok(lines.length >= LINES_AT_LEAST, `only ${lines.length} lines`);
  for (const line of lines) {
    const [, path = '', words = ''] = /\| `([^`]+)` "([^"]+)" \|$/.exec(line) ?? [];
    assert.ok(path !== '' && existsSync(join(root, path)), `no such file: ${line}`);
    assert.ok(readFileSync(join(root, path), 'utf8').includes(words), `no such words in ${path}: ${words}`);
  }
});
