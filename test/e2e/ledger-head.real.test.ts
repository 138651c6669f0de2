import { test } from 'node:test';
import { headJourneys } from './ledger-head.ts';
import { onReal } from './real.ts';

for (const { name, run, skip } of await onReal(headJourneys)) {
  test(name, { skip }, run);
}
