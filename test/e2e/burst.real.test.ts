import { test } from 'node:test';
import { burst } from './burst.ts';
import { onReal } from './real.ts';

for (const { name, run, skip } of await onReal(burst)) {
  test(name, { skip }, run);
}
