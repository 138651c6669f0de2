import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fastify from 'fastify';
import { HttpError } from '../../http/registry.ts';
import type { TransportRequest, TransportResponse } from '../../kube/transport.ts';
import { systemRandom } from '../../telemetry/clock.ts';
import { createLog } from '../../telemetry/log.ts';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { guard } from '../access/guard.ts';
import { peopleOf } from '../access/people.ts';
import { trendRoutes } from './trend-routes.ts';

const response = (status: object): TransportResponse => ({
  ...{ status: 201, headers: {}, text: async () => JSON.stringify({ status }) },
  async *chunks() {
    yield await Promise.reject(new Error('nobody reads it in pieces'));
  },
});

/** As the cluster's API server answers for accounts that may look into the namespaces whose number is even. */
async function site(t: TestContext) {
  const clock = createManualClock();
  let open = 0;
  const seen = { reviews: 0, atOnce: 0, isDown: false };
  const request = async ({ path, body }: TransportRequest): Promise<TransportResponse> => {
    const { spec } = JSON.parse(String(body));
    if (path.endsWith('tokenreviews')) return response({ authenticated: true, user: { username: spec.token } });
    seen.reviews += 1;
    open += 1;
    seen.atOnce = Math.max(seen.atOnce, open);
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    open -= 1;
    if (seen.isDown) throw new Error('connect ECONNREFUSED');
    const namespace = String(spec.resourceAttributes.namespace ?? '');
    return response({ allowed: namespace !== '' && Number(namespace.replace('team-', '')) % 2 === 0 });
  };
  const people = peopleOf({ reviewer: { request }, clock, random: systemRandom, log: createLog({ level: 'silent' }) });
  const app = fastify();
  app.addHook('onRequest', async (each) => void (await people.byToken(each, String(each.headers.authorization))));
  guard(app, []);
  app.setErrorHandler((failure, _request, reply) => {
    reply.code(failure instanceof HttpError ? failure.status : 500).send(failure);
  });
  const operations = {
    knows: ({ namespace }: { readonly namespace: string }) => namespace.startsWith('team-'),
    series: async () => ({ points: [], notes: [] }),
  };
  trendRoutes(app, operations, new AbortController().signal);
  t.after(() => app.close());
  return {
    ...{ clock, seen },
    /** The status, and the claims that were answered. */
    async page(who: string, namespace: (index: number) => string) {
      const claims = Array.from({ length: 100 }, (_, index) => ({ namespace: namespace(index), name: 'data' }));
      const payload = { claims, from: 0, to: 1, points: 2 };
      const { statusCode, json } = await app.inject({
        ...{ method: 'POST', url: '/api/trends', payload },
        headers: { authorization: who },
      });
      return { status: statusCode, claims: Object.keys(json()) };
    },
  };
}

test('a page of a hundred namespaces asks the API server about each once, four at a time, and not again with the next page', async (t) => {
  const { clock, page, seen } = await site(t);
  const { claims } = await page('ann', (index) => `team-${index}`);
  assert.equal(claims.length, 50);
  assert.equal(seen.reviews, 101, 'in all of them, and in each');
  assert.equal(seen.atOnce, 4);
  await Promise.all([1, 2, 3].map(() => page('ann', (index) => `team-${99 - index}`)));
  assert.equal(seen.reviews, 101, 'what was answered counts for a while');
  await clock.advance(15_001);
  await Promise.all([1, 2, 3].map(() => page('ann', (index) => `team-${index}`)));
  assert.equal(seen.reviews, 202, 'pages that are open at once share their questions');
  assert.equal(seen.atOnce, 4);
});

test('names that somebody invents cause no questions, and are answered as what they may not see', async (t) => {
  const { page, seen } = await site(t);
  for (let time = 0; time < 20; time += 1) {
    const { claims, status } = await page('ann', (index) => `invented-${time}-${index}`);
    assert.deepEqual([status, claims.length], [200, 0]);
  }
  assert.equal(seen.reviews, 1, 'whether they see all');
});

test('one person leaves the turns of others alone', async (t) => {
  const { page, seen } = await site(t);
  await Promise.all(['ann', 'bob', 'cid'].map((who) => page(who, (index) => `team-${index}`)));
  assert.equal(seen.reviews, 303);
  assert.equal(seen.atOnce, 12);
});

test('an API server that does not answer is not asked a hundred times', async (t) => {
  const { page, seen } = await site(t);
  await page('ann', () => 'team-0');
  const before = seen.reviews;
  seen.isDown = true;
  assert.equal((await page('ann', (index) => `team-${index}`)).status, 503);
  assert.ok(seen.reviews - before <= 8, String(seen.reviews - before));
});
