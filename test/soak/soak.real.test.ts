import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingControlPlane } from '../tools/control-plane.ts';
import { faultsOf, soak } from './soak.ts';

/** A part of `npm run soak`, with everything that happens in it happening sooner. */
const SHORT = { seconds: 60, perSecond: 20, claims: 2_000, restartEvery: 15, killEvery: 6 } as const;

test('claims that come and go while the API server and one of two operators die again and again are all accounted for', {
  skip: (await missingControlPlane()) ?? false,
}, async (t) => {
  const report = await soak({ ...SHORT, say: () => undefined });
  t.diagnostic(JSON.stringify(report));
  assert.ok(report.made > 50 && report.deleted > 5, 'hardly anything happened');
  assert.ok(report.restarts >= 1 && report.kills >= 1, 'nothing died');
  assert.deepEqual(faultsOf(report), []);
});
