/** How the process starts, refuses to start, and stops. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { applyClaim, bound, clientOf } from './claims.ts';
import { runLarder, startLarder, temporaryFolder } from './larder.ts';

test('larder up prints its five lines in order, answers its health, and needs a token for the rest', async (t) => {
  const data = temporaryFolder((remove) => t.after(remove));
  const larder = await startLarder(data);
  t.after(() => larder.kill('SIGKILL'));
  const [api, kubeconfig, page, folder, ready] = larder.lines;
  assert.match(api ?? '', /^Kubernetes API {2}https:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(kubeconfig, `export KUBECONFIG=${join(data, 'kubeconfig')}`);
  assert.match(page ?? '', /^Console {2}http:\/\/127\.0\.0\.1:\d+\/\?token=\w{64}$/);
  assert.equal(folder, `Export  ${join(data, 'export')}`);
  assert.match(ready ?? '', /^ready in \d+\.\d s$/);
  const at = (path: string): string => new URL(path, larder.console).href;
  assert.equal(await (await fetch(at('/healthz'))).text(), 'ok\n');
  assert.equal((await fetch(at('/readyz'))).status, 200);
  assert.match(await (await fetch(at('/metrics'))).text(), /^larder_leader 1$/m);
  assert.equal((await fetch(at('/'))).status, 401);
  const shown = await fetch(new URL(`/plain${larder.console.search}`, larder.console));
  assert.equal(shown.status, 200);
  assert.match(await shown.text(), /No volumes yet/);
  assert.equal(
    (await fetch(larder.server, { signal: AbortSignal.timeout(5000) }).catch(() => undefined))?.ok ?? false,
    false,
  );
});

for (const signals of [['SIGTERM'], ['SIGINT'], ['SIGTERM', 'SIGTERM'], ['SIGINT', 'SIGTERM', 'SIGINT']] as const) {
  test(`${signals.join(' then ')} ends it with exit code 0, and what was there is there after the next start`, async (t) => {
    const data = temporaryFolder((remove) => t.after(remove));
    const larder = await startLarder(data);
    t.after(() => larder.kill('SIGKILL'));
    const client = await clientOf(larder);
    await applyClaim(client, { name: 'kept', size: '1Mi' });
    const before = await bound(client, 'default', 'kept');
    for (const signal of signals) larder.kill(signal);
    assert.equal(await larder.exited, 0, larder.stderr());
    const again = await startLarder(data);
    t.after(() => again.kill('SIGKILL'));
    assert.equal(again.console.search, larder.console.search);
    const after = await bound(await clientOf(again), 'default', 'kept');
    assert.equal(after.claim.metadata.uid, before.claim.metadata.uid);
    assert.equal(after.volume.metadata.uid, before.volume.metadata.uid);
  });
}

test('a second start on the same data is refused in one line that names the process, and changes nothing', async (t) => {
  const data = temporaryFolder((remove) => t.after(remove));
  const larder = await startLarder(data);
  t.after(() => larder.kill('SIGKILL'));
  const second = await runLarder(['up', '--data', data, '--port', '0', '--console-port', '0']);
  assert.deepEqual(second, {
    code: 2,
    stdout: '',
    stderr: `larder: the data folder ${data} is in use by process ${larder.pid}: stop it, or choose another folder with --data (LARDER_DATA_LOCKED)\n`,
  });
  assert.equal((await fetch(new URL('/healthz', larder.console))).status, 200);
});

test('a port in use is one line and exit code 2, for either port, and the folder is free again', async (t) => {
  const data = temporaryFolder((remove) => t.after(remove));
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  t.after(() => holder.close());
  const address = holder.address();
  const port = String(typeof address === 'object' && address !== null ? address.port : 0);
  const stderr = `larder: port ${port} is in use on 127.0.0.1: end the process that has it, or choose another port (LARDER_PORT_IN_USE)\n`;
  const api = await runLarder(['up', '--data', data, '--port', port, '--console-port', '0']);
  assert.deepEqual(api, { code: 2, stdout: '', stderr });
  const console = await runLarder(['up', '--data', data, '--port', '0', '--console-port', port]);
  assert.deepEqual(console, { code: 2, stdout: '', stderr });
  const free = await startLarder(data);
  free.kill('SIGTERM');
  assert.equal(await free.exited, 0);
});

test('a data folder that cannot be used is one line and exit code 2', async (t) => {
  const folder = temporaryFolder((remove) => t.after(remove));
  const file = join(folder, 'file');
  writeFileSync(file, 'x');
  const below = await runLarder(['up', '--data', join(file, 'data')]);
  assert.equal(below.code, 2);
  assert.equal(
    below.stderr,
    `larder: cannot write the data folder ${join(file, 'data')} (ENOTDIR): choose a folder that you own with --data (LARDER_DATA_UNWRITABLE)\n`,
  );
  const foreign = join(folder, 'home');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'thesis.tex'), 'precious');
  const refused = await runLarder(['up', '--data', foreign]);
  assert.equal(refused.code, 2);
  assert.equal(
    refused.stderr,
    `larder: ${foreign} is not a data folder of Larder: it holds "thesis.tex": choose an empty folder with --data (LARDER_DATA_FOREIGN)\n`,
  );
});

/** Command, exit code and what stderr says. */
const refusals: readonly (readonly [args: readonly string[], code: number, stderr: RegExp])[] = [
  [
    ['up', '--port', 'http'],
    2,
    /'--port <port>' argument 'http' is invalid\. a port is a whole number from 0 to 65535/,
  ],
  [['up', '--console-port', '70000'], 2, /a port is a whole number from 0 to 65535/],
  [['up', '--watch-interval', 'often'], 2, /watchInterval \(flag --watch-interval\) is "often" and must be a duration/],
  [['up', '--default-threshold', '120'], 2, /defaultThreshold \(flag --default-threshold\) is "120" and must be/],
  [['up', '--config', '/nonexistent.yaml'], 2, /--config \/nonexistent\.yaml cannot be read: ENOENT/],
  [['up', '--colour'], 2, /unknown option '--colour'/],
  [['frobnicate'], 2, /unknown command 'frobnicate'/],
  [['frobnicate', '--help'], 2, /unknown command 'frobnicate'/],
  [['-h', 'volums'], 2, /unknown command 'volums'\n\(Did you mean volumes\?\)/],
  [['volumes', 'frobnicate', '--help'], 2, /unknown command 'frobnicate'/],
  [['nomad', 'frobnicate', '-n', 'media', '-h'], 2, /unknown command 'frobnicate'/],
  [
    ['operator', '--export', 'nas'],
    2,
    /--export "nas": write SERVER:\/PATH, SERVER:\/PATH=\/MOUNTED\/AT or local:\/PATH/,
  ],
  [['operator', '--export', 'nas:/v', '--kubeconfig', '/nonexistent'], 2, /\/nonexistent.*\(KUBE_CONFIG\)/],
  [['explain', 'a/b/c'], 2, /"a\/b\/c" is not a claim: write pvc\/NAME -n NAMESPACE, or NAMESPACE\/NAME/],
  [['explain', 'pvc/x', '--kubeconfig', '/nonexistent'], 2, /the kubeconfig \/nonexistent cannot be read: ENOENT/],
  [['explain', 'pvc/x'], 2, /cannot tell where the Larder operator is: export the KUBECONFIG/],
  [
    ['volumes', 'list', '--operator', 'http://127.0.0.1:1'],
    2,
    /the operator at http:\/\/127\.0\.0\.1:1 does not answer/,
  ],
  [['volumes', 'list', '-o', 'xml'], 2, /Allowed choices are table, json, yaml/],
  [['volumes'], 2, /Usage: larder volumes/],
];

