/** The journeys of changes on the embedded API. */
import { after, test } from 'node:test';
import { changeJourneys } from './change.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { temporaryFolder } from './larder.ts';
import { operatorsFor } from './operators.ts';

const cluster: Cluster = await startCluster(
  temporaryFolder((remove) =>
    after(async () => {
      await cluster.close();
      remove();
    }),
  ),
  { node: false },
);

for (const [index, { name, run }] of changeJourneys.entries()) {
  test(`${name}, on the embedded API`, async (t) => run(await operatorsFor(t, cluster), `change-${index}`));
}
