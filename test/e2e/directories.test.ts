import { test } from 'node:test';
import { directories } from './directories.ts';
import { embedded } from './site.ts';

for (const { name, run } of directories(embedded)) {
  test(name, run);
}
