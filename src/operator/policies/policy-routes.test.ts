import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { HttpError } from '../../http/registry.ts';
import { guard, letIn } from '../access/guard.ts';
import { keyOfNeed, type Need, needOf, type RightName } from '../access/need.ts';
import { isIn, nobody, type Scope, type Viewer } from '../access/viewer.ts';
import type { Policies, PolicyScopes } from './policies.ts';
import { policyRoutes } from './policy-routes.ts';

/** As the cluster answers for an account of one namespace. */
function member(...rights: readonly RightName[]): Viewer {
  const allowed = new Set(rights.map((name) => keyOfNeed(needOf(name, 'team'))));
  const may = async (need: Need): Promise<boolean> => allowed.has(keyOfNeed(need));
  return {
    ...nobody,
    name: 'ann',
    may,
    async scope(need, namespaces): Promise<Scope> {
      const seen = [...namespaces].filter((namespace) => allowed.has(keyOfNeed({ ...need, namespace })));
      return new Set(seen);
    },
  };
}

const row = (namespace: string) => ({
  ...{ namespace, name: 'mine', selector: '', priority: 0, enabled: true, paused: false, matched: 0 },
  ...{ settings: [], problems: [], conflict: '' },
});

interface Asked {
  readonly done: string[];
  ask(
    method: 'GET' | 'POST',
    url: string,
    payload?: object,
  ): Promise<{ readonly status: number; readonly body: string }>;
}

