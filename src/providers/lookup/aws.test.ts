import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GIB } from '../driver-row.ts';
import { type ProviderOptions, parseProviderOptions } from '../options.ts';
import { LookupError } from '../registry.ts';
import { awsVolumes } from './aws.ts';
import { type Asked, cloudFor, type Reply, signatureProblem, worldOf } from './cloud.fixture.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET, AWS_REGION: 'eu-central-1' };
const never = new AbortController().signal;

function awsOptions(given: Readonly<Record<string, string>>): ProviderOptions['aws'] {
  const parsed = parseProviderOptions(given);
  assert.equal(parsed.kind, 'options');
  return parsed.kind === 'options' ? parsed.options.aws : assert.fail();
}

const EC2 = 'http://ec2.amazonaws.com/doc/2016-11-15/';
const volumes = `<?xml version="1.0" encoding="UTF-8"?>
<DescribeVolumesResponse xmlns="${EC2}">
  <requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>
  <volumeSet>
    <item><volumeId>vol-0a</volumeId><size>80</size><snapshotId/><availabilityZone>eu-central-1a</availabilityZone>
      <status>in-use</status><createTime>2026-01-12T17:25:21.000Z</createTime>
      <attachmentSet><item><volumeId>vol-0a</volumeId><status>attached</status></item></attachmentSet>
      <volumeType>io2</volumeType><encrypted>true</encrypted><multiAttachEnabled>false</multiAttachEnabled></item>
    <item><volumeId>vol-0b</volumeId><size>8</size><attachmentSet/><volumeType>gp2</volumeType></item>
  </volumeSet>
</DescribeVolumesResponse>`;
const modifications = `<DescribeVolumesModificationsResponse xmlns="${EC2}">
  <requestId>r</requestId>
  <volumeModificationSet>
    <item><targetIops>10000</targetIops><modificationState>optimizing</modificationState><targetSize>80</targetSize>
      <targetVolumeType>io2</targetVolumeType><volumeId>vol-0a</volumeId><progress>40</progress>
      <startTime>2026-01-19T23:58:04.922Z</startTime><originalSize>40</originalSize></item>
    <item><volumeId>vol-0b</volumeId></item>
  </volumeModificationSet>
</DescribeVolumesModificationsResponse>`;

