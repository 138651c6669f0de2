import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRandom } from '../telemetry/clock.ts';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { ISSUER } from './access/account-token.ts';
import { createSigning, type Signing } from './access/signing.ts';
import { administrator, anonymousUser } from './access/user.ts';
import { authenticate, createIdentity } from './authenticate.ts';
import { createEmbedded } from './cluster.ts';

const account = '/api/v1/namespaces/default/serviceaccounts/robot';

async function world(signing?: Signing) {
  const clock = createManualClock();
  const { store, rest } = await createEmbedded({ clock, random: systemRandom });
  const identity = createIdentity({ reading: store, clock, token: 'secret', ...(signing && { signing }) });
  const body = JSON.stringify({ metadata: { name: 'robot' } });
  await rest.handle({ method: 'POST', path: account.slice(0, -'/robot'.length), body });
  const { uid } = JSON.parse(await (await rest.handle({ method: 'GET', path: account })).text()).metadata;
  const now = Math.floor(clock.now() / 1000);
  const claims = {
    iss: ISSUER,
    aud: [ISSUER],
    exp: now + 600,
    nbf: now,
    'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'robot', uid } },
  };
  return { clock, rest, identity, claims };
}

test('the administrator has the token, nobody else has it, and without one a caller is anonymous', async () => {
  const { identity } = await world();
  assert.equal(authenticate(identity, 'Bearer secret'), administrator);
  assert.equal(authenticate(identity, 'bearer   secret'), administrator);
  assert.equal(authenticate(identity, 'Bearer secre'), undefined);
  assert.equal(authenticate(identity, undefined), anonymousUser);
  assert.equal(authenticate(identity, 'Basic c2VjcmV0'), anonymousUser);
});

test('a token is good until it ends, with a minute for clocks that differ', async () => {
  const { identity, claims, clock } = await world();
  const header = `Bearer ${identity.signing.sign(claims)}`;
  assert.equal(authenticate(identity, header)?.name, 'system:serviceaccount:default:robot');
  await clock.advance(659_000);
  assert.ok(authenticate(identity, header));
  await clock.advance(2_000);
  assert.equal(authenticate(identity, header), undefined);
});

test('a token ends with its account, whatever follows under the name', async () => {
  const { identity, claims, rest } = await world();
  const header = `Bearer ${identity.signing.sign(claims)}`;
  await rest.handle({ method: 'DELETE', path: account });
  assert.equal(authenticate(identity, header), undefined);
  await rest.handle({
    method: 'POST',
    path: account.slice(0, -'/robot'.length),
    body: JSON.stringify({ metadata: { name: 'robot' } }),
  });
  assert.equal(authenticate(identity, header), undefined);
});

test('what somebody else signed, or what was changed, is not believed', async () => {
  const { identity, claims } = await world();
  assert.equal(authenticate(identity, `Bearer ${createSigning().sign(claims)}`), undefined);
  const [head, , signature] = identity.signing.sign(claims).split('.');
  const other = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1e6 })).toString('base64url');
  assert.equal(authenticate(identity, `Bearer ${head}.${other}.${signature}`), undefined);
});

test('the key is for its owner only and outlives the process, so that tokens do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-signing-'));
  try {
    const path = join(folder, 'service-account.key');
    const token = createSigning(path).sign({ iss: ISSUER });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(createSigning(path).verify(token, ISSUER).kind, 'claims');
    assert.equal(createSigning().verify(token, ISSUER).kind, 'refused');
    assert.equal(createSigning(path).verify(token, 'https://somebody.else').kind, 'foreign');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
