import { test } from 'node:test';
import { onReal } from './real.ts';
import { statefulSetJourneys } from './stateful-sets.ts';

for (const { name, run, skip } of await onReal(statefulSetJourneys)) {
  test(name, { skip }, run);
}
