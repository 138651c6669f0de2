/** `larder ledger serve` from its start in an empty repository to its end by a signal. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ALLOWED_SIGNERS } from '../../src/ledger/allowed-signers.ts';
import { openLedger } from '../ledger/site.ts';
import { eventually, runLarder, temporaryFolder } from './larder.ts';
import { type ServeRun, startLedgerServer } from './ledger-server.ts';

function git(root: string, ...words: readonly string[]): string {
  return execFileSync('git', words, { cwd: root, encoding: 'utf8' });
}

function emptyRepository(t: TestContext): string {
  const root = join(
    temporaryFolder((remove) => t.after(remove)),
    'home-cluster',
  );
  mkdirSync(root);
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'config', 'user.email', 'ana@example.com');
  git(root, 'config', 'user.name', 'Ana');
  return root;
}

async function serve(t: TestContext, run: ServeRun) {
  const server = await startLedgerServer(run);
  t.after(async () => {
    server.kill('SIGKILL');
    await server.exited;
  });
  return server;
}

const incident = (incidentId: string) => ({
  incidentId,
  title: 'x',
  severity: 'info',
  openedAt: '2026-01-01T00:00:00Z',
});

test('somebody without any key starts a ledger, records over HTTP, ends it by a signal, finds all of it committed, and goes on', async (t) => {
  const folder = emptyRepository(t);
  const server = await serve(t, { folder, words: ['--init'] });
  assert.match(server.address, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.ok(server.token.length >= 32);
  assert.match(server.lines[0] ?? '', /home-cluster \(2 records, whole\)$/);
  const key = join(folder, '.git/larder/id_ed25519');
  assert.equal(statSync(key).mode & 0o777, 0o600);
  assert.match(server.stderr(), /no ssh key, so one was made .*id_ed25519[\s\S]*Keep a copy/);
  assert.equal((await server.ask('POST', '/incidents', incident('one'))).status, 201);
  await eventually(
    'a commit',
    async () => git(folder, 'log', '--all', '--name-only').includes('incident-opened') || undefined,
  );
  assert.equal((await server.ask('POST', '/incidents', incident('two'))).status, 201);
  server.kill('SIGTERM');
  server.kill('SIGTERM');
  assert.equal(await server.exited, 0, server.stderr());
  assert.equal(git(folder, 'status', '--porcelain'), '');
  const log = git(folder, 'log', '--format=%B');
  assert.match(log, /Larder-Ledger-Head: /);
  assert.match(git(folder, 'ls-files'), /-ledger-opened-/);
  assert.ok(!`${server.stderr()}${log}`.includes(server.token), 'the token is on stdout alone');

  const again = await serve(t, { folder, words: ['--init'] });
  assert.match(again.lines[0] ?? '', /\(4 records, whole\)$/);
  assert.equal((await again.ask('GET', '/incidents/two')).status, 200);
  assert.notEqual(again.token, server.token);
  const records = itemsOf(await again.ask('GET', '/ledger/records'));
  assert.deepEqual(
    records.map(({ operator }) => operator),
    ['ana@example.com', 'ana@example.com', 'server', 'server'],
  );
  assert.equal(statSync(join(folder, '.git/larder/server_ed25519')).mode & 0o777, 0o600);
  const added = { operatorId: 'x', role: 'admin', keys: ['ssh-ed25519 AAAA'] };
  assert.equal((await again.ask('POST', '/operators', added)).status, 404, 'a token makes nobody an operator');
});

function itemsOf({ body }: { readonly body: unknown }): readonly { readonly operator?: unknown }[] {
  if (typeof body !== 'object' || body === null || !('items' in body) || !Array.isArray(body.items)) return [];
  return body.items;
}

test('who has an ssh key is the first operator with it, and the server gets a key of its own', async (t) => {
  const folder = emptyRepository(t);
  const home = join(folder, '..', 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  const key = join(home, '.ssh/id_ed25519');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ana', '-f', key]);
  const publicKey = readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  const server = await serve(t, { folder, home, words: ['--init'] });
  assert.doesNotMatch(server.stderr(), /no ssh key/);
  assert.deepEqual(
    readdirSync(join(folder, '.git/larder')).filter((name) => /^id_/.test(name)),
    [],
  );
  const { state } = await openLedger(folder);
  assert.deepEqual(
    [...state.operators.values()].map(({ operatorId, role, keys }) => [
      operatorId,
      role,
      keys.some((each) => each.publicKey === publicKey),
    ]),
    [
      ['ana@example.com', 'admin', true],
      ['server', 'server', false],
    ],
  );
  assert.equal((await server.ask('POST', '/incidents', incident('one'))).status, 201);
  const records = itemsOf(await server.ask('GET', '/ledger/records'));
  assert.deepEqual(
    records.map(({ operator }) => operator),
    ['ana@example.com', 'ana@example.com', 'server'],
  );
  server.kill('SIGTERM');
  assert.equal(await server.exited, 0, server.stderr());
  assert.ok(readFileSync(join(folder, ALLOWED_SIGNERS), 'utf8').includes(publicKey));
  // Ana's own key goes on by itself; whoever has another one is nobody here.
  const report = ['ledger', 'append', join(home, 'event.json'), '--ledger', folder];
  const data = { path: 'docs/runbooks/a.md', title: 'A', reviewedAt: '2026-01-01T00:00:00Z' };
  writeFileSync(join(home, 'event.json'), JSON.stringify({ type: 'runbook-recorded', data }));
  const appended = await runLarder(report, { HOME: home, SSH_AUTH_SOCK: '' });
  assert.equal(appended.code, 0, appended.stderr);
  const nobody = join(folder, '..', 'nobody');
  mkdirSync(nobody);
  const refused = await runLarder(report, { HOME: nobody, SSH_AUTH_SOCK: '' });
  assert.notEqual(refused.code, 0, refused.stdout);
});

test('tokens come from a file that only its owner reads; --no-commit leaves the commits to the user', async (t) => {
  const folder = emptyRepository(t);
  const file = join(folder, '..', 'tokens');
  writeFileSync(file, `wall ${'w'.repeat(32)} read\n`, { mode: 0o644 });
  await assert.rejects(serve(t, { folder, words: ['--init', '--token-file', file] }), /ended with 2: .*chmod 600/);
  writeFileSync(join(folder, '..', 'own'), `ci ${'c'.repeat(32)}\n`, { mode: 0o600 });
  const server = await serve(t, {
    folder,
    words: ['--init', '--no-commit', '--token-file', join(folder, '..', 'own')],
  });
  assert.equal(server.token, '');
  const headers = { authorization: `Bearer ${'c'.repeat(32)}` };
  assert.equal((await fetch(`${server.address}/ledger/head`, { headers })).status, 200);
  server.kill('SIGINT');
  assert.equal(await server.exited, 0);
  assert.match(git(folder, 'status', '--porcelain'), /\?\? docs\//);
});

test('without a ledger, without a repository, with a key of nobody and on a taken port it does not start, and says what to do', async (t) => {
  const folder = emptyRepository(t);
  await assert.rejects(serve(t, { folder }), /ended with 2: .*(No key|ssh-keygen)/);
  const outside = temporaryFolder((remove) => t.after(remove));
  await assert.rejects(
    serve(t, { folder: outside, words: ['--init'], env: { GIT_CEILING_DIRECTORIES: '/' } }),
    /ended with 2: .*git/,
  );
  const server = await serve(t, { folder, words: ['--init'] });
  const taken = new URL(server.address).port;
  await assert.rejects(serve(t, { folder, words: ['--port', taken] }), /ended with 2: .*is in use/);
  const stranger = join(folder, '..', 'stranger');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', stranger]);
  await assert.rejects(serve(t, { folder, words: ['--key', stranger] }), /ended with 2: .*belongs to no operator/);
});

test('a broken ledger is served for reading, and says so', async (t) => {
  const folder = emptyRepository(t);
  const server = await serve(t, { folder, words: ['--init'] });
  assert.equal((await server.ask('POST', '/incidents', incident('one'))).status, 201);
  server.kill('SIGTERM');
  await server.exited;
  const path = git(folder, 'ls-files', 'docs/governance/ledger/*incident*').trim();
  writeFileSync(join(folder, path), readFileSync(join(folder, path), 'utf8').replace('info', 'warning'));
  const broken = await serve(t, { folder });
  assert.match(broken.lines[0] ?? '', /broken, read-only/);
  assert.match(broken.stderr(), /incident-opened/);
  assert.equal((await broken.ask('GET', '/ledger/records')).status, 200);
  assert.equal((await broken.ask('POST', '/incidents', incident('two'))).status, 409);
});

test('a signal in the middle of many requests loses none that was answered: all of them are committed', async (t) => {
  const folder = emptyRepository(t);
  const server = await serve(t, { folder, words: ['--init'] });
  const names = Array.from({ length: 40 }, (_, index) => `many-${index}`);
  const answered: string[] = [];
  const sent = names.map(async (name) => {
    const { status } = await server.ask('POST', '/incidents', incident(name));
    if (status === 201) answered.push(name);
    if (answered.length === 5) server.kill('SIGTERM');
  });
  const outcomes = await Promise.allSettled(sent);
  assert.equal(await server.exited, 0, server.stderr());
  assert.ok(answered.length >= 5, outcomes.map(({ status }) => status).join());
  assert.equal(git(folder, 'status', '--porcelain'), '');
  const committed = git(folder, 'grep', '-h', '"incidentId"', 'HEAD');
  for (const name of answered) assert.ok(committed.includes(`"${name}"`), name);
  const again = await serve(t, { folder });
  assert.match(again.lines[0] ?? '', /whole\)$/);
});
