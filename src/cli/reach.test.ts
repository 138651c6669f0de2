import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { createHttpServer, listen } from '../http/server.ts';
import { withOperator } from '../operator/kubeconfig.ts';
import { silentLog } from '../telemetry/log.ts';
import { askOperator, namespaceOf, operatorAddress } from './reach.ts';

const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: x, context: {cluster: c, namespace: web}}]
users: []
current-context: x
`;
const token = 'a-token-of-at-least-thirty-two-characters';

function file(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-reach-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'kubeconfig');
  writeFileSync(path, text);
  return path;
}

test('the operator is found by flag, then environment, then the kubeconfig that larder up wrote', (t) => {
  const path = file(t, withOperator(kubeconfig, { url: 'http://127.0.0.1:7', token: 'k' }));
  const env = { KUBECONFIG: path };
  assert.deepEqual(operatorAddress({ operator: 'http://a/', operatorToken: 'f', env }), {
    url: 'http://a',
    token: 'f',
  });
  assert.deepEqual(operatorAddress({ env: { ...env, LARDER_OPERATOR: 'http://b', LARDER_OPERATOR_TOKEN: 'e' } }), {
    url: 'http://b',
    token: 'e',
  });
  assert.deepEqual(operatorAddress({ env }), { url: 'http://127.0.0.1:7', token: 'k' });
});

test('the address of the console does, and its token stays out of what is said', async () => {
  const pasted = `http://127.0.0.1:9/?token=${token}`;
  assert.deepEqual(operatorAddress({ operator: pasted, env: {} }), { url: 'http://127.0.0.1:9', token });
  assert.equal(operatorAddress({ operator: pasted, operatorToken: 'f', env: {} }).token, 'f');
  const asked = askOperator(operatorAddress({ operator: `http://ann:${token}@127.0.0.1:9/`, env: {} }), z.unknown(), {
    path: '/',
  });
  await assert.rejects(asked, ({ message }: Error) => !message.includes(token) && /127\.0\.0\.1:9/.test(message));
  for (const operator of ['127.0.0.1:9', 'ftp://a', `x ${token}`])
    assert.throws(() => operatorAddress({ operator, env: {} }), {
      exitCode: 2,
      message: /^--operator must be the address of an operator, [^?]*$/,
    });
});

test('without any of them the message says how to name it', (t) => {
  assert.throws(() => operatorAddress({ env: { KUBECONFIG: file(t, kubeconfig) } }), {
    exitCode: 2,
    message: /export the KUBECONFIG line/,
  });
});

test("the namespace is the flag's, else the context's, else default", (t) => {
  const env = { KUBECONFIG: file(t, kubeconfig) };
  assert.equal(namespaceOf({ namespace: 'n', env }), 'n');
  assert.equal(namespaceOf({ env }), 'web');
  assert.equal(namespaceOf({ env: { KUBECONFIG: '/nonexistent' } }), 'default');
});

test('a file that is no kubeconfig is refused by its name', (t) => {
  const path = file(t, 'clusters: 7\n');
  assert.throws(() => namespaceOf({ env: { KUBECONFIG: path } }), { exitCode: 2, message: /is not a kubeconfig/ });
});

test("refusals carry the operator's own words; a wrong token and a stranger's answer say what to do", async (t) => {
  const app = await createHttpServer({ log: silentLog, token, openPaths: [], hosts: [] });
  app.get('/ok', async () => ({ answer: 1 }));
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  const address = { url: `http://127.0.0.1:${port}`, token };
  const shape = z.object({ answer: z.number() });
  assert.deepEqual(await askOperator(address, shape, { path: '/ok' }), { answer: 1 });
  await assert.rejects(askOperator(address, shape, { path: '/nothing' }), {
    exitCode: 1,
    message: 'nothing is served at /nothing (LARDER_HTTP_NOT_FOUND)',
  });
  await assert.rejects(askOperator({ ...address, token: 'wrong' }, shape, { path: '/ok' }), {
    exitCode: 2,
    message: /does not accept the token/,
  });
  await assert.rejects(askOperator(address, z.object({ other: z.string() }), { path: '/ok' }), {
    exitCode: 2,
    message: /did not answer as a Larder operator/,
  });
});
