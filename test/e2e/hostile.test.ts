/** What a hostile user of a namespace, a careless administrator or a broken disk does to the running product. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { type Client, kinds } from '../../src/kube/index.ts';
import { applyClaim, bound, clientOf, eventsOf } from './claims.ts';
import { eventually, type Larder, runLarder, startLarder, temporaryFolder } from './larder.ts';

const SEGMENT = 'a path segment must match [A-Za-z0-9_][A-Za-z0-9._-]{0,199}';
const RENAME = 'change the value on the claim, or the pathPattern of the class';
const SLASH = 'annotation "volume-name" holds a "/": choose a value without it, or set allowSlashInValues in the class';
const LONG = 'a'.repeat(191);
const NESTED_CLASS = 'nested';
const longShown = `"glusterfs_${LONG.slice(0, 110)}…"`;

/** Value of the annotation volume-name, and the whole event. */
const refusedNames: readonly (readonly [value: string, message: string])[] = [
  ['../x', `"../x": ${SEGMENT}: ${SLASH}`],
  ['a/../b', `"a/../b": ${SEGMENT}: ${SLASH}`],
  ['/abs', `"/abs": ${SEGMENT}: ${SLASH}`],
  ['', 'pathPattern needs annotation "volume-name" on the claim: add it to the claim'],
  ['%2e%2e', `"glusterfs_%2e%2e": ${SEGMENT}: ${RENAME}`],
  ['..\\x', `"glusterfs_..\\\\x": ${SEGMENT}: ${RENAME}`],
  ['a\nb', `"glusterfs_a\\nb": ${SEGMENT}: ${RENAME}`],
  ['ok\n', `"glusterfs_ok\\n": ${SEGMENT}: ${RENAME}`],
  ['a\0b', `"glusterfs_a\\u0000b": ${SEGMENT}: ${RENAME}`],
  ['a\x9b31mb', `"glusterfs_a\\u009b31mb": ${SEGMENT}: ${RENAME}`],
  ['a\u202eb', `"glusterfs_a\\u202eb": ${SEGMENT}: ${RENAME}`],
  [LONG, `${longShown}: ${SEGMENT}: ${RENAME}`],
  ['🦊', `"glusterfs_🦊": ${SEGMENT}: ${RENAME}`],
  ['e\u0301', `"glusterfs_e\u0301": ${SEGMENT}: ${RENAME}`],
  ['${.PVC.name}', `"glusterfs_\${.PVC.name}": ${SEGMENT}: ${RENAME}`],
  ['a}b', `"glusterfs_a}b": ${SEGMENT}: ${RENAME}`],
  ['lost+found', `"glusterfs_lost+found": ${SEGMENT}: ${RENAME}`],
];

/** Names that look dangerous and are not, behind `glusterfs_`. */
const harmlessNames = ['.', '..', '-rf', '.larder', 'archived-x', '__proto__', 'a'.repeat(190)];

/** The whole path of a class that allows slashes, and the whole event. */
const refusedPaths: readonly (readonly [path: string, message: string])[] = [
  ['a/../../x', `"a/../../x": ${SEGMENT}: ${RENAME}`],
  ['a//b', `"a//b": ${SEGMENT}: ${RENAME}`],
  ['/a', `"/a": ${SEGMENT}: ${RENAME}`],
  ['.larder/trash', `".larder/trash": ${SEGMENT}: ${RENAME}`],
  ['a/archived-x', `"a/archived-x": the name "archived-x" is reserved: ${RENAME}`],
  ['1/2/3/4/5/6/7/8/9', `"1/2/3/4/5/6/7/8/9": a path has at most 8 segments: ${RENAME}`],
  ['out', 'out is a symbolic link (refused): put a directory there, or choose another name'],
  ['mid/out/x', 'mid/out/x is a symbolic link (refused): put a directory there, or choose another name'],
  ['file', 'file exists and is not a directory: move it away, or choose another name'],
  ['fifo', 'fifo exists and is not a directory: move it away, or choose another name'],
  ['socket', 'socket exists and is not a directory: move it away, or choose another name'],
];

interface World {
  readonly larder: Larder;
  readonly client: Client;
  /** A folder beside the export that nothing may touch. */
  readonly outside: string;
}