for (const [args, code, stderr] of refusals) {
  test(`larder ${args.join(' ')} is refused with exit code ${code} and a line that says what is accepted`, async () => {
    const run = await runLarder(args, { KUBECONFIG: '', HOME: '/nonexistent' });
    assert.match(run.stderr, stderr);
    assert.equal(run.code, code, run.stderr);
    assert.equal(run.stdout, '');
  });
}

test('an unknown claim, and a claim of nobody, are findings with what to do next', async (t) => {
  const larder = await startLarder(temporaryFolder((remove) => t.after(remove)));
  t.after(() => larder.kill('SIGKILL'));
  const env = { KUBECONFIG: larder.kubeconfig };
  const explained = await runLarder(['explain', 'default/nothing'], env);
  assert.equal(explained.code, 1);
  assert.equal(
    explained.stderr,
    'larder: there is no claim default/nothing: `larder volumes list` shows those that Larder knows (LARDER_HTTP_NOT_FOUND)\n',
  );
  const shown = await runLarder(['volumes', 'show', 'default/nothing'], env);
  assert.equal(shown.code, 1);
  assert.match(shown.stderr, /no claim default\/nothing of a class of Larder's: `larder volumes list` shows/);
  const listed = await runLarder(['volumes', 'list'], env);
  assert.deepEqual(listed, { code: 0, stdout: '', stderr: 'No claims of Larder.\n' });
  const undeleted = await runLarder(['volumes', 'undelete', 'default/nothing'], env);
  assert.equal(undeleted.code, 1);
  assert.match(undeleted.stderr, /default\/nothing/);
});
