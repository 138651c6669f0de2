/**
 * The program of k3s comes to a machine: from the channel and the release page, and from a folder of artifacts. The pages are
 * served here, in the layout of the real ones: the channel server answers GET alone, with 302 and a plain `+` in the address
 * (rancher/channelserver and rancher/apiserver, read in November 2026); a release has `k3s`, `k3s-arm64`,
 * `sha256sum-ARCH.txt` and `k3s-airgap-images-ARCH.tar.zst`, each behind a redirect. What is downloaded only says its release.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../e2e/larder.ts';
import { type ChildResult, runChild } from '../tools/child.ts';
import { installPython } from '../tools/python.ts';

const ANSIBLE = resolve(import.meta.dirname, '../../deploy/ansible');
const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
const skip =
  python.kind === 'unavailable'
    ? python.reason
    : process.getuid?.() !== 0
      ? 'the role makes files of root, and this user is not root'
      : false;

const ARCH = process.arch === 'arm64' ? 'arm64' : 'amd64';
const PROGRAM = ARCH === 'arm64' ? 'k3s-arm64' : 'k3s';
const RELEASE = 'v1.34.2+k3s1';
const program = (release: string): string =>
  `#!/bin/sh\necho "k3s version ${release} (0123abcd)"\necho "go version go1.24"\n`;
const sum = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

interface Pages {
  readonly url: string;
  /** What a release has; a test changes it. */
  readonly files: Map<string, string>;
  /** What was asked for. */
  readonly asked: string[];
}

