import { test } from 'node:test';
import { operator } from './operator.ts';
import { embedded } from './site.ts';

for (const { name, run } of operator(embedded)) {
  test(name, run);
}
