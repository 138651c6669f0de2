/** The harness itself: what other tests rely on when they use a real control plane. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import { ask } from './control-plane/ask.ts';
import { auditedRequests, writesByClient } from './control-plane/audit.ts';
import { programs } from './control-plane/flags.ts';
import { type ControlPlane, controlPlaneFor, missingControlPlane, startControlPlane } from './control-plane.ts';

const skip = (await missingControlPlane()) ?? false;
const NAMESPACES = '/api/v1/namespaces';
const MAPS = `${NAMESPACES}/default/configmaps`;
const ADMIN = 'system:masters';

const map = (name: string) => ({ body: { metadata: { name } }, method: 'POST' }) as const;

/** Signal 0 only asks. */
function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function revisionOf(plane: ControlPlane): Promise<string> {
  const { text } = await ask(plane, `${MAPS}?limit=1`);
  return JSON.parse(text).metadata.resourceVersion;
}

test('two run side by side with nothing in common, and end with nothing left', { skip }, async (t) => {
  const planes = await Promise.all([startControlPlane({ scheduler: true }), startControlPlane()]);
  t.after(() => Promise.all(planes.map((plane) => plane.close())));
  for (const { startedInMs } of planes) t.diagnostic(`ready in ${(startedInMs / 1000).toFixed(1)} s, two at once`);
  const [one, other] = planes;
  assert.equal((await ask(one, MAPS, map('mine'))).status, 201);
  assert.equal((await ask(other, `${MAPS}/mine`)).status, 404);
  assert.equal((await ask({ ...other, token: one.token }, NAMESPACES)).status, 401);
  const pids = planes.flatMap((plane) => programs.map((program) => plane.pidOf(program))).filter((pid) => pid !== 0);
  assert.equal(new Set(pids).size, 7);
  assert.ok(pids.every(lives));
  await Promise.all(planes.map((plane) => plane.close()));
  assert.deepEqual(pids.filter(lives), []);
  assert.deepEqual(
    planes.map(({ folder }) => existsSync(folder)),
    [false, false],
  );
});

test('the audit log says how many writes each client made', { skip }, async (t) => {
  const users = { writer: [ADMIN], stranger: [] };
  const plane = await controlPlaneFor(t, { controllers: false, audit: true, users });
  const as = (name: string) => ({ ...plane, token: plane.tokens[name] ?? '' });
  for (const name of ['one', 'two', 'three']) assert.equal((await ask(as('writer'), MAPS, map(name))).status, 201);
  assert.equal((await ask(as('writer'), MAPS, map('three'))).status, 409);
  assert.equal((await ask(as('writer'), `${MAPS}/two`, { method: 'DELETE' })).status, 200);
  assert.equal((await ask(as('stranger'), MAPS, map('four'))).status, 403);
  const requests = auditedRequests(plane.auditLog).filter(({ user }) => Object.hasOwn(users, user));
  assert.deepEqual(
    requests.map(({ user, verb, resource, status }) => [user, verb, resource, status]),
    [
      ['writer', 'create', 'configmaps', 201],
      ['writer', 'create', 'configmaps', 201],
      ['writer', 'create', 'configmaps', 201],
      ['writer', 'create', 'configmaps', 409],
      ['writer', 'delete', 'configmaps', 200],
      ['stranger', 'create', 'configmaps', 403],
    ],
  );
  assert.deepEqual(writesByClient(requests), { writer: 4 });
});

test('a killed API server comes back on its port with what was written', { skip }, async (t) => {
  const plane = await controlPlaneFor(t);
  assert.equal((await ask(plane, MAPS, map('kept'))).status, 201);
  const before = plane.pidOf('kube-apiserver');
  await plane.stop('kube-apiserver');
  assert.equal(lives(before), false);
  await assert.rejects(ask(plane, MAPS));
  await plane.start('kube-apiserver');
  assert.notEqual(plane.pidOf('kube-apiserver'), before);
  assert.equal((await ask(plane, `${MAPS}/kept`)).status, 200);
  assert.ok(lives(plane.pidOf('kube-controller-manager')), 'the others outlive it');
});

test('after a compaction an old revision is gone: 410 for a watch once the API server was restarted', {
  skip,
}, async (t) => {
  const plane = await controlPlaneFor(t, { controllers: false });
  const old = await revisionOf(plane);
  for (const name of ['one', 'two', 'three']) assert.equal((await ask(plane, MAPS, map(name))).status, 201);
  const watch = `${MAPS}?watch=1&timeoutSeconds=1&resourceVersion=${old}`;
  assert.equal((await ask(plane, watch)).text.match(/"type":"ADDED"/g)?.length, 3, 'still in its cache');
  assert.ok(Number(await plane.compact()) > Number(old));
  await plane.stop('kube-apiserver');
  await plane.start('kube-apiserver');
  const { status, text } = await ask(plane, watch);
  assert.equal(status, 200);
  assert.match(text, /^\{"type":"ERROR","object":\{"kind":"Status".*"reason":"Expired".*"code":410\}\}\n$/);
  const exact = await ask(plane, `${MAPS}?resourceVersion=${old}&resourceVersionMatch=Exact`);
  assert.equal(exact.status, 410);
});

test('one that does not start says so with its own words, and its logs stay', { skip }, async (t) => {
  const flags = { 'kube-apiserver': ['--no-such-flag'] };
  const failure = await startControlPlane({ flags }).then(
    () => '',
    (cause: unknown) => String(cause),
  );
  const folder = /its logs are in (\S+)\. /.exec(failure)?.[1] ?? '';
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.match(failure, /kube-apiserver ended with 1:[\s\S]*unknown flag: --no-such-flag/);
  assert.ok(readdirSync(folder).includes('kube-apiserver.log'));
});

/** Runs the program by hand in a process of its own, with its id. */
async function byHand(t: TestContext): Promise<{ readonly child: ChildProcess; readonly folder: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'control-plane.ts')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const kubeconfig = await eventually('the address', async () => /KUBECONFIG=(\S+)\n[\s\S]*_CA=/.exec(said)?.[1]);
  return { child, folder: dirname(kubeconfig) };
}

/** The processes that work in a folder. */
function workingIn(folder: string): readonly number[] {
  const { stdout } = spawnSync('find', ['/proc', '-maxdepth', '2', '-name', 'cwd', '-lname', folder], {
    encoding: 'utf8',
  });
  return [...stdout.matchAll(/\/proc\/(\d+)\/cwd/g)].map(([, pid]) => Number(pid));
}

test('Ctrl-C ends one that was started by hand, and removes its folder', { skip }, async (t) => {
  const { child, folder } = await byHand(t);
  assert.equal(workingIn(folder).length, 3);
  child.kill('SIGINT');
  await once(child, 'close');
  assert.deepEqual(workingIn(folder), []);
  assert.equal(existsSync(folder), false);
});

const leash = spawnSync('setpriv', ['--pdeathsig', 'KILL', '--', 'true']).status === 0;
const noLeash = leash ? skip : 'setpriv of util-linux is not there';

test('a test process that is killed takes its servers with it', { skip: noLeash }, async (t) => {
  const { child, folder } = await byHand(t);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.equal(workingIn(folder).length, 3);
  child.kill('SIGKILL');
  await once(child, 'close');
  await eventually('their end', async () => (workingIn(folder).length === 0 ? true : undefined));
});