async function worldOf(t: TestContext): Promise<World> {
  const folder = temporaryFolder((remove) => t.after(remove));
  const outside = join(folder, 'outside');
  fs.mkdirSync(outside, { mode: 0o700 });
  fs.writeFileSync(join(outside, 'precious'), 'x');
  const larder = await startLarder(join(folder, 'data'));
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: NESTED_CLASS },
    provisioner: 'larder.dev/directory',
    reclaimPolicy: 'Delete',
    parameters: {
      export: 'nfs',
      pathPattern: '${.PVC.annotations.volume-name}',
      allowSlashInValues: 'true',
      onDelete: 'delete',
      adopt: 'any',
    },
  });
  return { larder, client, outside };
}

const ask = (client: Client, name: string, value: string, storageClass = 'glusterfs-nfs') =>
  applyClaim(client, { name, size: '1Mi', storageClass, annotations: { 'volume-name': value } });

const failureOf = (client: Client, name: string): Promise<string> =>
  eventually(`the refusal of ${name}`, async () => {
    const found = (await eventsOf(client, 'default', name)).find((event) => event.reason === 'ProvisioningFailed');
    return found?.message;
  });

function assertUntouched(outside: string): void {
  assert.deepEqual(fs.readdirSync(outside), ['precious']);
  assert.equal(fs.statSync(outside).mode & 0o7777, 0o700);
}

test('hostile names and hostile things of that name are refused with a text that says what to do, and nothing outside changes', async (t) => {
  const { larder, client, outside } = await worldOf(t);
  const at = (...path: string[]): string => join(larder.export, ...path);
  fs.symlinkSync(outside, at('out'));
  fs.mkdirSync(at('mid'));
  fs.symlinkSync(outside, at('mid', 'out'));
  fs.writeFileSync(at('file'), '');
  execFileSync('mkfifo', [at('fifo')]);
  const socket = createServer().listen(at('socket'));
  t.after(() => socket.close());
  const before = fs.readdirSync(larder.export);
  await Promise.all([
    ...refusedNames.map(([value], index) => ask(client, `name-${index}`, value)),
    ...harmlessNames.map((value, index) => ask(client, `harmless-${index}`, value)),
  ]);
  for (const [index, [value, message]] of refusedNames.entries()) {
    assert.equal(await failureOf(client, `name-${index}`), message, JSON.stringify(value));
  }
  await Promise.all(harmlessNames.map((_value, index) => bound(client, 'default', `harmless-${index}`)));
  for (const [index, [path, message]] of refusedPaths.entries()) {
    await ask(client, `path-${index}`, path, NESTED_CLASS);
    assert.equal(await failureOf(client, `path-${index}`), message, path);
  }
  assertUntouched(outside);
  assert.deepEqual(
    fs.readdirSync(larder.export).sort(),
    [...before, ...harmlessNames.map((name) => `glusterfs_${name}`)].sort(),
  );
  assert.deepEqual(
    fs.readdirSync(dirname(larder.export)).filter((name) => name.startsWith('glusterfs')),
    [],
  );
});

test('a bind mount inside the export is refused, and what it shows keeps its mode', async (t) => {
  const { larder, client, outside } = await worldOf(t);
  const mountPoint = join(larder.export, 'glusterfs_bound');
  fs.mkdirSync(mountPoint);
  try {
    execFileSync('mount', ['--bind', outside, mountPoint], { stdio: 'ignore' });
  } catch {
    return t.skip('mount(8) is not permitted here');
  }
  try {
    await ask(client, 'bound', 'bound');
    assert.equal(
      await failureOf(client, 'bound'),
      'glusterfs_bound is a mount point or on another filesystem than the export (refused): unmount it, or choose another name',
    );
    assertUntouched(outside);
  } finally {
    execFileSync('umount', ['-l', mountPoint]);
  }
});

test('a process that swaps a directory for a symbolic link all the time leads no claim out of the export', async (t) => {
  const { larder, client, outside } = await worldOf(t);
  const swap = join(larder.export, 'swap');
  fs.mkdirSync(swap);
  const attacker = swapping(swap, outside);
  t.after(() => attacker.kill('SIGKILL'));
  const names = Array.from({ length: 40 }, (_, index) => `victim-${index}`);
  await Promise.all(names.map((name) => ask(client, name, `swap/${name}`, NESTED_CLASS)));
  await Promise.all(
    names.map((name) =>
      eventually(`an event of ${name}`, async () => (await eventsOf(client, 'default', name)).length > 0 || undefined),
    ),
  );
  attacker.kill('SIGKILL');
  assertUntouched(outside);
});

