import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from '../../http/registry.ts';
import type { TransportRequest, TransportResponse } from '../../kube/transport.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { needOf } from './need.ts';
import { createReviews } from './reviews.ts';

type Answer = { readonly status: number; readonly body: unknown } | 'never' | Error;

function reviewsOn(answer: (spec: Record<string, unknown>, path: string) => Answer) {
  const clock = createManualClock();
  const asked: string[] = [];
  const request = ({ path, body }: TransportRequest, { signal }: { readonly signal?: AbortSignal } = {}) => {
    const { spec }: { spec: Record<string, unknown> } = JSON.parse(String(body));
    asked.push(path.endsWith('tokenreviews') ? 'token' : 'access');
    const said = answer(spec, path);
    if (said instanceof Error) return Promise.reject(said);
    return new Promise<TransportResponse>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
      if (said !== 'never') resolve(responseOf(said.status, said.body));
    });
  };
  return { clock, asked, reviews: createReviews({ client: { request }, clock }) };
}

const responseOf = (status: number, body: unknown): TransportResponse => ({
  ...{ status, headers: {} },
  text: async () => (typeof body === 'string' ? body : JSON.stringify(body)),
  async *chunks() {
    yield await Promise.reject(new Error('nobody reads it in pieces'));
  },
});
const user = { username: 'ann', uid: 'u1', groups: ['team', 'system:authenticated'], extra: { scopes: ['one'] } };
const known = { status: 201, body: { status: { authenticated: true, user } } };
const unknown = { status: 201, body: { status: { user: {}, error: 'invalid bearer token' } } };
const verdict = (allowed: boolean) => ({ status: 201, body: { status: { allowed } } });

test('a token is asked about once for a while, and again after it, so that one that was revoked ends', async () => {
  let answer: Answer = known;
  const { clock, asked, reviews } = reviewsOn(() => answer);
  const first = await Promise.all([reviews.whose('a'), reviews.whose('a'), reviews.whose('b')]);
  assert.deepEqual(first, [user, user, user]);
  assert.equal(asked.length, 2, 'who asks at once shares one question');
  answer = unknown;
  assert.deepEqual(await reviews.whose('a'), user);
  await clock.advance(10_001);
  assert.equal(await reviews.whose('a'), undefined);
  answer = known;
  assert.equal(await reviews.whose('a'), undefined, 'a refusal is remembered too');
  await clock.advance(5_001);
  assert.deepEqual(await reviews.whose('a'), user);
});

test('the whole of the account is asked about, and each need and account by itself', async () => {
  const specs: unknown[] = [];
  const { reviews, asked } = reviewsOn((spec) => {
    specs.push(spec);
    return verdict(Reflect.get(Object(spec['resourceAttributes']), 'namespace') === 'team');
  });
  const other = { ...user, groups: ['system:authenticated'] };
  assert.equal(await reviews.allows(user, needOf('change claims', 'team')), true);
  assert.equal(await reviews.allows(user, needOf('change claims', 'other')), false);
  assert.equal(await reviews.allows(user, needOf('see volumes', 'team')), true);
  assert.equal(await reviews.allows(other, needOf('change claims', 'team')), true);
  assert.equal(await reviews.allows(user, needOf('change claims', 'team')), true);
  assert.equal(asked.length, 4);
  const attributes = { verb: 'patch', group: '', resource: 'persistentvolumeclaims', namespace: 'team' };
  assert.deepEqual(specs[0], {
    ...{ user: 'ann', uid: 'u1', groups: user.groups, extra: user.extra },
    resourceAttributes: attributes,
  });
});

test('a right that was taken away counts no longer than a quarter of a minute', async () => {
  let allowed = true;
  const { clock, reviews } = reviewsOn(() => verdict(allowed));
  const need = needOf('see storage');
  assert.equal(await reviews.allows(user, need), true);
  allowed = false;
  await clock.advance(14_000);
  assert.equal(await reviews.allows(user, need), true);
  await clock.advance(1_001);
  assert.equal(await reviews.allows(user, need), false);
});

test('where the API server does not say it, nothing is allowed, and nothing of it is remembered', async () => {
  const bad: readonly Answer[] = [
    new Error('connect ECONNREFUSED'),
    { status: 500, body: 'x' },
    { status: 403, body: { message: 'tokenreviews is forbidden' } },
    { status: 201, body: 'no json' },
    { status: 201, body: {} },
    { status: 201, body: { status: { allowed: 'true', authenticated: 'yes' } } },
    { status: 201, body: { status: { authenticated: true, user: { username: '' } } } },
    { status: 302, body: { status: { allowed: true, authenticated: true, user } } },
  ];
  for (const answer of bad) {
    let said: Answer = answer;
    const { reviews } = reviewsOn((_, path) =>
      said === answer ? answer : path.endsWith('tokenreviews') ? known : verdict(true),
    );
    const refused = (failure: unknown): boolean =>
      failure instanceof HttpError && failure.status === 503 && failure.code === 'LARDER_HTTP_ACCESS_UNKNOWN';
    await assert.rejects(reviews.whose('secret-token'), refused, JSON.stringify(answer));
    await assert.rejects(reviews.allows(user, needOf('see storage')), refused, JSON.stringify(answer));
    await assert.rejects(reviews.whose('secret-token'), (failure: Error) => !failure.message.includes('secret-token'));
    said = known;
    assert.deepEqual(await reviews.whose('secret-token'), user);
    assert.equal(await reviews.allows(user, needOf('see storage')), true);
  }
});

test('an API server that is silent is waited for five seconds, also by those who wait for their turn', async () => {
  const { clock, asked, reviews } = reviewsOn(() => 'never');
  const waiting = Array.from({ length: 40 }, (_, index) => reviews.whose(`token ${index}`).catch(() => 'refused'));
  await clock.advance(0);
  assert.equal(asked.length, 16);
  await clock.advance(5_001);
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['refused']));
});

test('a denial counts, whatever else is said', async () => {
  const { reviews } = reviewsOn(() => ({ status: 201, body: { status: { allowed: true, denied: true } } }));
  assert.equal(await reviews.allows(user, needOf('see storage')), false);
});

test('what cannot be the name of a namespace, or a token, is neither asked about nor remembered', async () => {
  const { asked, reviews } = reviewsOn(() => verdict(true));
  const odd = ['x'.repeat(64), 'x'.repeat(1_000_000), 'Team', 'a/b', 'team ', '..', '*', '-', 'team\n', '__proto__'];
  for (const namespace of odd) {
    assert.equal(await reviews.allows(user, needOf('change claims', namespace)), false, namespace.slice(0, 70));
  }
  assert.equal(await reviews.whose('t'.repeat(1_000_000)), undefined);
  assert.deepEqual(asked, []);
  assert.equal(await reviews.allows(user, needOf('change claims', 'x'.repeat(63))), true);
});