async function pages(t: TestContext): Promise<Pages> {
  const asked: string[] = [];
  const other = ARCH === 'arm64' ? 'k3s' : 'k3s-arm64';
  const files = new Map([
    [PROGRAM, program(RELEASE)],
    [
      `sha256sum-${ARCH}.txt`,
      `${sum('images')}  k3s-airgap-images-${ARCH}.tar.zst\n${sum('other')}  ${other}x\n${sum(program(RELEASE))}  ${PROGRAM}\n`,
    ],
  ]);
  const server = createServer((request, response) => {
    const { method, url = '' } = request;
    asked.push(`${method} ${url}`);
    const redirect = (location: string): void => void response.writeHead(302, { location }).end();
    if (url === '/v1-release/channels/stable') {
      if (method !== 'GET') return void response.writeHead(405).end();
      return redirect(`https://github.com/k3s-io/k3s/releases/tag/${RELEASE}`);
    }
    const [, name] = /^\/releases\/download\/v1\.34\.2%2Bk3s1\/([^/]+)$/.exec(url) ?? [];
    if (name !== undefined && files.has(name)) return redirect(`/assets/${name}?signature=abc`);
    const [, asset = ''] = /^\/assets\/([^?]+)/.exec(url) ?? [];
    const content = files.get(asset);
    if (content === undefined) return void response.writeHead(404).end('Not Found');
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, files, asked };
}

interface Machine {
  readonly folder: string;
  readonly path: string;
  play(variables?: Readonly<Record<string, unknown>>, ...words: readonly string[]): Promise<ChildResult>;
}

function machine(t: TestContext, url: string): Machine {
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-binary-');
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const path = join(folder, 'bin/k3s');
  mkdirSync(dirname(path));
  const inventory = write('hosts.yml', JSON.stringify({ k3s_server: { hosts: { 'n1.local': {} } } }));
  const roles = [{ role: 'k3s_binary' }];
  const playbook = write('play.yml', JSON.stringify([{ hosts: 'k3s_server', gather_facts: false, roles }]));
  const command = python.kind === 'ready' ? join(dirname(python.path), 'ansible-playbook') : '';
  const env = { ...process.env, LC_ALL: 'C.UTF-8', ANSIBLE_NOCOLOR: '1', ANSIBLE_FORCE_COLOR: '0' };
  return {
    folder,
    path,
    play(variables = {}, ...words) {
      const given = {
        ...{ ansible_facts: { architecture: ARCH === 'arm64' ? 'aarch64' : 'x86_64' }, ansible_connection: 'local' },
        ...{ ansible_pipelining: true, ansible_python_interpreter: '/usr/bin/python3' },
        ...{ k3s_binary_path: path, k3s_binary_channels: `${url}/v1-release/channels`, larder_repository: folder },
        ...{ k3s_binary_releases: `${url}/releases/download`, k3s_binary_images_folder: join(folder, 'agent/images') },
        ...variables,
      };
      const args = ['-i', inventory, '-e', `@${write('variables.json', JSON.stringify(given))}`, ...words, playbook];
      return runChild({ command, args, cwd: ANSIBLE, env, limitMs: 120_000 });
    },
  };
}

function ended({ code, output }: ChildResult, changed: number): string {
  assert.equal(code, 0, output);
  assert.match(output, new RegExp(`n1\\.local +: ok=\\d+ +changed=${changed} `), output);
  return output;
}

const refused = ({ code, output }: ChildResult, said: RegExp): void => {
  assert.equal(code, 2, output);
  // Ansible breaks lines of a message nowhere, and quotes as it likes.
  assert.match(output, said);
};

test('a release of the channel is fetched once, checked by its sum, and is not asked for again', {
  skip,
}, async (t) => {
  const { url, asked } = await pages(t);
  const { path, play } = machine(t, url);
  const looked = await play({}, '--check');
  assert.equal(looked.code, 0, looked.output);
  assert.equal(existsSync(path), false, 'check mode changed something');
  assert.equal((await play()).code, 0);
  assert.equal(readFileSync(path, 'utf8'), program(RELEASE));
  assert.equal(statSync(path).mode & 0o777, 0o755);
  assert.deepEqual(readdirSync(dirname(path)), ['k3s']);
  assert.ok(asked.includes('GET /v1-release/channels/stable'));
  asked.length = 0;
  ended(await play(), 0);
  assert.deepEqual(asked, [], 'a channel that moves on changes no machine that has a release');
});

test('what is not the file of its sum, or no release, is not installed, and what is there stays', {
  skip,
}, async (t) => {
  const { url, files } = await pages(t);
  const { path, play } = machine(t, url);
  refused(
    await play({ larder_k3s_channel: 'v0.1' }),
    /The channel v0\.1 does not say which release it offers: .* answers 404/,
  );
  writeFileSync(path, program('v1.33.6+k3s1'), { mode: 0o755 });
  refused(await play({ k3s_binary_version: RELEASE }), /n1\.local has v1\.33\.6\+k3s1, and v1\.34\.2\+k3s1 is wanted/);
  const upgrade = { k3s_binary_version: RELEASE, k3s_binary_replace: true };
  const sums = files.get(`sha256sum-${ARCH}.txt`) ?? '';
  files.set(PROGRAM, `${program(RELEASE)}# cut`);
  refused(await play(upgrade), /did not match|checksum/i);
  files.set(`sha256sum-${ARCH}.txt`, sums.replace(/^.* {2}k3s(-arm64)?\n/m, ''));
  refused(await play(upgrade), /The checksums of v1\.34\.2\+k3s1 do not name k3s/);
  // The sum is right, and it is another release.
  files.set(PROGRAM, program('v1.34.1+k3s1'));
  files.set(`sha256sum-${ARCH}.txt`, `${sum(program('v1.34.1+k3s1'))}  ${PROGRAM}\n`);
  refused(await play(upgrade), /says it is k3s version v1\.34\.1\+k3s1 .*and v1\.34\.2\+k3s1 was wanted/);
  assert.equal(readFileSync(path, 'utf8'), program('v1.33.6+k3s1'));
});

test('without a network the program and its images come from the folder of artifacts, as its lock has them', {
  skip,
}, async (t) => {
  const { url, asked } = await pages(t);
  const { folder, path, play } = machine(t, url);
  const images = `k3s-airgap-images-${ARCH}.tar.zst`;
  mkdirSync(join(folder, 'artifacts', RELEASE), { recursive: true });
  const put = (name: string, content: string): void => writeFileSync(join(folder, 'artifacts', RELEASE, name), content);
  put(PROGRAM, program(RELEASE));
  put(images, 'as zstd packs them');
  const lock = `${sum(program(RELEASE))}  ${RELEASE}/${PROGRAM}\n${sum('as zstd packs them')} *./${RELEASE}/${images}\n`;
  writeFileSync(join(folder, 'artifacts.lock'), lock);
  const local = {
    larder_artifacts_folder: 'artifacts',
    larder_artifacts_lock: 'artifacts.lock',
    k3s_binary_version: RELEASE,
  };
  assert.equal((await play(local)).code, 0);
  assert.equal(readFileSync(path, 'utf8'), program(RELEASE));
  assert.equal(readFileSync(join(folder, 'agent/images', images), 'utf8'), 'as zstd packs them');
  ended(await play(local), 0);
  put(images, 'something else');
  refused(await play(local), new RegExp(`artifacts/v1\\.34\\.2\\+k3s1/${images} is missing or not the file`));
  assert.equal(readFileSync(join(folder, 'agent/images', images), 'utf8'), 'as zstd packs them');
  assert.deepEqual(asked, [], 'nothing was asked of a network');
});