function ec2({ form }: Asked): Reply {
  return { body: form.get('Action') === 'DescribeVolumes' ? volumes : modifications };
}
const refused = (status: number, code: string, message: string): Reply => ({
  status,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>ea966190</RequestID></Response>`,
});

async function failure(work: Promise<unknown>): Promise<LookupError> {
  const caught = await work.then(
    () => assert.fail('no failure'),
    (error: unknown) => error,
  );
  return caught instanceof LookupError ? caught : assert.fail(String(caught));
}

test('volumes and their last modification are asked for in two signed questions', async (t) => {
  const cloud = await cloudFor(t, ec2);
  const ask = awsVolumes(worldOf({ env: keys }), awsOptions({ 'aws.ec2Endpoint': cloud.url }));
  const found = await ask(['vol-0a', 'vol-0b', 'vol-gone'], never);
  assert.deepEqual(found.get('vol-0a'), {
    type: 'io2',
    sizeBytes: 80n * GIB,
    modification: {
      at: Date.UTC(2026, 0, 19, 23, 58, 4, 922),
      state: 'optimizing, 40 %',
      settled: false,
      source: 'ec2:DescribeVolumesModifications',
    },
    shared: false,
  });
  assert.equal(found.get('vol-0b')?.modification, undefined);
  assert.equal(found.has('vol-gone'), false);
  assert.equal(cloud.asked.length, 2);
  for (const asked of cloud.asked) {
    assert.equal(signatureProblem(asked, SECRET), '');
    assert.match(asked.headers.authorization ?? '', /\/eu-central-1\/ec2\/aws4_request/);
    assert.deepEqual(
      ['Version', 'Filter.1.Name', 'Filter.1.Value.1', 'Filter.1.Value.3'].map((name) => asked.form.get(name)),
      ['2016-11-15', 'volume-id', 'vol-0a', 'vol-gone'],
    );
  }
  assert.notEqual(signatureProblem({ ...(cloud.asked[0] ?? assert.fail()), body: 'Action=ModifyVolume' }, SECRET), '');
});

test('an answer in pages is read to its end', async (t) => {
  const page = (id: string, next: string): string =>
    `<DescribeVolumesResponse><volumeSet><item><volumeId>${id}</volumeId><size>1</size><volumeType>gp3</volumeType></item></volumeSet>${next}</DescribeVolumesResponse>`;
  const cloud = await cloudFor(t, ({ form }) => {
    if (form.get('Action') !== 'DescribeVolumes') {
      return { body: '<R><volumeModificationSet/></R>' };
    }
    return { body: form.get('NextToken') === 'two' ? page('vol-2', '') : page('vol-1', '<nextToken>two</nextToken>') };
  });
  const ask = awsVolumes(worldOf({ env: keys }), awsOptions({ 'aws.ec2Endpoint': cloud.url }));
  assert.deepEqual([...(await ask(['vol-1', 'vol-2'], never)).keys()], ['vol-1', 'vol-2']);
});

test('refusals say which action is missing, and which are a matter of time', async (t) => {
  const replies: Reply[] = [
    refused(
      403,
      'UnauthorizedOperation',
      'You are not authorized to perform this operation. User: u is not authorized',
    ),
    { ...refused(503, 'RequestLimitExceeded', 'Request limit exceeded.'), headers: { 'retry-after': '7' } },
    refused(401, 'AuthFailure', 'AWS was not able to validate the provided access credentials'),
    { status: 503, body: 'Service Unavailable' },
    refused(400, 'InvalidParameterValue', 'no'),
    { body: '<html>a login page</html><p/>' },
    { body: '<!DOCTYPE x [<!ENTITY a "b">]><R><volumeSet/></R>' },
    { body: '<R><volumeSet><item><volumeId>v</volumeId></item></volumeSet></R>' },
  ];
  const cloud = await cloudFor(t, () => replies.shift());
  const options = awsOptions({ 'aws.ec2Endpoint': cloud.url });
  const ask = awsVolumes(worldOf({ env: keys }), options);
  const next = (): Promise<LookupError> => failure(ask(['vol-0a'], never));
  const denied = await next();
  assert.equal(denied.code, 'LARDER_LOOKUP_DENIED');
  assert.match(
    denied.message,
    /^the role lacks ec2:DescribeVolumes\. EC2 DescribeVolumes: UnauthorizedOperation: You are not/,
  );
  const throttled = await next();
  assert.deepEqual([throttled.code, throttled.afterMs], ['LARDER_LOOKUP_THROTTLED', 7_000]);
  assert.equal((await next()).code, 'LARDER_LOOKUP_CREDENTIALS');
  assert.equal((await next()).code, 'LARDER_LOOKUP_UNREACHABLE');
  for (let left = replies.length; left > 0; left -= 1) assert.equal((await next()).code, 'LARDER_LOOKUP_MALFORMED');
  const silent = await failure(awsVolumes(worldOf({ env: keys, timeoutMs: 20 }), options)(['vol-0a'], never));
  assert.equal(silent.code, 'LARDER_LOOKUP_UNREACHABLE');
  assert.match(silent.message, /^EC2 DescribeVolumes at 127\.0\.0\.1:\d+: no answer within 20 ms$/);
});

test('a web identity becomes credentials of its role, which are kept and renewed', async (t) => {
  let now = Date.UTC(2026, 0, 1);
  const role = (key: string, expiration: string): string =>
    `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><SessionToken>session</SessionToken><SecretAccessKey>secret</SecretAccessKey><Expiration>${expiration}</Expiration><AccessKeyId>${key}</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
  const sts = await cloudFor(t, () => ({ body: role(`ASIA${now}`, new Date(now + 3_600_000).toISOString()) }));
  const cloud = await cloudFor(t, ec2);
  const env = {
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/larder',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
    AWS_REGION: 'eu-west-1',
  };
  const clock = { now: () => now, monotonic: () => performance.now(), after: worldOf().clock.after };
  const world = worldOf({ env, clock }, { '/token': 'jwt\n' });
  const ask = awsVolumes(world, awsOptions({ 'aws.ec2Endpoint': cloud.url, 'aws.stsEndpoint': sts.url }));
  await ask(['vol-0a'], never);
  await ask(['vol-0a'], never);
  assert.equal(sts.asked.length, 1);
  const form = Object.fromEntries(sts.asked[0]?.form ?? []);
  assert.deepEqual(form, {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: env.AWS_ROLE_ARN,
    RoleSessionName: 'larder',
    WebIdentityToken: 'jwt',
  });
  assert.equal(sts.asked[0]?.headers.authorization, undefined);
  assert.equal(signatureProblem(cloud.asked[0] ?? assert.fail(), 'secret'), '');
  assert.equal(cloud.asked[0]?.headers['x-amz-security-token'], 'session');
  now += 56 * 60_000;
  await ask(['vol-0a'], never);
  assert.equal(sts.asked.length, 2);
});

