import { test } from 'node:test';
import { burst } from './burst.ts';
import { embedded } from './site.ts';

for (const { name, run } of burst(embedded)) {
  test(name, run);
}
