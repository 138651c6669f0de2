/** Drift on the embedded API. */
import { after, test } from 'node:test';
import { startCluster } from './cluster.ts';
import { driftJourneys } from './drift.ts';
import { temporaryFolder } from './larder.ts';
import { operatorsFor } from './operators.ts';

const cluster = await startCluster(
  temporaryFolder((remove) =>
    after(async () => {
      await cluster.close();
      remove();
    }),
  ),
  { node: false },
);

for (const [index, { name, run }] of driftJourneys.entries()) {
  test(name, async (t) => run(await operatorsFor(t, cluster), `drift-${index}`));
}
