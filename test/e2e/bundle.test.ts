/** The very files that the image runs, in a folder with nothing else, do what the checkout does. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { bundle } from '../../deploy/docker/bundle.ts';
import { sbom } from '../../deploy/docker/sbom.ts';
import { kinds } from '../../src/kube/index.ts';
import { version } from '../../src/operator/version.ts';
import { cloudFor } from '../../src/providers/lookup/cloud.fixture.ts';
import { applyClaim, bound, clientOf } from './claims.ts';
import { type Program, runLarder, startProgram, temporaryFolder } from './larder.ts';

const PROVISIONER = 'example.com/dirs';

test('the bundle runs every kind of command from a folder outside the checkout, and provisions with its own export process', async (t) => {
  const { program, folder } = await bundled(t);
  assert.equal((await runLarder(['--version'], {}, program)).stdout, `${version}\n`);
  const help = await runLarder(['--help'], {}, program);
  assert.equal(help.stdout, (await runLarder(['--help'])).stdout);

  const data = temporaryFolder((remove) => t.after(remove));
  const ports = ['--port', '0', '--console-port', '0'];
  const up = await startProgram(program, ['up', '--data', data, ...ports, '--ledger', data]);
  t.after(() => up.kill('SIGKILL'));
  const kubeconfig = up.after('export KUBECONFIG=');
  const page = await fetch(new URL(up.console), { headers: { accept: 'text/html' }, redirect: 'manual' });
  assert.deepEqual([page.status, page.headers.get('location')], [303, '/']);
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
  const html = await (await fetch(new URL('/', up.console), { headers: { cookie } })).text();
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
  const asset = await fetch(new URL(script, up.console), { headers: { cookie } });
  assert.deepEqual([asset.status, asset.headers.get('cache-control')], [200, 'private, max-age=31536000, immutable']);
  const job = 'job "web" {\n  group "web" {\n    task "web" {\n      driver = "raw_exec"\n    }\n  }\n}\n';
  const moved = await fetch(new URL('/api/nomad/convert', up.console), {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ files: [{ path: 'web.nomad.hcl', text: job }], check: true }),
  });
  assert.equal(moved.status, 200, 'a conversion has a process of its own, which finds its code and its grammar');
  const ledger = await fetch(new URL('/api/ledger', up.console), { headers: { cookie } });
  assert.match(await ledger.text(), /LARDER_LEDGER_NOT_FOUND/, 'a ledger is read by a thread, which finds its code');
  const doctor = await runLarder(['doctor'], { KUBECONFIG: kubeconfig }, program);
  assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);

  const client = await clientOf({ kubeconfig });
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'other' },
    provisioner: PROVISIONER,
    parameters: { pathPattern: 'x-${.PVC.name}' },
  });
  const exported = temporaryFolder((remove) => t.after(remove));
  const operator = await startProgram(program, [
    ...['operator', '--port', '0', '--kubeconfig', kubeconfig, '--export', `nas:/v=${exported}`, '--allow-local'],
    ...['--provisioner-name', PROVISIONER, '--leader-election', 'false'],
  ]);
  t.after(() => operator.kill('SIGKILL'));
  await applyClaim(client, { name: 'mine', storageClass: 'other', size: '1Mi' });
  const { volume } = await bound(client, 'default', 'mine');
  assert.equal(volume.spec.nfs?.path, '/v/x-mine');
  assert.equal(statSync(join(exported, 'x-mine')).mode & 0o777, 0o777);
  t.diagnostic(`up: ${up.lines.at(-1)}; operator: ${operator.lines.at(-1)}; resident: ${residentOf(operator.pid)}`);
  assert.ok(!existsSync(join(folder, 'node_modules')), 'nothing is written beside the bundle');
});

test('every package in the bundle, the console among it, is in the bill of materials', async (t) => {
  const { folder } = await bundled(t);
  const texts = readFileSync(join(folder, 'LICENSES.txt'), 'utf8')
    .split(`\n\n${'-'.repeat(80)}\n\n`)
    .slice(1);
  const inside = texts.map((text) => text.split('\n', 1)[0] ?? '');
  const listed = new Set(sbom().components.map((each) => `${each.name} ${each.version}`));
  assert.ok(
    inside.some((name) => name.startsWith('react-dom ')),
    'the console is not in the bundle',
  );
  assert.deepEqual(
    inside.filter((name) => !listed.has(name)),
    [],
  );
});

test('what the bundle loads later has the names that are taken from it, also from packages in CommonJS', async (t) => {
  const { folder } = await bundled(t);
  const wanted = { undici: ['Agent', 'request'], x509: ['X509CertificateGenerator'], 'client-node': ['KubeConfig'] };
  for (const [prefix, names] of Object.entries(wanted)) {
    const piece = pieceOf(folder, prefix);
    const loaded = await import(join(folder, piece));
    for (const name of names) assert.equal(typeof loaded[name], 'function', `${name} of ${piece}`);
  }
});

test('a disk is looked up in the cloud from the bundle, with packages that load others', async (t) => {
  const { folder } = await bundled(t);
  const reply = (path: string): object =>
    path.includes('/token') ? { access_token: 'x', expires_in: 3600 } : { type: 'x/pd-ssd', sizeGb: '10' };
  const google = await cloudFor(t, ({ path }) => ({
    headers: { 'metadata-flavor': 'Google', 'content-type': 'application/json' },
    body: JSON.stringify(reply(path)),
  }));
  const script = `
    const { gcpVolumes } = await import(${JSON.stringify(join(folder, pieceOf(folder, 'gcp-')))});
    const clock = { now: Date.now, monotonic: () => performance.now(), after: (ms, fire) => {
      const timer = setTimeout(fire, ms);
      return { cancel: () => clearTimeout(timer) };
    } };
    const world = { clock, env: {}, fetch, timeoutMs: 20_000 };
    const ask = gcpVolumes(world, { computeEndpoint: ${JSON.stringify(google.url)} });
    const found = await ask(['projects/p/zones/z/disks/d'], new AbortController().signal);
    console.log([...found.values()].map(({ type }) => type).join());
  `;
  const child = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { GCE_METADATA_HOST: google.url.replace('http://', ''), METADATA_SERVER_DETECTION: 'assume-present' },
  });
  assert.equal(child.stdout, 'pd-ssd\n');
  assert.equal(google.asked.at(-1)?.headers.authorization, 'Bearer x');
});

test('the bundle brings along what a repository of a cluster is made from', async (t) => {
  const { program } = await bundled(t);
  const home = temporaryFolder((remove) => t.after(remove), 'larder-bundle-');
  const [here, there] = [join(home, 'checkout'), join(home, 'bundle')];
  assert.equal((await runLarder(['cluster', 'init', here])).code, 0);
  const made = await runLarder(['cluster', 'init', there], {}, program);
  assert.equal(made.code, 0, made.stderr);
  const files = (folder: string): readonly string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  assert.deepEqual(files(there), files(here));
  assert.ok(statSync(join(there, 'automation/ansible/inventory/larder')).mode & 0o100);
});

test('a folder that holds something else is left alone', async (t) => {
  const folder = temporaryFolder((remove) => t.after(remove));
  writeFileSync(join(folder, 'letter'), 'dear');
  await assert.rejects(bundle(folder), /holds something else than a bundle/);
  assert.deepEqual(readdirSync(folder), ['letter']);
});

test('the bundle passes on the licence of every package that is in it', async (t) => {
  const { folder } = await bundled(t);
  const text = readFileSync(join(folder, 'LICENSES.txt'), 'utf8');
  const production = [
    'undici',
    'fastify',
    'zod',
    'yaml',
    'pino',
    'prom-client',
    'commander',
    '@kubernetes/client-node',
  ];
  for (const name of production) assert.match(text, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\\S*$`, 'm'));
});

test('what a command compiled is kept for the user, and zod speaks one language', async (t) => {
  const { folder, program } = await bundled(t);
  const home = temporaryFolder((remove) => t.after(remove));
  const compiled = join(home, '.cache/larder/compiled');
  const env = { HOME: home, XDG_CACHE_HOME: '', NODE_COMPILE_CACHE: undefined };
  assert.equal((await runLarder(['operator', '--help'], env, program)).code, 0);
  assert.ok(!existsSync(compiled), 'what runs for long keeps nothing');
  assert.equal((await runLarder(['version'], env, program)).code, 0);
  assert.ok(readdirSync(compiled).length > 0);
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  assert.ok(
    texts.some((text) => text.includes('Invalid input')),
    'zod is in the bundle',
  );
  assert.ok(
    texts.every((text) => !text.includes('\\u7121\\u52B9\\u306A\\u5165\\u529B')),
    'and so is its Japanese',
  );
});

test('a conversion loads packages apart when it needs them, and does with them what the checkout does', async (t) => {
  const { folder, program } = await bundled(t);
  const home = temporaryFolder((remove) => t.after(remove));
  const [job, policy, wrong] = [join(home, 'web.nomad.hcl'), join(home, 'policy.yaml'), join(home, 'wrong.yaml')];
  const value = `\${yamldecode("a: [one, two]").a[1]}`;
  const env = `env {\n        WORD = "${value}"\n      }`;
  const config = 'config { image = "example.org/web:1" }';
  const task = `task "web" {\n      driver = "docker"\n      ${config}\n      ${env}\n    }`;
  writeFileSync(job, `job "web" {\n  group "web" {\n    ${task}\n  }\n}\n`);
  writeFileSync(policy, 'namespace: elsewhere\n');
  writeFileSync(wrong, 'mesh: silk\n');
  const convert = ['nomad', 'convert', job, '--yes', '-o', 'yaml', '--policy'];
  const own = { HOME: home, XDG_CACHE_HOME: '', NODE_COMPILE_CACHE: undefined };
  for (const file of [policy, wrong]) {
    const here = await runLarder([...convert, file, '--out', join(home, 'here')]);
    const there = await runLarder([...convert, file, '--out', join(home, 'there')], own, program);
    assert.deepEqual({ ...there, stdout: there.stdout.replaceAll('/there', '/here') }, here);
    if (file === wrong) assert.match(there.stderr, /LARDER_NOMAD_POLICY/);
  }
  const text = readFileSync(join(home, 'there/modules-k8s/web/manifests/deployment.yaml'), 'utf8');
  assert.match(text, /namespace: elsewhere[\s\S]*value: two/);
  const script = readFileSync(join(folder, readdirSync(folder).find((name) => /^convert-.*[^m]js$/.test(name)) ?? ''));
  assert.ok(!script.includes('Invalid input'), 'zod is not in the script');
  assert.ok(
    script.every((byte) => byte < 0x80),
    'the script is read as ASCII',
  );
});

test('what a conversion compiled is kept whole, and used again only as it was written', async (t) => {
  const { folder, program } = await bundled(t);
  const home = temporaryFolder((remove) => t.after(remove));
  const compiled = join(home, '.cache/larder/compiled');
  const env = { HOME: home, XDG_CACHE_HOME: '', NODE_COMPILE_CACHE: undefined };
  const job = join(home, 'web.nomad.hcl');
  writeFileSync(job, 'job "web" {\n  group "web" {\n    task "web" {\n      driver = "docker"\n    }\n  }\n}\n');
  const convert = ['nomad', 'convert', job, '--yes', '--out'];
  const keptNow = (): readonly string[] => (existsSync(compiled) ? readdirSync(compiled) : []);

  const help = ['nomad', 'convert', '--help'];
  assert.equal((await runLarder(help, env, program)).code, 0);
  assert.equal((await runLarder([...convert, join(home, 'a'), '--nonsense'], env, program)).code, 2);
  const none = { ...env, NODE_DISABLE_COMPILE_CACHE: '1' };
  const plain = await runLarder([...convert, join(home, 'a')], none, program);
  assert.deepEqual(keptNow(), [], 'help, a mistake, or a user who wants none kept');

  const script = readdirSync(folder).find((name) => /^convert-.*[^m]js$/.test(name));
  const kept = join(compiled, `${script}-${process.version}-${process.arch}`);
  for (const [out, before] of [['b'], ['c'], ['d', 'spoilt']] as const) {
    if (before !== undefined) {
      const bytes = readFileSync(kept);
      bytes.fill(0, bytes.length / 2);
      writeFileSync(kept, bytes);
    }
    const made = await runLarder([...convert, join(home, out)], env, program);
    assert.deepEqual({ ...made, stdout: made.stdout.replaceAll(`/${out}`, '/a') }, plain, `${out} ${before ?? ''}`);
    assert.deepEqual(keptNow(), [basename(kept)]);
    for (const name of readdirSync(join(home, 'a'), { recursive: true, encoding: 'utf8' }))
      if (statSync(join(home, 'a', name)).isFile())
        assert.equal(readFileSync(join(home, out, name), 'utf8'), readFileSync(join(home, 'a', name), 'utf8'), name);
  }
  const written = readFileSync(kept);
  const hash = createHash('sha256').update(written.subarray(32)).digest();
  assert.ok(hash.equals(written.subarray(0, 32)), 'what was spoilt is replaced');
  const inode = statSync(kept).ino;
  assert.equal((await runLarder([...convert, join(home, 'e')], env, program)).code, plain.code);
  assert.equal(statSync(kept).ino, inode, 'what is good is used, and not written again');

  const checkout = await runLarder([...convert, join(home, 'f')]);
  assert.deepEqual({ ...checkout, stdout: checkout.stdout.replaceAll('/f', '/a') }, plain);
  assert.equal((await runLarder(help)).stdout, (await runLarder(help, env, program)).stdout);
});

function pieceOf(folder: string, prefix: string): string {
  return readdirSync(folder).find((name) => name.startsWith(prefix)) ?? '';
}

interface Bundled {
  readonly program: Program;
  readonly folder: string;
}

let made: Promise<string> | undefined;

/** A copy of its own for each test. */
async function bundled(t: TestContext): Promise<Bundled> {
  made ??= make(t);
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-bundle-');
  cpSync(await made, folder, { recursive: true });
  return { folder, program: { command: process.execPath, args: [join(folder, 'larder.mjs')] } };
}

async function make(t: TestContext): Promise<string> {
  const folder = temporaryFolder((remove) => process.once('exit', remove), 'larder-bundle-');
  const { bytes } = await bundle(folder);
  const sizes = Object.values(bytes);
  t.diagnostic(`${sizes.length} files, ${(sizes.reduce((sum, size) => sum + size, 0) / 1e6).toFixed(1)} MB`);
  return folder;
}

function residentOf(pid: number): string {
  return /^VmRSS:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 'unknown';
}
