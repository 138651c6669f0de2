import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GIB } from '../driver-row.ts';
import { defaultProviderOptions } from '../options.ts';
import { LookupError } from '../registry.ts';
import { azureVolumes } from './azure.ts';
import { type CloudDouble, cloudFor, type Reply, worldOf } from './cloud.fixture.ts';
import type { World } from './question.ts';

const never = new AbortController().signal;
const handle = '/subscriptions/0000-11/resourceGroups/mc_rg(1)/providers/Microsoft.Compute/disks/pvc-1';
const token = (value: string, expires: number | string = 3_600): Reply => ({
  body: JSON.stringify({ access_token: value, expires_in: expires, token_type: 'Bearer' }),
});
const disk = (properties: object): Reply => ({ body: JSON.stringify({ sku: { name: 'Premium_LRS' }, properties }) });
const ask = (world: World, cloud: CloudDouble) =>
  azureVolumes(world, { ...defaultProviderOptions.azure, managementEndpoint: cloud.url });

async function failure(work: Promise<unknown>): Promise<LookupError> {
  const caught = await work.then(
    () => assert.fail('no failure'),
    (error: unknown) => error,
  );
  return caught instanceof LookupError ? caught : assert.fail(String(caught));
}

test('workload identity: the token of the pod becomes one for disks, and is kept', async (t) => {
  const authority = await cloudFor(t, () => token('for-disks'));
  const cloud = await cloudFor(t, () => disk({ diskSizeGB: 64, maxShares: 2 }));
  const env = {
    AZURE_TENANT_ID: 'tenant',
    AZURE_CLIENT_ID: 'client',
    AZURE_FEDERATED_TOKEN_FILE: '/federated',
    AZURE_AUTHORITY_HOST: `${authority.url}/`,
  };
  const question = ask(worldOf({ env }, { '/federated': 'jwt\n' }), cloud);
  const found = await question([handle, '/subscriptions/../x', 'vol-1'], never);
  assert.deepEqual(
    [...found],
    [[handle, { type: 'Premium_LRS', sizeBytes: 64n * GIB, modification: undefined, shared: true }]],
  );
  await question([handle], never);
  assert.equal(authority.asked.length, 1);
  assert.equal(authority.asked[0]?.path, '/tenant/oauth2/v2.0/token');
  assert.deepEqual(Object.fromEntries(authority.asked[0]?.form ?? []), {
    grant_type: 'client_credentials',
    client_id: 'client',
    scope: 'https://management.azure.com/.default',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: 'jwt',
  });
  assert.equal(cloud.asked.length, 2);
  assert.equal(cloud.asked[0]?.path, `${handle}?api-version=2023-10-02`);
  assert.equal(cloud.asked[0]?.headers.authorization, 'Bearer for-disks');
});

test('managed identity: the metadata service of the node is asked with its header', async (t) => {
  const node = await cloudFor(t, ({ headers }) =>
    headers['metadata'] === 'true' ? token('of-node', '60') : undefined,
  );
  const cloud = await cloudFor(t, () => disk({}));
  const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: node.url, AZURE_CLIENT_ID: 'user-assigned' };
  const question = ask(worldOf({ env }), cloud);
  assert.equal((await question([handle], never)).get(handle)?.sizeBytes, undefined);
  const asked = new URL(`http://node${node.asked[0]?.path}`);
  assert.equal(asked.pathname, '/metadata/identity/oauth2/token');
  assert.deepEqual(Object.fromEntries(asked.searchParams), {
    'api-version': '2018-02-01',
    resource: 'https://management.azure.com/',
    client_id: 'user-assigned',
  });
  await question([handle], never);
  assert.equal(node.asked.length, 2, 'a token that ends within minutes is not kept');
});

test('refusals of the authority and of the manager are told apart', async (t) => {
  const refusal = (status: number, code: string, message: string): Reply => ({
    status,
    body: JSON.stringify({ error: { code, message } }),
  });
  const authorityReplies: Reply[] = [
    {
      status: 401,
      body: JSON.stringify({
        error: 'invalid_client',
        error_description: 'AADSTS70021: No matching federated identity',
      }),
    },
  ];
  const authority = await cloudFor(t, () => authorityReplies.shift() ?? token('t'));
  const replies = [
    refusal(
      403,
      'AuthorizationFailed',
      "The client does not have authorization to perform action 'Microsoft.Compute/disks/read'",
    ),
    { ...refusal(429, 'TooManyRequests', 'The request is being throttled.'), headers: { 'retry-after': '30' } },
    refusal(404, 'ResourceNotFound', 'not found'),
    { status: 502, body: '<html>bad gateway</html>' },
  ];
  const cloud = await cloudFor(t, () => replies.shift());
  const env = {
    AZURE_TENANT_ID: 'tenant',
    AZURE_CLIENT_ID: 'client',
    AZURE_CLIENT_SECRET: 'never-said',
    AZURE_AUTHORITY_HOST: authority.url,
  };
  const question = ask(worldOf({ env }), cloud);
  const stranger = await failure(question([handle], never));
  assert.equal(stranger.code, 'LARDER_LOOKUP_CREDENTIALS');
  assert.match(stranger.message, /401: invalid_client AADSTS70021/);
  assert.doesNotMatch(stranger.message, /never-said/);
  const denied = await failure(question([handle], never));
  assert.equal(denied.code, 'LARDER_LOOKUP_DENIED');
  assert.match(denied.message, /^the account lacks Microsoft\.Compute\/disks\/read\. Azure disk pvc-1: 403:/);
  const throttled = await failure(question([handle], never));
  assert.deepEqual([throttled.code, throttled.afterMs], ['LARDER_LOOKUP_THROTTLED', 30_000]);
  assert.equal((await question([handle], never)).size, 0);
  assert.equal((await failure(question([handle], never))).code, 'LARDER_LOOKUP_UNREACHABLE');
});

test('without any identity the message says what was looked for', async (t) => {
  const cloud = await cloudFor(t, () => disk({}));
  const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:9' };
  const none = await failure(ask(worldOf({ env }), cloud)([handle], never));
  assert.equal(none.code, 'LARDER_LOOKUP_CREDENTIALS');
  assert.match(none.message, /^no credentials for Azure: looked for workload identity and a client secret/);
  const missing = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_FEDERATED_TOKEN_FILE: '/nowhere' };
  const unread = await failure(ask(worldOf({ env: missing }), cloud)([handle], never));
  assert.match(unread.message, /the federated token \/nowhere cannot be read/);
});
