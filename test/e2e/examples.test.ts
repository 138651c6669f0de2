import { test } from 'node:test';
import { examples } from './examples.ts';
import { embedded } from './site.ts';

for (const { name, run } of examples(embedded)) {
  test(name, run);
}
