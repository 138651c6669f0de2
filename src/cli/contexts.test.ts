import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { createHttpServer, listen } from '../http/server.ts';
import { withOperator } from '../operator/kubeconfig.ts';
import { silentLog } from '../telemetry/log.ts';
import { gather, withContext } from './contexts.ts';
import type { CommandContext } from './program.ts';
import { askOperator } from './reach.ts';

const token = 'a-token-of-at-least-thirty-two-characters';
const row = z.object({ claim: z.string() });

/** An operator that has one claim, and the kubeconfig that leads to it. */
async function clusterOf(t: TestContext, name: string): Promise<{ readonly file: string; stop(): Promise<void> }> {
  const app = await createHttpServer({ log: silentLog, token, openPaths: [], hosts: [] });
  app.get('/rows', async () => [{ claim: `of-${name}` }]);
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'larder-contexts-'));
  t.after(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'kubeconfig');
  const kubeconfig = `clusters: [{name: ${name}, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: ${name}, context: {cluster: ${name}}}]
current-context: ${name}
`;
  writeFileSync(file, withOperator(kubeconfig, { url: `http://127.0.0.1:${port}`, token }));
  return { file, stop: () => app.close() };
}

function contextIn(env: Readonly<Record<string, string>>): CommandContext {
  const nothing = (): void => undefined;
  return {
    terminal: { out: nothing, err: nothing, interactive: false, columns: 80, env },
    changes: { begin: async () => assert.fail('reading changes nothing') },
  };
}

const ask = (address: Parameters<typeof askOperator>[0]) => askOperator(address, z.array(row), { path: '/rows' });

test('several clusters are asked at once, and each row says whose it is; one cluster says nothing of the kind', async (t) => {
  const [one, other] = [await clusterOf(t, 'home'), await clusterOf(t, 'office')];
  const context = contextIn({ KUBECONFIG: `${one.file}:${other.file}` });
  const alone = await gather(context, { output: 'table' }, ask);
  assert.deepEqual(alone.rows, [{ claim: 'of-home' }]);
  const options = { output: 'table', contexts: 'office, home,office' } as const;
  const both = await gather(context, options, ask);
  both.settle();
  assert.deepEqual(both.rows, [
    { context: 'office', claim: 'of-office' },
    { context: 'home', claim: 'of-home' },
  ]);
  const columns = [{ title: 'CLAIM', value: ({ claim }: z.infer<typeof row>) => claim }];
  assert.deepEqual(
    withContext(options, columns).map(({ title }) => title),
    ['CONTEXT', 'CLAIM'],
  );
  assert.deepEqual(withContext({ output: 'table' }, columns), columns);
});

test('a cluster that does not answer is named after what the others said; when none answers there is nothing to print', async (t) => {
  const [one, other] = [await clusterOf(t, 'home'), await clusterOf(t, 'office')];
  const context = contextIn({ KUBECONFIG: `${one.file}:${other.file}` });
  await other.stop();
  const { rows, settle } = await gather(context, { output: 'table', contexts: 'home,office' }, ask);
  assert.deepEqual(rows, [{ context: 'home', claim: 'of-home' }]);
  assert.throws(settle, { exitCode: 2, message: /^office: the operator at \S+ does not answer/ });
  await one.stop();
  await assert.rejects(gather(context, { output: 'table', contexts: 'home,office' }, ask), {
    exitCode: 2,
    message: /^home: .*\noffice: /,
  });
});

test('a context that is not there, one without an operator, and an empty name are told before anybody is asked', async (t) => {
  const { file } = await clusterOf(t, 'home');
  const asked = (contexts: string, env = { KUBECONFIG: file }) =>
    gather(contextIn(env), { output: 'table', contexts }, () => assert.fail('asked'));
  await assert.rejects(asked('nowhere'), {
    exitCode: 2,
    message: 'the kubeconfig has no context "nowhere"; there are: home',
  });
  await assert.rejects(asked('home,'), { exitCode: 2, message: /names no context at one of its places/ });
  const plain = join(mkdtempSync(join(tmpdir(), 'larder-contexts-')), 'plain');
  t.after(() => rmSync(join(plain, '..'), { recursive: true }));
  writeFileSync(plain, 'clusters: [{name: c, cluster: {}}]\ncontexts: [{name: bare, context: {cluster: c}}]\n');
  await assert.rejects(asked('bare', { KUBECONFIG: plain }), {
    exitCode: 2,
    message: /needs an extension\nlarder\.dev\/operator/,
  });
});
