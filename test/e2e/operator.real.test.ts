import { test } from 'node:test';
import { operator } from './operator.ts';
import { onReal } from './real.ts';

for (const { name, run, skip } of await onReal(operator)) {
  test(name, { skip }, run);
}
