import { test } from 'node:test';
import { embedded } from './site.ts';
import { statefulSetJourneys } from './stateful-sets.ts';

for (const { name, run } of statefulSetJourneys(embedded)) {
  test(name, run);
}
