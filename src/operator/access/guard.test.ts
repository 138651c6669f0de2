import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { HttpError } from '../../http/registry.ts';
import { guard, letIn } from './guard.ts';
import { keyOfNeed, needOf } from './need.ts';
import { nobody, owner, type Viewer } from './viewer.ts';

const viewer = (...allowed: readonly string[]): Viewer => ({
  ...nobody,
  name: 'ann',
  may: async (need) => allowed.includes(keyOfNeed(need)),
});

async function asked(who: Viewer | undefined, path: string, body: object = {}): Promise<number> {
  const app = fastify();
  if (who) app.addHook('onRequest', async (request) => letIn(request, who));
  guard(app, ['/open']);
  app.setErrorHandler((failure, _request, reply) => {
    reply.code(failure instanceof HttpError ? failure.status : 500).send({});
  });
  const done = async () => ({});
  app.post('/open', done);
  app.post('/forgotten', done);
  app.post('/anybody', { config: { needs: [] } }, done);
  app.post('/storage', { config: { needs: [needOf('see storage')] } }, done);
  app.post('/both', { config: { needs: [needOf('see storage'), needOf('see volumes')] } }, done);
  const inBody = {
    needs: ({ body: given }: { body: unknown }) => [needOf('change claims', String(Object(given).namespace))],
  };
  app.post('/claim', { config: inBody }, done);
  const { statusCode } = await app.inject({ method: 'POST', url: path, payload: body });
  await app.close();
  return statusCode;
}

const storage = keyOfNeed(needOf('see storage'));

test('a route that says nothing is for the holder of the own token alone', async () => {
  assert.equal(await asked(owner, '/forgotten'), 200);
  assert.equal(await asked(viewer(storage), '/forgotten'), 403);
  assert.equal(await asked(undefined, '/forgotten'), 403);
});

test('a route is served to those who have all that it needs', async () => {
  assert.equal(await asked(viewer(), '/anybody'), 200);
  assert.equal(await asked(viewer(), '/storage'), 403);
  assert.equal(await asked(viewer(storage), '/storage'), 200);
  assert.equal(await asked(viewer(storage), '/both'), 403);
  assert.equal(await asked(viewer(storage, keyOfNeed(needOf('see volumes'))), '/both'), 200);
  assert.equal(await asked(undefined, '/storage'), 403);
  assert.equal(await asked(owner, '/both'), 200);
});

test('what the body names is what the right is asked for', async () => {
  const team = viewer(keyOfNeed(needOf('change claims', 'team')));
  assert.equal(await asked(team, '/claim', { namespace: 'team' }), 200);
  assert.equal(await asked(team, '/claim', { namespace: 'other' }), 403);
});

test('where it is not known what somebody may do, nothing is done', async () => {
  const unknown: Viewer = {
    ...viewer(),
    may: async () => {
      throw new HttpError('LARDER_HTTP_ACCESS_UNKNOWN', 503, 'no answer');
    },
  };
  assert.equal(await asked(unknown, '/storage'), 503);
});

test('an open path asks nothing, and an address where nothing is says so', async () => {
  assert.equal(await asked(undefined, '/open'), 200);
  assert.equal(await asked(viewer(), '/nothing'), 404);
});
