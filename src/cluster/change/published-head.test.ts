import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmbedded } from '../../embedded/cluster.ts';
import { createClient, KubeError } from '../../kube/index.ts';
import { emptyState } from '../../ledger/state.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { assertPublishedHead } from './published-head.ts';

const forbidden = 'configmaps "larder-ledger-head" is forbidden: User "ana" cannot get resource "configmaps"';

test('who may not read what the cluster remembers is told so, and goes on; a server that fails stops', async (t) => {
  const embedded = await createEmbedded({ clock: systemClock, random: systemRandom });
  t.after(() => embedded.close());
  const client = createClient({ transport: embedded.transport, clock: systemClock, random: systemRandom });
  const ledger = { state: emptyState, records: [] };
  const answering = (cause: KubeError) => ({ ...client, get: () => Promise.reject(cause) });
  assert.equal(await assertPublishedHead(ledger, client, 'larder-system'), undefined);
  const refusal = new KubeError('KUBE_FORBIDDEN', forbidden, { status: 403 });
  assert.equal(await assertPublishedHead(ledger, answering(refusal), 'larder-system'), forbidden);
  const failure = new KubeError('KUBE_UNAVAILABLE', 'no answer', { status: 503 });
  await assert.rejects(assertPublishedHead(ledger, answering(failure), 'larder-system'), failure);
});
