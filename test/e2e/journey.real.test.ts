import { test } from 'node:test';
import { journey } from './journey.ts';
import { onReal } from './real.ts';

for (const { name, run, skip } of await onReal(journey)) {
  test(name, { skip }, run);
}