test('a role that may not be assumed is said with its action', async (t) => {
  const body =
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error><RequestId>r</RequestId></ErrorResponse>';
  const sts = await cloudFor(t, () => ({ status: 403, body }));
  const env = { AWS_ROLE_ARN: 'arn', AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_REGION: 'eu-west-1' };
  const ask = awsVolumes(worldOf({ env }, { '/token': 'jwt' }), awsOptions({ 'aws.stsEndpoint': sts.url }));
  const denied = await failure(ask(['vol-0a'], never));
  assert.equal(denied.code, 'LARDER_LOOKUP_DENIED');
  assert.match(denied.message, /^the role lacks sts:AssumeRoleWithWebIdentity\./);
  const none = awsVolumes(worldOf({ env }), awsOptions({ 'aws.stsEndpoint': sts.url }));
  assert.match((await failure(none(['vol-0a'], never))).message, /the web identity token \/token cannot be read/);
});

const issued = (key: string): string =>
  JSON.stringify({ AccessKeyId: key, SecretAccessKey: SECRET, Token: 'session', Expiration: '2099-01-01T00:00:00Z' });

test('EKS Pod Identity is asked with its token, and only an agent of AWS without TLS', async (t) => {
  const agent = await cloudFor(t, () => ({ body: issued('ASIAPOD') }));
  const cloud = await cloudFor(t, ec2);
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/pod-token',
    AWS_REGION: 'eu-west-1',
  };
  const options = awsOptions({ 'aws.ec2Endpoint': cloud.url });
  await awsVolumes(worldOf({ env }, { '/pod-token': 'pod' }), options)(['vol-0a'], never);
  assert.deepEqual([agent.asked[0]?.path, agent.asked[0]?.headers.authorization], ['/v1/credentials', 'pod']);
  assert.match(cloud.asked[0]?.headers.authorization ?? '', /Credential=ASIAPOD\//);
  const elsewhere = { ...env, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://10.0.0.1/steal' };
  const refusal = await failure(awsVolumes(worldOf({ env: elsewhere }), options)(['vol-0a'], never));
  assert.match(refusal.message, /neither https nor an agent of AWS/);
});

test('the metadata of the instance gives role and region, by its second version', async (t) => {
  const metadata = await cloudFor(t, ({ method, path, headers }) => {
    if (method === 'PUT' && path === '/latest/api/token') {
      return headers['x-aws-ec2-metadata-token-ttl-seconds'] ? { body: 'metadata-token' } : { status: 400, body: '' };
    }
    if (headers['x-aws-ec2-metadata-token'] !== 'metadata-token') return { status: 401, body: '' };
    if (path === '/latest/meta-data/placement/region') return { body: 'ap-south-1' };
    if (path === '/latest/meta-data/iam/security-credentials/') return { body: 'node-role\n' };
    return path.endsWith('/node-role') ? { body: issued('ASIANODE') } : { status: 404, body: '' };
  });
  const cloud = await cloudFor(t, ec2);
  const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url };
  const options = awsOptions({ 'aws.ec2Endpoint': cloud.url });
  await awsVolumes(worldOf({ env }), options)(['vol-0a'], never);
  assert.match(cloud.asked[0]?.headers.authorization ?? '', /Credential=ASIANODE\/\d{8}\/ap-south-1\/ec2/);
  const off = worldOf({ env: { ...env, AWS_EC2_METADATA_DISABLED: 'true' } });
  const none = await failure(awsVolumes(off, options)(['vol-0a'], never));
  assert.equal(none.code, 'LARDER_LOOKUP_CREDENTIALS');
  assert.match(none.message, /looked at the environment, the shared configuration, web identity/);
});

test('a profile is read from both files, and one that is named is the only source', async (t) => {
  const cloud = await cloudFor(t, ec2);
  const files = {
    '/somebody/.aws/config':
      '[default]\nregion = eu-north-1\n[profile prod] # theirs\nregion=us-west-2 ; here\ns3 =\n  addressing_style = path\n',
    '/somebody/.aws/credentials': `[prod]\naws_access_key_id = AKIAPROD\naws_secret_access_key = ${SECRET}\n`,
  };
  const world = (env: Record<string, string>) => worldOf({ env: { HOME: '/somebody', ...env } }, files);
  const at = (given: Readonly<Record<string, string>>) => awsOptions({ 'aws.ec2Endpoint': cloud.url, ...given });
  await awsVolumes(world({ AWS_PROFILE: 'prod' }), at({}))(['vol-0a'], never);
  await awsVolumes(world({ AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'x' }), at({ 'aws.profile': 'prod' }))(
    ['vol-0a'],
    never,
  );
  for (const index of [0, 2]) {
    assert.match(cloud.asked[index]?.headers.authorization ?? '', /Credential=AKIAPROD\/\d{8}\/us-west-2\/ec2/);
  }
  const missing = await failure(awsVolumes(world({}), at({ 'aws.profile': 'staging' }))(['vol-0a'], never));
  assert.match(missing.message, /no credentials for AWS: profile staging has none/);
});
