/** The console of `larder up`, and of `larder operator`, records what people do in a ledger that `larder ledger serve` serves. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kinds } from '../../src/kube/index.ts';
import { createKeyFile } from '../../src/ledger/key-file.ts';
import { applyClaim, bound, clientOf } from '../e2e/claims.ts';
import { apiFor } from '../e2e/growth-only.ts';
import { eventually, startLarder, startOperator } from '../e2e/larder.ts';
import { type LedgerServer, startLedgerServer } from '../e2e/ledger-server.ts';
import { folder, gitIn, openLedger, repository, startLedger } from './site.ts';

const TOKEN = 'c'.repeat(32);

interface Site {
  readonly root: string;
  readonly home: string;
  /** Ends with the test; on the port of an earlier one where one is named. */
  serve(port?: string): Promise<LedgerServer>;
}

/** A ledger that knows the key of a console, and that nobody here signs for but Ann. */
async function site(t: TestContext): Promise<Site> {
  const root = repository(t);
  const home = folder(t, 'larder-home-');
  gitIn(root, 'config', 'user.name', 'Ann');
  gitIn(root, 'config', 'user.email', 'ann@example.com');
  const signer = await createKeyFile(join(home, '.ssh/id_ed25519'), 'ann');
  const console = await createKeyFile(join(home, 'console'), 'console');
  const ledger = await startLedger(root, { signer });
  const data = { operatorId: 'console', role: 'server' as const, keys: [console.publicKey] };
  assert.equal((await ledger.append({ event: { type: 'operator-added', data } })).kind, 'appended');
  const tokens = join(home, 'tokens');
  writeFileSync(tokens, `console ${TOKEN}\n`, { mode: 0o600 });
  return {
    root,
    home,
    async serve(port = '0') {
      const server = await startLedgerServer({ folder: root, home, words: ['--token-file', tokens, '--port', port] });
      t.after(async () => {
        server.kill('SIGKILL');
        await server.exited;
      });
      return server;
    },
  };
}

test('an action of the console is recorded over HTTP, and is refused while the ledger does not answer', async (t) => {
  const { root, home, serve } = await site(t);
  const server = await serve();
  const words = ['--ledger', server.address, '--ledger-key', join(home, 'console')];
  const env = { HOME: home, SSH_AUTH_SOCK: '', LARDER_LEDGER_TOKEN: TOKEN };
  const larder = await startLarder(join(folder(t), 'data'), words, env);
  t.after(() => larder.kill('SIGKILL'));
  assert.doesNotMatch(larder.stderr(), /are refused until they can be recorded/);
  const client = await clientOf(larder);
  await applyClaim(client, { name: 'data', size: '1Gi', storageClass: 'larder' });
  await bound(client, 'default', 'data');
  const act = async (action: string) => {
    const token = larder.console.searchParams.get('token');
    const answer = await fetch(new URL('/api/claims/act', larder.console), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ namespace: 'default', name: 'data', action }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const pausedBy = async (): Promise<string | undefined> => {
    const { metadata } = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'data' });
    return metadata.annotations?.['larder.dev/paused'];
  };
  const actions = async () =>
    (await openLedger(root)).records.flatMap((record) =>
      record.type === 'action-recorded' ? [`${record.operator} ${record.data.surface} ${record.data.command}`] : [],
    );
  const paused = await act('pause');
  assert.equal(paused.status, 200, paused.text);
  assert.notEqual(await pausedBy(), undefined);
  // Signed by the key of this console, not by the server that took it.
  assert.deepEqual(await actions(), ['console console larder pause default/data']);

  server.kill('SIGTERM');
  await server.exited;
  const refused = await act('resume');
  assert.ok(refused.status >= 400, refused.text);
  assert.match(refused.text, /could not be recorded.*does not answer/);
  assert.notEqual(await pausedBy(), undefined, 'nothing was changed');

  await serve(new URL(server.address).port);
  const resumed = await eventually('the ledger to be reached again', async () => {
    const answer = await act('resume');
    return answer.status === 200 ? answer : undefined;
  });
  assert.equal(resumed.status, 200);
  assert.equal(await pausedBy(), undefined);
  assert.deepEqual((await actions()).slice(1), ['console console larder resume default/data']);
  assert.deepEqual(keptIn(home), []);
  assert.equal((await (await openLedger(root)).verify()).kind, 'whole');
});