function swapping(directory: string, outside: string): ChildProcess {
  const script = 'while :; do mv "$0" "$0.real"; ln -s "$1" "$0"; rm "$0"; mv "$0.real" "$0"; done';
  return spawn('sh', ['-c', script, directory, outside], { stdio: 'ignore' });
}

/** Path of a forged volume below or beside the export `/storage/v`, and what its event says. */
const forgeries: readonly (readonly [path: string, message: RegExp])[] = [
  ['/storage/v', /^path "\/storage\/v" is not below the export: nothing is removed: set reclaim policy Retain/],
  ['/storage/v/', /is not a clean path: nothing is removed/],
  ['/storage/vx/y', /is not below the export: nothing is removed/],
  ['/storage/v/../etc', /is not a clean path: nothing is removed/],
  ['/storage/v//kept', /is not a clean path: nothing is removed/],
  ['/storage/v/.larder', /is not a clean path: nothing is removed/],
  ['/storage/v/archived-old', /is an archive: nothing is removed/],
  [
    '/storage/v/live',
    /^directory 127\.0\.0\.1:\/storage\/v\/live is kept, because default\/live \(pv pvc-\S+\) uses it/,
  ],
  ['/storage/v/other/inside', /overlaps other of pv pvc-\S+: it is removed when that volume is gone$/],
];

test('forged volumes remove nothing outside their own directory, and nested ones that are both released do not wait for each other', async (t) => {
  const { larder, client } = await worldOf(t);
  for (const name of ['kept', 'archived-old', 'outer', 'outer/inner']) fs.mkdirSync(join(larder.export, name));
  for (const name of ['live', 'other']) {
    await ask(client, name, name, NESTED_CLASS);
    await bound(client, 'default', name);
    fs.mkdirSync(join(larder.export, name, 'inside'));
  }
  await Promise.all(forgeries.map(([path], index) => forge(client, `forged-${index}`, path)));
  for (const [index, [path, message]] of forgeries.entries()) {
    const told = await eventually(`an event of forged-${index}`, async () => {
      const [event] = await eventsOf(client, 'default', `forged-${index}`);
      return event?.message;
    });
    assert.match(told, message, path);
  }
  await forge(client, 'outer', '/storage/v/outer');
  await forge(client, 'inner', '/storage/v/outer/inner');
  await eventually('both nested volumes to go', async () => {
    const { items } = await client.list(kinds.PersistentVolume);
    return items.some(({ metadata }) => ['outer', 'inner'].includes(metadata.name)) ? undefined : true;
  });
  assert.deepEqual(fs.readdirSync(larder.export).sort(), ['.larder', 'archived-old', 'kept', 'live', 'other']);
  for (const name of ['live', 'other']) assert.deepEqual(fs.readdirSync(join(larder.export, name)), ['inside']);
  assert.ok(fs.existsSync(larder.kubeconfig));
});

const forge = (client: Client, name: string, path: string) =>
  client.create(kinds.PersistentVolume, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: { 'pv.kubernetes.io/provisioned-by': 'larder.dev/directory', 'larder.dev/on-delete': 'delete' },
    },
    spec: {
      capacity: { storage: '1Mi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: NESTED_CLASS,
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: 'default',
        name: `gone-${name}`,
        uid: name,
      },
      nfs: { server: '127.0.0.1', path },
    },
  });

test('an export that is renamed away makes claims wait with its name; put back, they get their directories there', async (t) => {
  const { larder, client } = await worldOf(t);
  await ask(client, 'before', 'before');
  await bound(client, 'default', 'before');
  fs.renameSync(larder.export, `${larder.export}.away`);
  await ask(client, 'during', 'during');
  assert.match(
    await failureOf(client, 'during'),
    /^storage unavailable: \S+\/export is not a mounted export: mount 127/,
  );
  assert.equal(fs.existsSync(larder.export), false);
  assert.equal((await bound(client, 'default', 'before')).claim.status?.phase, 'Bound');
  fs.renameSync(`${larder.export}.away`, larder.export);
  await bound(client, 'default', 'during');
  assert.ok(fs.existsSync(join(larder.export, 'glusterfs_during')));
});

