import { test } from 'node:test';
import { headJourneys } from './ledger-head.ts';
import { embedded } from './site.ts';

for (const { name, run } of headJourneys(embedded)) {
  test(name, run);
}
