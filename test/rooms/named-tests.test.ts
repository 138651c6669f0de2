/** A page that names a test is believed because of it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './source.ts';

test('every test that a page names is there', (t) => {
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  const named = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/`((?:src|test|bench)\/[\w./-]+\.test\.ts)`/g)].map(
      ([, path = '']) => ({ page, path }),
    ),
  );
  t.diagnostic(`${named.length} tests named in ${pages.length} pages`);
  assert.ok(named.length >= 30, 'names of tests are not seen');
  assert.deepEqual(
    named.filter(({ path }) => !existsSync(join(root, path))),
    [],
  );
});