test('requests made to exhaust the API are refused, it goes on answering, and secrets appear in no output', async (t) => {
  const data = temporaryFolder((remove) => t.after(remove));
  const larder = await startLarder(data, ['--log-level', 'debug']);
  t.after(() => larder.kill('SIGKILL'));
  const { server, token, authority } = accessOf(larder);
  const send = (method: string, path: string, type: string, body: string): Promise<{ code: number; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': type,
        'content-length': Buffer.byteLength(body),
      };
      const sent = httpsRequest(`${server}${path}`, { method, headers, ca: authority }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => resolve({ code: response.statusCode ?? 0, text }));
      });
      sent.on('error', reject).end(body);
    });
  const planted = 'pl4nted-s3cret-value';
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'planted' }, stringData: { password: planted } };
  const secrets = '/api/v1/namespaces/default/secrets';
  assert.equal((await send('POST', secrets, 'application/json', JSON.stringify(secret))).code, 201);
  const into = '/metadata/managedFields/0/fieldsV1/x';
  const doubling = Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: into, path: `${into}/${index}` }));
  const bomb = (doublings: number): string =>
    JSON.stringify([{ op: 'add', path: into, value: { k: 'v' } }, ...doubling.slice(0, doublings)]);
  const patched = (doublings: number): ReturnType<typeof send> =>
    send('PATCH', `${secrets}/planted`, 'application/json-patch+json', bomb(doublings));
  assert.equal((await patched(3)).code, 200, 'what is refused below is refused for its size alone');
  assert.equal((await patched(40)).code, 422);
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  const nested = await send('PATCH', `${secrets}/planted`, 'application/merge-patch+json', deep);
  assert.equal(nested.code, 400);
  assert.match(nested.text, /nested deeper than 500 levels/);
  assert.equal((await send('POST', secrets, 'application/json', 'a'.repeat(3_300_000))).code, 413);
  const health = await fetch(new URL('/healthz', larder.console));
  assert.equal(health.status, 200);
  await ask(await clientOf(larder), 'asked', 'asked');
  await bound(await clientOf(larder), 'default', 'asked');
  const outputs = [larder.stderr(), (await send('GET', '/api/v1/events', 'application/json', '')).text];
  outputs.push(...(await pagesOf(larder)), ...(await wordsOf(larder)));
  const consoleToken = larder.console.searchParams.get('token') ?? '';
  for (const output of outputs) {
    assert.ok(output.length > 0);
    for (const word of [planted, Buffer.from(planted).toString('base64'), token, consoleToken]) {
      assert.ok(word.length > 8 && !output.includes(word));
    }
  }
});

const PAGES = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/',
  '/plain',
  '/api/status',
  '/api/volumes',
  '/api/config',
  '/api/doctor',
];

async function pagesOf(larder: Larder): Promise<readonly string[]> {
  const answers = [...PAGES, '/api/audit', '/api/trash', '/api/claims/default/asked/explain'].map(async (path) => {
    const url = new URL(path, larder.console);
    url.search = larder.console.search;
    const answer = await fetch(url);
    assert.equal(answer.status, 200, path);
    return answer.text();
  });
  return Promise.all(answers);
}

/** What the command line prints, with what it says beside it. */
async function wordsOf(larder: Larder): Promise<readonly string[]> {
  const said: string[] = [];
  const commands = [
    'doctor',
    'version',
    'config show',
    'volumes list',
    'volumes audit',
    'explain pvc/asked -n default',
  ];
  for (const command of commands) {
    const { stdout, stderr } = await runLarder(command.split(' '), { KUBECONFIG: larder.kubeconfig });
    said.push(`${command}\n${stdout}${stderr}`);
  }
  return said;
}

function accessOf(larder: Larder): { readonly server: string; readonly token: string; readonly authority: string } {
  const config = parse(fs.readFileSync(larder.kubeconfig, 'utf8'));
  const authority = Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64').toString();
  assert.equal(basename(larder.kubeconfig), 'kubeconfig');
  return { server: larder.server, token: config.users[0].user.token, authority };
}
