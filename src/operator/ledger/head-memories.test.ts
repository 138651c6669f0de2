import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmbedded } from '../../embedded/cluster.ts';
import { createClient, kinds } from '../../kube/index.ts';
import { HEAD_NAME } from '../../ledger/head-name.ts';
import { headJson } from '../../ledger/signed-head.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { headMemories } from './head-memories.ts';

const { signal } = new AbortController();
const head = { seq: 2, hash: 'a'.repeat(64), at: '2026-01-01T00:00:00.000Z', operator: 'ana', signature: 'x' };

test('an operator in a namespace of its own looks there as well, and names the command that publishes there', async (t) => {
  const embedded = await createEmbedded({ clock: systemClock, random: systemRandom });
  t.after(() => embedded.close());
  const client = createClient({ transport: embedded.transport, clock: systemClock, random: systemRandom });
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'storage' } });
  const metadata = { namespace: 'storage', name: HEAD_NAME };
  const data = { 'l-1': headJson(head) };
  await client.create(kinds.ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  const seenBy = async (own?: string) => {
    const looked = await Promise.all(headMemories(client, own).map(({ look }) => look('l-1', signal)));
    return looked.map((each) => (each.kind === 'looked' ? each.heads.map(({ where }) => where) : each.why));
  };
  assert.deepEqual(await seenBy('storage'), [[`ConfigMap storage/${HEAD_NAME}`], []]);
  assert.deepEqual(await seenBy(), [[]], 'where nobody says otherwise');
  assert.deepEqual(await seenBy('larder-system'), [[]], 'nowhere twice');
  assert.deepEqual(
    headMemories(client, 'storage').map(({ publish }) => publish),
    ['larder ledger publish --namespace storage', 'larder ledger publish'],
  );
});
