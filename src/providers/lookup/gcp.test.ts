import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { GIB } from '../driver-row.ts';
import { defaultProviderOptions } from '../options.ts';
import { LookupError } from '../registry.ts';
import { type CloudDouble, cloudFor, type Reply, worldOf } from './cloud.fixture.ts';
import { gcpVolumes } from './gcp.ts';

const never = new AbortController().signal;
const handle = 'projects/p-1/zones/europe-west3-b/disks/pvc-1';

/** google-auth-library reads its environment itself. */
function environment(t: TestContext, given: Readonly<Record<string, string>>): void {
  const names = ['GOOGLE_APPLICATION_CREDENTIALS', 'GCE_METADATA_HOST', 'METADATA_SERVER_DETECTION', 'HOME'];
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) {
    const value = given[name];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  t.after(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-gcp-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const metadata = (t: TestContext): Promise<CloudDouble> =>
  cloudFor(t, ({ path, headers }) => {
    const flavor = { 'metadata-flavor': 'Google', 'content-type': 'application/json' };
    if (headers['metadata-flavor'] !== 'Google') return { status: 403, body: '' };
    if (!path.startsWith('/computeMetadata/v1/instance/service-accounts/default/token')) {
      return { body: '', headers: flavor };
    }
    return {
      body: JSON.stringify({ access_token: 'from-gke', expires_in: 3599, token_type: 'Bearer' }),
      headers: flavor,
    };
  });

const compute = (t: TestContext, reply: () => Reply): Promise<CloudDouble> => cloudFor(t, reply);
const ask = (cloud: CloudDouble) =>
  gcpVolumes(worldOf(), { ...defaultProviderOptions.gcp, computeEndpoint: cloud.url });

async function failure(work: Promise<unknown>): Promise<LookupError> {
  const caught = await work.then(
    () => assert.fail('no failure'),
    (error: unknown) => error,
  );
  return caught instanceof LookupError ? caught : assert.fail(String(caught));
}

test('a disk is read with the token of the metadata server, as on GKE', async (t) => {
  const server = await metadata(t);
  environment(t, { GCE_METADATA_HOST: server.url.replace('http://', ''), METADATA_SERVER_DETECTION: 'assume-present' });
  const body = {
    type: 'https://www.googleapis.com/compute/v1/projects/p-1/zones/europe-west3-b/diskTypes/hyperdisk-balanced',
    sizeGb: '120',
  };
  const cloud = await compute(t, () => ({ body: JSON.stringify(body) }));
  const found = await ask(cloud)([handle, 'projects/UNSPECIFIED/zones/UNSPECIFIED/disks/d', '../../x'], never);
  assert.deepEqual(
    [...found],
    [[handle, { type: 'hyperdisk-balanced', sizeBytes: 120n * GIB, modification: undefined, shared: false }]],
  );
  assert.equal(cloud.asked.length, 1);
  assert.equal(cloud.asked[0]?.path, `/compute/v1/${handle}?fields=type,sizeGb`);
  assert.equal(cloud.asked[0]?.headers.authorization, 'Bearer from-gke');
});

test('Workload Identity Federation exchanges the token of the pod', async (t) => {
  const folder = folderFor(t);
  const sts = await cloudFor(t, () => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      access_token: 'federated',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 3600,
    }),
  }));
  const audience = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/k';
  writeFileSync(join(folder, 'token'), 'jwt-of-the-pod');
  writeFileSync(
    join(folder, 'credentials.json'),
    JSON.stringify({
      type: 'external_account',
      audience,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${sts.url}/v1/token`,
      credential_source: { file: join(folder, 'token') },
    }),
  );
  environment(t, { GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'credentials.json') });
  const cloud = await compute(t, () => ({ body: JSON.stringify({ type: 'x/diskTypes/pd-ssd', sizeGb: '10' }) }));
  const found = await ask(cloud)([handle], never);
  assert.equal(found.get(handle)?.type, 'pd-ssd');
  assert.equal(cloud.asked[0]?.headers.authorization, 'Bearer federated');
  const form = sts.asked[0]?.form;
  assert.deepEqual(
    ['grant_type', 'subject_token', 'audience', 'scope'].map((name) => form?.get(name)),
    [
      'urn:ietf:params:oauth:grant-type:token-exchange',
      'jwt-of-the-pod',
      audience,
      'https://www.googleapis.com/auth/compute.readonly',
    ],
  );
});

test('refusals say which permission is missing, and which are a matter of time; a disk that is gone is no failure', async (t) => {
  const server = await metadata(t);
  environment(t, { GCE_METADATA_HOST: server.url.replace('http://', ''), METADATA_SERVER_DETECTION: 'assume-present' });
  const error = (code: number, reason: string, message: string): Reply => ({
    status: code,
    body: JSON.stringify({ error: { code, message, errors: [{ message, domain: 'global', reason }] } }),
  });
  const replies = [
    error(403, 'forbidden', "Required 'compute.disks.get' permission for 'projects/p-1/zones/z/disks/pvc-1'"),
    error(403, 'rateLimitExceeded', 'Rate Limit Exceeded'),
    error(429, 'rateLimitExceeded', 'Quota exceeded'),
    error(401, 'authError', 'Invalid Credentials'),
    error(503, 'backendError', 'Backend Error'),
    { body: '{"kind":"compute#disk"}' },
  ];
  const cloud = await compute(t, () => replies.shift() ?? error(404, 'notFound', 'not found'));
  const question = ask(cloud);
  const denied = await failure(question([handle], never));
  assert.equal(denied.code, 'LARDER_LOOKUP_DENIED');
  assert.match(denied.message, /^the account lacks compute\.disks\.get\. Compute Engine projects\/p-1/);
  const codes: string[] = [];
  while (replies.length > 0) codes.push((await failure(question([handle], never))).code);
  assert.deepEqual(codes, [
    'LARDER_LOOKUP_THROTTLED',
    'LARDER_LOOKUP_THROTTLED',
    'LARDER_LOOKUP_CREDENTIALS',
    'LARDER_LOOKUP_UNREACHABLE',
    'LARDER_LOOKUP_MALFORMED',
  ]);
  assert.equal((await question([handle], never)).size, 0);
});

test('without credentials the message says so', async (t) => {
  environment(t, { HOME: folderFor(t), METADATA_SERVER_DETECTION: 'none' });
  const cloud = await compute(t, () => assert.fail('asked without credentials'));
  const none = await failure(ask(cloud)([handle], never));
  assert.equal(none.code, 'LARDER_LOOKUP_CREDENTIALS');
  assert.match(none.message, /^no credentials for Google Cloud: Could not load the default credentials/);
});
