import { test } from 'node:test';
import { copies } from './copies.ts';
import { embedded } from './site.ts';

for (const { name, run } of copies(embedded)) {
  test(name, run);
}
