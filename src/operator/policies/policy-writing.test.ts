import { test } from 'node:test';
import { createEmbedded } from '../../embedded/cluster.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { overtakenWorld, policyWriting } from './policy-writing.fixture.ts';

const journeys = policyWriting(async (t) => {
  const embedded = await createEmbedded({ clock: systemClock, random: systemRandom });
  t.after(() => embedded.close());
  return overtakenWorld(embedded.transport);
});

for (const { name, run } of journeys) {
  test(name, (t) => run(t));
}
