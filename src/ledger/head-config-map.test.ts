import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createEmbedded } from '../embedded/cluster.ts';
import { type Client, createClient, isKubeError, KubeError, kinds } from '../kube/index.ts';
import { systemClock, systemRandom } from '../telemetry/clock.ts';
import { configMapSource, type HeadPlace, publishHead } from './head-config-map.ts';
import type { SignedHead } from './signed-head.ts';

const signature = '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n';

function headAt(seq: number): SignedHead {
  const hash = createHash('sha256').update(String(seq)).digest('hex');
  return { seq, hash, at: '2026-03-01T12:00:00.000Z', operator: 'ana', signature };
}

const all = (): boolean => true;
const none = (): boolean => false;

async function clientFor(t: { after(end: () => void): void }): Promise<Client> {
  const embedded = await createEmbedded({ clock: systemClock, random: systemRandom });
  t.after(() => embedded.close());
  const client = createClient({ transport: embedded.transport, clock: systemClock, random: systemRandom });
  const metadata = { name: 'larder-system' };
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata }).catch((cause) => {
    if (!isKubeError(cause, 'KUBE_ALREADY_EXISTS')) throw cause;
  });
  return client;
}

test('the cluster remembers the newest head of each ledger, and never goes back', async (t) => {
  const client = await clientFor(t);
  const [one, two] = ['one', 'two'].map((ledgerId) => ({ client, namespace: 'larder-system', ledgerId }));
  assert.ok(one && two);
  const nothing = await configMapSource(one).look();
  assert.match(JSON.stringify(nothing), /says nothing of this ledger/);
  assert.equal((await publishHead(one, headAt(5), all)).kind, 'published');
  assert.equal((await publishHead(one, headAt(5), none)).kind, 'unchanged');
  assert.equal((await publishHead(two, headAt(2), all)).kind, 'published');
  assert.equal((await publishHead(one, headAt(4), all)).kind, 'ahead', 'an older head');
  assert.equal((await publishHead(one, headAt(9), none)).kind, 'ahead', 'a history without the record that was seen');
  assert.equal((await publishHead(one, headAt(6), all)).kind, 'published');
  assert.deepEqual(await remembered(one), [['ConfigMap larder-system/larder-ledger-head', headAt(6), true]]);
  assert.deepEqual(await remembered(two), [['ConfigMap larder-system/larder-ledger-head', headAt(2), true]]);
});

async function remembered(place: HeadPlace): Promise<unknown> {
  const looked = await configMapSource(place).look();
  if (looked.kind !== 'looked') return looked;
  return Promise.all(looked.heads.map(async ({ where, head, counts }) => [where, head, await counts?.()]));
}

test('many publishers at once leave the newest', async (t) => {
  const client = await clientFor(t);
  const place = { client, namespace: 'larder-system', ledgerId: 'one' };
  const kept = await Promise.all([3, 1, 4, 2].map((seq) => publishHead(place, headAt(seq), all)));
  assert.equal(kept[2]?.kind, 'published');
  const looked = await configMapSource(place).look();
  assert.equal(looked.kind === 'looked' && looked.heads[0]?.head?.seq, 4);
});

test('something else in its place is neither read as a head nor overwritten', async (t) => {
  const client = await clientFor(t);
  const place = { client, namespace: 'larder-system', ledgerId: 'one' };
  const metadata = { namespace: 'larder-system', name: 'larder-ledger-head' };
  await client.create(kinds.ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { one: 'mine' } });
  assert.equal((await publishHead(place, headAt(1), all)).kind, 'unreadable');
  assert.deepEqual(await configMapSource(place).look(), {
    kind: 'looked',
    heads: [{ where: 'ConfigMap larder-system/larder-ledger-head' }],
  });
});

test('a cluster that refuses or is not there was not looked at', async (t) => {
  const client = await clientFor(t);
  const place = { client, namespace: 'not-there', ledgerId: 'one' };
  await assert.rejects(publishHead(place, headAt(1), all), (cause) => isKubeError(cause, 'KUBE_NOT_FOUND'));
  const away: Client = { ...client, get: () => Promise.reject(new KubeError('KUBE_UNAVAILABLE', 'nobody answers')) };
  const looked = await configMapSource({ ...place, client: away }).look();
  assert.equal(looked.kind, 'not-looked');
});