function served(viewer: Viewer): Asked {
  const done: string[] = [];
  const saved = { kind: 'saved', changes: true, message: '', command: '', version: '' } as const;
  const policies: Policies = {
    policies: (scopes: PolicyScopes) => ({
      ...{ availability: 'served', groups: [], places: [] },
      policies: ['team', 'other'].filter((each) => isIn(scopes.policies, each)).map(row),
      namespaces: ['team', 'other'].filter((each) => isIn(scopes.policies, each)),
    }),
    policy: async () => ({ object: {}, version: '1' }),
    previewPolicy: () => ({ problems: [], matched: 0, joining: 0, leaving: 0, claims: 0, reached: [] }),
    whatIfPolicy: (_request, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    savePolicy: async ({ namespace }) => {
      done.push(`save ${namespace}`);
      return saved;
    },
    deletePolicy: async ({ namespace }) => {
      done.push(`delete ${namespace}`);
      return saved;
    },
    group: async () => ({ object: {} }),
    namespacesOfGroup: () => ['team', 'other'],
    previewGroup: (_request, sees) => ({
      ...{ problems: [], members: 0, joining: 0, leaving: 0, hidden: 0, presentBytes: '', proposedBytes: '' },
      ...{ rows: [], refused: ['team', 'other'].filter((each) => isIn(sees, each)) },
    }),
    whatIfGroup: (_request, _sees, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  };
  const by = (who: string) => ({
    savePolicy: (...given: Parameters<Policies['savePolicy']>) => {
      done.push(`by ${who}`);
      return policies.savePolicy(...given);
    },
    deletePolicy: policies.deletePolicy,
  });
  return {
    done,
    async ask(method, url, payload) {
      const app = fastify();
      app.addHook('onRequest', async (request) => letIn(request, viewer));
      guard(app, []);
      app.setErrorHandler((failure, _request, reply) => {
        const status = failure instanceof HttpError ? failure.status : 500;
        reply.code(status).send({ detail: failure instanceof Error ? failure.message : '' });
      });
      policyRoutes(app, { ...policies, by }, new AbortController().signal);
      const { statusCode, body } = await app.inject({ method, url, ...(payload ? { payload } : {}) });
      await app.close();
      return { status: statusCode, body };
    },
  };
}

const object = { apiVersion: 'v1' };

test('an account sees the policies of its namespaces; of others not even that they are there', async () => {
  const { ask } = served(member('see policies'));
  const { body } = await ask('GET', '/api/policies');
  const listed: { policies: { namespace: string }[]; namespaces: string[] } = JSON.parse(body);
  assert.deepEqual([listed.policies.map(({ namespace }) => namespace), listed.namespaces], [['team'], ['team']]);
  assert.equal((await ask('GET', '/api/policies/team/mine')).status, 200);
  const other = await ask('GET', '/api/policies/other/mine');
  assert.deepEqual([other.status, other.body], [404, '{"detail":"there is no policy other/mine"}']);
  const nothing = await served(member()).ask('GET', '/api/policies');
  assert.deepEqual(JSON.parse(nothing.body).policies, []);
});

test('which claims a policy is for is told to those who may see both', async () => {
  const preview = { namespace: 'team', name: 'mine', object };
  assert.equal((await served(member('see policies')).ask('POST', '/api/policies/preview', preview)).status, 403);
  const both = served(member('see policies', 'see volumes'));
  assert.equal((await both.ask('POST', '/api/policies/preview', preview)).status, 200);
  const elsewhere = { ...preview, namespace: 'other' };
  assert.equal((await both.ask('POST', '/api/policies/preview', elsewhere)).status, 403);
  assert.equal((await both.ask('POST', '/api/policies/preview', { name: 'mine', object })).status, 403);
});

test('a group is told to those who may see it, with the claims of the namespaces that they may see', async () => {
  const preview = { namespace: 'team', name: 'mine', object };
  const asker = served(member('see groups', 'see volumes'));
  assert.equal((await asker.ask('GET', '/api/groups/team/mine')).status, 200);
  assert.deepEqual(await asker.ask('GET', '/api/groups/other/mine'), {
    ...{ status: 404, body: '{"detail":"there is no group other/mine"}' },
  });
  assert.equal((await served(member('see volumes')).ask('GET', '/api/groups/team/mine')).status, 404);
  const { body, status } = await asker.ask('POST', '/api/groups/preview', preview);
  assert.deepEqual([status, JSON.parse(body).refused], [200, ['team']], 'nothing of the other namespace');
  for (const path of ['preview', 'what-if']) {
    const whatIf = { ...preview, sinceMs: 3_600_000 };
    for (const rights of [['see groups'], ['see volumes'], ['see policies']] as const) {
      assert.equal((await served(member(...rights)).ask('POST', `/api/groups/${path}`, whatIf)).status, 403);
    }
    assert.equal((await asker.ask('POST', `/api/groups/${path}`, { ...whatIf, namespace: 'other' })).status, 403);
  }
});

test('making, changing and deleting are three rights, asked for where it is done, and carry a name', async () => {
  const make = { namespace: 'team', name: 'mine', object };
  const change = { ...make, version: '1' };
  const maker = served(member('see policies', 'make policies'));
  assert.equal((await maker.ask('POST', '/api/policies/save', make)).status, 200);
  assert.equal((await maker.ask('POST', '/api/policies/save', change)).status, 403);
  assert.equal((await maker.ask('POST', '/api/policies/delete', change)).status, 403);
  assert.equal((await maker.ask('POST', '/api/policies/save', { ...make, namespace: 'other' })).status, 403);
  assert.deepEqual(maker.done, ['by ann', 'save team']);
  const changer = served(member('see policies', 'change policies'));
  assert.equal((await changer.ask('POST', '/api/policies/save', change)).status, 200);
  assert.equal((await changer.ask('POST', '/api/policies/save', make)).status, 403);
  const remover = served(member('see policies', 'delete policies'));
  assert.equal((await remover.ask('POST', '/api/policies/delete', change)).status, 200);
});

test('what is not as it should be is refused before anything is done', async () => {
  const { ask, done } = served({ ...member(), kind: 'owner' });
  for (const body of [{}, { namespace: 'team', name: '', object }, { namespace: 'team', name: 'a', object: [] }]) {
    assert.equal((await ask('POST', '/api/policies/save', body)).status, 400, JSON.stringify(body));
  }
  const long = { namespace: 'team', name: 'mine', object, sinceMs: 1e15 };
  assert.equal((await ask('POST', '/api/policies/what-if', long)).status, 400);
  assert.deepEqual(done, []);
});

test('a what-if ends when the page does not wait for it any more, and one person has a few at most', async (t) => {
  const ended = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const app = fastify();
  t.after(() => app.close());
  app.addHook('onRequest', async (request) => letIn(request, { ...member(), kind: 'owner' }));
  guard(app, []);
  const never = () => Promise.reject(new Error('not asked for here'));
  policyRoutes(
    app,
    {
      ...{
        policy: never,
        savePolicy: never,
        deletePolicy: never,
        by: () => ({ savePolicy: never, deletePolicy: never }),
        ...{
          group: never,
          whatIfGroup: never,
          namespacesOfGroup: () => [],
          previewGroup: () => assert.fail('not asked'),
        },
      },
      policies: () => ({ availability: 'served', policies: [], groups: [], places: [], namespaces: [] }),
      previewPolicy: () => ({ problems: [], matched: 0, joining: 0, leaving: 0, claims: 0, reached: [] }),
      whatIfPolicy(_request, signal) {
        begun.resolve();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            ended.resolve(String(signal.reason));
            reject(signal.reason);
          });
        });
      },
    },
    new AbortController().signal,
  );
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const leaving = new AbortController();
  const body = JSON.stringify({ namespace: 'team', name: 'mine', object, sinceMs: 3_600_000 });
  const ask = () =>
    fetch(`${address}/api/policies/what-if`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: leaving.signal,
    });
  const asked = [ask(), ask(), ask(), ask()];
  await begun.promise;
  assert.equal((await Promise.race(asked)).status, 429, 'one person has three at most');
  leaving.abort();
  assert.equal((await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected').length, 3);
  assert.match(await ended.promise, /nobody waits for it any more/);
});
