/** What accounts of the cluster see and may do through the console port, asked by hand. */
import assert from 'node:assert/strict';
import { type Client, kinds } from '../../src/kube/index.ts';
import type { StatusAnswer } from '../../src/operator/api.ts';
import { addressed } from './addressed.ts';
import { OTHER, TEAM, type Users } from './users.ts';

interface Stage {
  readonly client: Client;
  /** Of the console, with its own token. */
  readonly console: URL;
  readonly users: Users;
}

type Answer = { readonly status: number; readonly body: unknown; readonly text: string };
type Ask = (path: string, body?: object, headers?: Record<string, string>) => Promise<Answer>;

function askerOf({ console: { origin } }: Stage, token: string): Ask {
  return async (path, body, headers = {}) => {
    const answer = await addressed(new URL(path, origin), {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      ...answer,
      body: answer.text.startsWith('{') || answer.text.startsWith('[') ? JSON.parse(answer.text) : undefined,
    };
  };
}

const detail = ({ body }: Answer): string => String(Reflect.get(Object(body), 'detail'));
const code = ({ body }: Answer): string => String(Reflect.get(Object(body), 'code'));
const claimsIn = ({ body }: Answer): readonly string[] => {
  const { volumes }: Pick<StatusAnswer, 'volumes'> = Object(body);
  return volumes.map(({ namespace, claim }) => `${namespace}/${claim}`).sort();
};
const pause = (namespace: string, name: string, dryRun = false) => ({ namespace, name, action: 'pause', dryRun });

export async function eachSeesWhatTheClusterLets(stage: Stage): Promise<void> {
  const { tokens } = stage.users;
  const boss = askerOf(stage, tokens.boss);
  assert.deepEqual(claimsIn(await boss('/api/status')), [`${OTHER}/theirs`, `${TEAM}/mine`]);
  for (const path of ['/api/config', '/api/doctor', '/api/trash', '/api/audit', '/api/recording?from=0&to=1']) {
    assert.equal((await boss(path)).status, 200, path);
  }
  assert.deepEqual((await boss('/api/me')).body, { kind: 'account', name: 'system:serviceaccount:people:boss' });
  const needs = [
    { verb: 'patch', group: '', resource: 'persistentvolumeclaims', namespace: TEAM },
    { verb: 'patch', group: '', resource: 'persistentvolumeclaims', namespace: OTHER },
    { verb: 'list', group: '', resource: 'persistentvolumes', namespace: '' },
  ];
  for (const [person, may] of [
    ['boss', [true, true, true]],
    ['editor', [true, false, false]],
    ['viewer', [false, false, false]],
  ] as const) {
    assert.deepEqual((await askerOf(stage, tokens[person])('/api/may', { needs })).body, may, person);
  }
  const secrets = { verb: 'list', group: '', resource: 'secrets', namespace: TEAM };
  assert.equal((await boss('/api/may', { needs: [secrets] })).status, 400, 'it is no oracle for other rights');

  for (const person of ['editor', 'viewer'] as const) {
    const ask = askerOf(stage, tokens[person]);
    const status = await ask('/api/status');
    assert.deepEqual(claimsIn(status), [`${TEAM}/mine`], person);
    assert.deepEqual(Reflect.get(Object(status.body), 'exports'), []);
    assert.doesNotMatch((await ask('/plain')).text, /theirs/);
    for (const path of ['/api/config', '/api/doctor', '/api/trash', '/api/audit', '/api/recording?from=0&to=1']) {
      const refused = await ask(path);
      assert.deepEqual([refused.status, code(refused)], [403, 'LARDER_HTTP_FORBIDDEN'], path);
      assert.match(detail(refused), /does not let you list persistentvolumes in the whole cluster/);
    }
    assert.equal((await ask(`/api/claims/${TEAM}/mine/explain`)).status, 200);
    // What one may not see is as what is not there.
    for (const what of ['explain', 'series?from=0&to=1']) {
      const hidden = await ask(`/api/claims/${OTHER}/theirs/${what}`);
      const absent = await ask(`/api/claims/${TEAM}/nothing/${what}`);
      assert.deepEqual([hidden.status, absent.status], [404, 404], what);
      assert.equal(detail(hidden), detail(absent).replace(`${TEAM}/nothing`, `${OTHER}/theirs`));
    }
    const claims = [
      { namespace: TEAM, name: 'mine' },
      { namespace: OTHER, name: 'theirs' },
    ];
    const trends = await ask('/api/trends', { claims, from: 0, to: 1, points: 10 });
    assert.deepEqual(Object.keys(Object(trends.body)), [`${TEAM}/mine`]);
  }
}

export async function aStrangerSeesNothing(stage: Stage): Promise<void> {
  const ask = askerOf(stage, stage.users.tokens.stranger);
  const status = await ask('/api/status');
  assert.deepEqual([claimsIn(status), Reflect.get(Object(status.body), 'exports')], [[], []]);
  assert.doesNotMatch((await ask('/plain')).text, /mine|theirs|storage/);
  assert.doesNotMatch((await ask('/api/policies')).text, new RegExp(`"(${TEAM}|${OTHER})"`));
  for (const path of [
    ...['/api/config', '/api/doctor', '/api/audit', '/api/trash', '/api/recording?from=0&to=1', '/api/exports'],
    ...['/api/changes', '/api/ledger', '/api/ledger/records', '/api/ledger/report', '/api/cluster/nodes'],
    ...['/api/cluster/alerts', '/api/cluster/certificates', '/api/cluster/records', '/api/volumes/x/object'],
    ...[`/api/claims/${TEAM}/mine/object`, `/api/claims/${TEAM}/mine/events`],
  ]) {
    const refused = await ask(path);
    assert.deepEqual([refused.status, code(refused)], [403, 'LARDER_HTTP_FORBIDDEN'], path);
  }
  for (const what of ['explain', 'series?from=0&to=1']) {
    assert.equal((await ask(`/api/claims/${TEAM}/mine/${what}`)).status, 404, what);
  }
  assert.equal((await ask(`/api/policies/${TEAM}/any`)).status, 404);
}

export async function eachDoesWhatTheClusterLets(stage: Stage): Promise<void> {
  const { client, users } = stage;
  const isPaused = async (namespace: string, name: string): Promise<boolean> => {
    const { metadata } = await client.get(kinds.PersistentVolumeClaim, { namespace, name });
    return metadata.annotations?.['larder.dev/paused'] === 'true';
  };
  const [boss, editor, viewer] = [users.tokens.boss, users.tokens.editor, users.tokens.viewer].map((token) =>
    askerOf(stage, token),
  );
  assert.ok(boss && editor && viewer);
  for (const dryRun of [true, false]) {
    const refused = await viewer('/api/claims/act', pause(TEAM, 'mine', dryRun));
    assert.equal(refused.status, 403);
    assert.match(detail(refused), /people:viewer: .* patch persistentvolumeclaims in namespace team/);
  }
  // It concerns no object of the cluster.
  assert.equal((await viewer('/api/nomad/convert', { files: [] })).status, 200);
  const settings = { namespace: TEAM, name: 'mine', settings: { threshold: '70%' } };
  assert.equal((await viewer('/api/claims/settings', settings)).status, 403);
  assert.equal((await editor('/api/claims/act', pause(OTHER, 'theirs'))).status, 403);
  // One that does not say where is not everywhere.
  assert.equal((await editor('/api/claims/act', { ...pause(TEAM, 'mine'), namespace: '' })).status, 403);
  assert.equal((await editor('/api/claims/act', { ...pause(TEAM, 'mine'), namespace: [TEAM, OTHER] })).status, 400);
  assert.deepEqual([await isPaused(TEAM, 'mine'), await isPaused(OTHER, 'theirs')], [false, false]);
  const refusedToAll: readonly (readonly [string, object])[] = [
    ['/api/undelete', { namespace: TEAM, name: 'mine', dryRun: true }],
    ['/api/restore', { entry: 'x', dryRun: true }],
    ['/api/adopt', { namespace: TEAM }],
    ['/api/clean/plan', {}],
    ['/api/clean', { entries: ['x'] }],
    ['/api/mount-options', { dryRun: true }],
  ];
  for (const [path, body] of refusedToAll) {
    assert.equal((await editor(path, body)).status, 403, path);
    assert.notEqual((await boss(path, body)).status, 403, path);
  }
  assert.equal((await editor('/api/claims/act', pause(TEAM, 'mine'))).status, 200);
  assert.equal((await boss('/api/claims/act', pause(OTHER, 'theirs'))).status, 200);
  assert.deepEqual([await isPaused(TEAM, 'mine'), await isPaused(OTHER, 'theirs')], [true, true]);
  assert.equal((await editor('/api/claims/act', { ...pause(TEAM, 'mine'), action: 'resume' })).status, 200);
  assert.equal((await boss('/api/claims/act', { ...pause(OTHER, 'theirs'), action: 'resume' })).status, 200);
}

export async function nobodyElseComesIn(stage: Stage): Promise<void> {
  const { tokens, elsewhere } = stage.users;
  const [head = '', claims = '', signature = ''] = tokens.viewer.split('.');
  const other: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const boss = Buffer.from(JSON.stringify({ ...Object(other), sub: 'system:serviceaccount:people:boss' })).toString(
    'base64url',
  );
  const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  const forged = {
    'other claims under the same signature': [head, boss, signature].join('.'),
    'no signature': [unsigned, boss, ''].join('.'),
    'a changed signature': [head, claims, `${signature.slice(0, -4)}AAAA`].join('.'),
    'for another service': elsewhere,
    'the name of an account': 'system:serviceaccount:people:boss',
    'something long': 'x'.repeat(20_000),
  };
  for (const [what, token] of Object.entries(forged)) {
    const answer = await askerOf(stage, token)('/api/status');
    assert.deepEqual([answer.status, code(answer)], [401, 'LARDER_HTTP_UNAUTHENTICATED'], what);
  }
  const editor = askerOf(stage, tokens.editor);
  const { host, origin } = stage.console;
  const away: readonly Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `${origin}1` },
    { origin: origin.replace('http:', 'https:').replace(host, 'evil.example') },
    { host: 'evil.example' },
    { host: `127.0.0.1.evil.example:${stage.console.port}` },
    { host: `x.svc.evil.example:${stage.console.port}` },
  ];
  for (const headers of away) {
    const answer = await editor('/api/claims/act', pause(TEAM, 'mine', true), headers);
    assert.deepEqual([answer.status, code(answer)], [403, 'LARDER_HTTP_FORBIDDEN_HOST'], JSON.stringify(headers));
  }
  assert.equal((await editor('/api/claims/act', pause(TEAM, 'mine', true), { origin })).status, 200);
}

