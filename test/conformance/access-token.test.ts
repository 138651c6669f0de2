import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUTHENTICATION, post } from './persona.ts';
import { connect } from './target.ts';

const api = await connect();
const namespace = await api.namespace();
const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;

async function account(name: string): Promise<{ uid: string; path: string }> {
  const { json } = await api.call(accounts, post({ metadata: { name } }));
  return { uid: json.metadata.uid, path: `${accounts}/${name}/token` };
}

const reviewed = async (token: string, audiences?: readonly string[]) => {
  const { status, json } = await api.call(`${AUTHENTICATION}/tokenreviews`, post({ spec: { token, audiences } }));
  assert.equal(status, 201);
  return json.status;
};

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));

test('a TokenRequest gives a signed token of an hour for the API itself', async () => {
  const { uid, path } = await account('robot');
  const { status, json } = await api.call(path, post({}));
  assert.equal(status, 201);
  assert.equal(json.kind, 'TokenRequest');
  assert.deepEqual([json.metadata.name, json.metadata.namespace, json.metadata.uid], ['robot', namespace, uid]);
  assert.equal(json.spec.expirationSeconds, 3600);
  assert.equal(json.spec.boundObjectRef, null);
  assert.equal(json.metadata.managedFields[0].subresource, 'token');
  const { iat, exp, nbf, jti, ...claims } = claimsOf(json.status.token);
  assert.deepEqual([exp - iat, nbf - iat, typeof jti], [3600, 0, 'string']);
  assert.deepEqual(claims, {
    aud: json.spec.audiences,
    iss: claims.iss,
    'kubernetes.io': { namespace, serviceaccount: { name: 'robot', uid } },
    sub: `system:serviceaccount:${namespace}:robot`,
  });
  assert.equal(json.status.expirationTimestamp, new Date(exp * 1000).toISOString().replace('.000Z', 'Z'));
});

test('the holder of the token is the ServiceAccount', async () => {
  const { uid, path } = await account('holder');
  const { json } = await api.call(path, post({ spec: { expirationSeconds: 600 } }));
  const headers = { authorization: `Bearer ${json.status.token}` };
  const answer = await api.call(`${AUTHENTICATION}/selfsubjectreviews`, { ...post({}), headers });
  assert.equal(answer.status, 201);
  assert.deepEqual(answer.json.status.userInfo, {
    username: `system:serviceaccount:${namespace}:holder`,
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claimsOf(json.status.token).jti}`] },
  });
  const refused = await api.call('/api/v1/nodes', { headers });
  assert.equal(refused.status, 403);
  assert.match(refused.json.message, /^nodes is forbidden: User "system:serviceaccount:\S+:holder" cannot list/);
});

test('a TokenReview knows whose token it is, and for which audience', async () => {
  const { uid, path } = await account('known');
  const { json } = await api.call(path, post({}));
  const { token } = json.status;
  const status = await reviewed(token);
  assert.equal(status.authenticated, true);
  assert.equal(status.user.uid, uid);
  assert.equal(status.user.username, `system:serviceaccount:${namespace}:known`);
  assert.deepEqual(status.audiences, json.spec.audiences);
  const [audience] = json.spec.audiences;
  assert.deepEqual(await reviewed(token, ['vault']), {
    user: {},
    error: `[invalid bearer token, token audiences ["${audience}"] is invalid for the target audiences ["vault"]]`,
  });
});

test('a token for others is none for the API', async () => {
  const { path } = await account('outside');
  const { json } = await api.call(path, post({ spec: { audiences: ['vault', 'other'] } }));
  assert.deepEqual(json.spec.audiences, ['vault', 'other']);
  const { token } = json.status;
  const used = await api.call('/version', { headers: { authorization: `Bearer ${token}` } });
  assert.equal(used.status, 401);
  const status = await reviewed(token, ['vault']);
  assert.deepEqual([status.authenticated, status.audiences], [true, ['vault']]);
});

test('what is no token, or has a broken signature, is not authenticated', async () => {
  assert.deepEqual(await reviewed('nonsense'), { user: {}, error: 'invalid bearer token' });
  const { path } = await account('broken');
  const { json } = await api.call(path, post({}));
  const [head, body, signature] = json.status.token.split('.');
  const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  assert.deepEqual(await reviewed(`${head}.${body}.${other}`), {
    user: {},
    error: '[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]',
  });
  const { status, json: missing } = await api.call(`${AUTHENTICATION}/tokenreviews`, post({ spec: {} }));
  assert.deepEqual([status, missing.message], [400, 'token is required for TokenReview in authentication']);
});

test('a token ends with its account, also when one of the same name follows', async () => {
  const { path } = await account('short-lived');
  const { json } = await api.call(path, post({}));
  const headers = { authorization: `Bearer ${json.status.token}` };
  assert.equal((await api.call('/version', { headers })).status, 200);
  await api.call(`${accounts}/short-lived`, { method: 'DELETE' });
  await account('short-lived');
  const status = await reviewed(json.status.token, ['elsewhere']);
  assert.equal(status.authenticated, undefined);
});

test('a token can be bound to a secret', async () => {
  const { path } = await account('bound');
  const { json: secret } = await api.call(
    `/api/v1/namespaces/${namespace}/secrets`,
    post({ metadata: { name: 'tie' } }),
  );
  const boundObjectRef = { apiVersion: 'v1', kind: 'Secret', name: 'tie' };
  const { status, json } = await api.call(path, post({ spec: { boundObjectRef } }));
  assert.equal(status, 201);
  assert.deepEqual(claimsOf(json.status.token)['kubernetes.io'].secret, { name: 'tie', uid: secret.metadata.uid });
});

for (const { what, name = 'strict', body, code, message } of [
  {
    what: 'for less than ten minutes',
    body: { spec: { expirationSeconds: 10 } },
    code: 422,
    message:
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
  },
  {
    what: 'for longer than 2^32 seconds',
    body: { spec: { expirationSeconds: 4294967297 } },
    code: 422,
    message:
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
  },
  { what: 'of nobody', name: 'nobody', body: {}, code: 404, message: 'serviceaccounts "nobody" not found' },
  {
    what: 'bound to a secret that is not there',
    body: { spec: { boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'gone' } } },
    code: 404,
    message: 'secrets "gone" not found',
  },
  {
    what: 'bound to something else',
    body: { spec: { boundObjectRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'x' } } },
    code: 400,
    message: 'cannot bind token to object of type /v1, Kind=ConfigMap',
  },
  {
    what: 'of another name',
    body: { metadata: { name: 'other' } },
    code: 422,
    message:
      'TokenRequest.authentication.k8s.io "strict" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
  },
]) {
  test(`a token ${what} is refused`, async () => {
    await account('strict');
    const { status, json } = await api.call(`${accounts}/${name}/token`, post(body));
    assert.deepEqual([status, json.message], [code, message]);
  });
}

test('a token for an account of another uid is a conflict', async () => {
  const { uid, path } = await account('replaced');
  const { status, json } = await api.call(path, post({ metadata: { uid: 'another' } }));
  assert.equal(status, 409);
  assert.equal(
    json.message,
    `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "replaced": the UID in the token request (another) does not match the UID of the service account (${uid})`,
  );
});

test('the token subresource is only made', async () => {
  await account('made');
  assert.equal((await api.call(`${accounts}/made/token`)).status, 405);
});
