import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { benchNames } from './names.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/benchmarks.md'), 'utf8');

test('the page of benchmarks lists every bench there is, and no other', () => {
  const [, list = ''] = /it lists what there is: ([^.]+)\./.exec(page) ?? [];
  assert.deepEqual(
    [...list.matchAll(/`([\w-]+)`/g)].map(([, name]) => name),
    benchNames(),
  );
  assert.ok(benchNames().length >= 15);
});

test('what each bench measures is told below the list', () => {
  const told = page.slice(page.indexOf('\n## '));
  for (const name of benchNames()) assert.ok(told.includes(`\`${name}\` `), `${name} has no section`);
});
