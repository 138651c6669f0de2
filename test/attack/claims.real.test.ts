import { test } from 'node:test';
import { outlast, SWAPS } from './claims.ts';

/** Ten times as many for a long run: `LARDER_ATTACKED_CLAIMS=20000`. */
const CLAIMS = Number(process.env['LARDER_ATTACKED_CLAIMS'] ?? 2_000);

test(
  `claims created, archived and deleted beside ${SWAPS} swaps: nothing outside changes, and nothing of another claim`,
  {
    timeout: 60_000 + CLAIMS * 120,
  },
  (t) => outlast(t, CLAIMS),
);
