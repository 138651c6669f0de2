/** The webhook under a real kube-apiserver: its certificates and their authorities change while claims are made all the time. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Client, kinds } from '../../src/kube/index.ts';
import { ACCOUNT, accountFor } from './account.ts';
import { auditOf } from './audit.ts';
import { clientOf } from './claims.ts';
import { eventually } from './larder.ts';
import { onReal } from './real.ts';
import { type Journey, planeFor } from './site.ts';
import { applyPolicy, FLOOR, failures, prepare, webhook } from './webhook.ts';

/** The shortest that can be set: an authority then lives for 20 s, and its successor signs after 10 s. */
const LIFETIME = '5s';
/** Both before, both after, and the new one alone. */
const BUNDLES = 4;

const journeys = (): readonly Journey[] => [
  {
    name: 'on a real control plane, certificates and authorities change under two replicas without a call that fails',
    run: rotates,
  },
];

for (const { name, run, skip } of await onReal((place) => [...webhook(place), ...journeys()])) {
  test(name, { skip }, run);
}

async function rotates(t: TestContext): Promise<void> {
  const plane = await planeFor(t, { controllers: false, audit: true });
  const client = await clientOf(plane);
  const stage = await prepare(t, { client, kubeconfig: await accountFor(t, plane) });
  await applyPolicy(client, { initialSize: FLOOR });
  await stage.start('one', '--webhook-certificate-lifetime', LIFETIME);
  await stage.start('two', '--webhook-certificate-lifetime', LIFETIME);
  await eventually('both to be asked', async () => ((await stage.sizeOf({})) === FLOOR ? true : undefined));
  const failedBefore = await failures(client);
  const authorities = new Set<string>();
  const bundles = new Set<string>();
  let claims = 0;
  for (const end = performance.now() + 60_000; bundles.size < BUNDLES && performance.now() < end; claims += 1) {
    assert.equal(await stage.sizeOf({}), FLOOR, `claim ${claims}`);
    await stage.drop(); // nothing is under way: the next claim sees the certificate that is served now
    authorities.add(await authorityOf(client));
    bundles.add(await bundleOf(client));
  }
  t.diagnostic(`${claims} claims over ${authorities.size} authorities and ${bundles.size} bundles`);
  assert.ok(authorities.size >= 2, `${authorities.size} authorities`);
  assert.ok(bundles.size >= BUNDLES, `${bundles.size} bundles`);
  assert.equal(await failures(client), failedBefore, 'the API server passed over the webhook');
  const own = (await auditOf(plane, client)).filter(({ user }) => user === ACCOUNT);
  assert.ok(own.some(({ verb, resource }) => verb === 'patch' && resource === 'mutatingwebhookconfigurations'));
  assert.deepEqual(
    own.filter(({ code }) => code === 401 || code === 403),
    [],
  );
}

const authorityOf = async (client: Client): Promise<string> => {
  const { data } = await client.get(kinds.Secret, { namespace: 'larder-system', name: 'larder-webhook' });
  return data?.['authority.crt'] ?? '';
};

const bundleOf = async (client: Client): Promise<string> => {
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/larder';
  const response = await client.request({ method: 'GET', path });
  return JSON.parse(await response.text()).webhooks[0].clientConfig.caBundle;
};
