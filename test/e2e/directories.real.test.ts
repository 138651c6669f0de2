import { test } from 'node:test';
import { directories } from './directories.ts';
import { onReal } from './real.ts';

for (const { name, run, skip } of await onReal(directories)) {
  test(name, { skip }, run);
}