/** Last: whoever asks so much is turned away for a minute afterwards. */
export async function oneKeepsNobodyBusy(stage: Stage): Promise<void> {
  const { stranger, boss } = stage.users.tokens;
  const many = Array.from({ length: 500_000 }, () => 0);
  for (const [token, path, body] of [
    [stranger, '/api/trends', { claims: many, from: 0, to: 1, points: 2 }],
    [boss, '/api/clean', { entries: many }],
    [boss, '/api/adopt', { namespace: TEAM, paths: many }],
    [
      boss,
      '/api/claims/settings',
      {
        namespace: TEAM,
        name: 'mine',
        settings: Object.fromEntries(many.slice(0, 70_000).map((none, at) => [at, none])),
      },
    ],
  ] as const) {
    const { status, text } = await askerOf(stage, token)(path, body);
    assert.equal(status, 413, path);
    assert.ok(text.length < 1_000, path);
  }
  const ask = askerOf(stage, stranger);
  const long = await ask('/api/trends', { claims: [{ namespace: 'x'.repeat(900_000), name: 'x' }], ...span });
  assert.deepEqual([long.status, long.text], [200, '{}']);
  const statuses = new Set<number>();
  for (let round = 0; round < 70 && !statuses.has(429); round += 1) {
    for (const { status } of await Promise.all(Array.from({ length: 20 }, () => ask('/api/me')))) statuses.add(status);
  }
  assert.deepEqual(statuses, new Set([200, 429]));
  // Not by the same address either: the kubelet may have it.
  assert.equal((await ask('/healthz')).status, 200);
}

const span = { from: 0, to: 1, points: 2 };
