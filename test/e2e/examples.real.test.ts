import { test } from 'node:test';
import { examples } from './examples.ts';
import { onReal } from './real.ts';

for (const { name, run, skip } of await onReal(examples)) {
  test(name, { skip }, run);
}