/** Changes that are not in the ledger. */
function keptIn(home: string): readonly string[] {
  const own = join(home, '.local/state/larder/unrecorded');
  return existsSync(own) ? readdirSync(own) : [];
}

test('with a ledger that does not answer it starts, provisions, and says that actions are refused', async (t) => {
  const { home } = await site(t);
  const nowhere = ['--ledger', 'http://127.0.0.1:9', '--ledger-key', join(home, 'console')];
  const env = { HOME: home, SSH_AUTH_SOCK: '', LARDER_LEDGER_TOKEN: TOKEN };
  const larder = await startLarder(join(folder(t), 'data'), nowhere, env);
  t.after(() => larder.kill('SIGKILL'));
  assert.match(
    larder.stderr(),
    /actions of the console are refused until they can be recorded: .*127\.0\.0\.1:9.*LARDER_LEDGER_UNREACHABLE/,
  );
  const client = await clientOf(larder);
  await applyClaim(client, { name: 'data', size: '1Gi', storageClass: 'larder' });
  await bound(client, 'default', 'data');
});

test('larder operator --ledger URL reads the served ledger, records what its console does, and refuses while it cannot', async (t) => {
  const { root, home, serve } = await site(t);
  const server = await serve();
  const kubeconfig = await apiFor(t);
  const client = await clientOf({ kubeconfig });
  const where = { namespace: 'default', name: 'data' };
  await client.create(kinds.PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: where,
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'disks', resources: { requests: { storage: '1Gi' } } },
  });
  const env = { HOME: home, SSH_AUTH_SOCK: '', LARDER_LEDGER_TOKEN: TOKEN };
  const ledger = ['--ledger', server.address, '--ledger-key', join(home, 'console')];
  const alone = ['--kubeconfig', kubeconfig, '--no-provisioner', '--leader-election', 'false'];
  const operator = await startOperator([...alone, ...ledger], env);
  t.after(() => operator.kill('SIGKILL'));
  const ask = async (path: string, body?: object) => {
    const authorization = `Bearer ${operator.console.searchParams.get('token')}`;
    const sent = body && { method: 'POST', body: JSON.stringify(body) };
    const headers = { authorization, ...(body && { 'content-type': 'application/json' }) };
    const answer = await fetch(new URL(path, operator.console), { headers, ...sent });
    return { status: answer.status, text: await answer.text() };
  };
  const pausedBy = async (): Promise<string | undefined> =>
    (await client.get(kinds.PersistentVolumeClaim, where)).metadata.annotations?.['larder.dev/paused'];

  const paused = await ask('/api/claims/act', { ...where, action: 'pause' });
  assert.equal(paused.status, 200, paused.text);
  assert.notEqual(await pausedBy(), undefined);
  const told = (await openLedger(root)).records.flatMap((record) =>
    record.type === 'action-recorded' ? [`${record.operator} ${record.data.surface} ${record.data.command}`] : [],
  );
  assert.deepEqual(told, ['console console larder pause default/data']);
  const records = await ask('/api/ledger/records');
  assert.equal(records.status, 200, records.text);
  assert.match(records.text, /larder pause default\/data/, 'and reads it back by HTTP');

  server.kill('SIGTERM');
  await server.exited;
  const refused = await ask('/api/claims/act', { ...where, action: 'resume' });
  assert.ok(refused.status >= 400, refused.text);
  assert.match(refused.text, /could not be recorded.*does not answer/);
  assert.notEqual(await pausedBy(), undefined, 'nothing was changed');
});
