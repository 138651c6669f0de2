import { test } from 'node:test';
import { outlast, SWAPS } from './claims.ts';

const CLAIMS = 400;

test(
  `claims created, archived and deleted beside ${SWAPS} swaps: nothing outside changes, and nothing of another claim`,
  {
    timeout: 120_000,
  },
  (t) => outlast(t, CLAIMS),
);
