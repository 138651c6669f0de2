import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { install, tools } from './install.ts';

const say = (): void => undefined;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'larder-install-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function program(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
}

function cachedIn(home: string): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return join(home, 'larder/tools', `${tools.kubectl.version}-${process.platform}-${architecture}`, 'kubectl');
}

test('a ready binary in KUBEBUILDER_ASSETS is taken before anything else', async (t) => {
  const home = folder(t);
  program(join(home, 'assets/kubectl'));
  program(cachedIn(home));
  const env = { HOME: home, XDG_CACHE_HOME: home, KUBEBUILDER_ASSETS: join(home, 'assets') };
  const found = await install('kubectl', { env, say });
  assert.deepEqual(found, { kind: 'ready', path: join(home, 'assets/kubectl'), how: 'assets' });
});

test('what an earlier run provided is taken as it is', async (t) => {
  const home = folder(t);
  program(cachedIn(home));
  const found = await install('kubectl', { env: { HOME: home, XDG_CACHE_HOME: home }, say });
  assert.deepEqual(found, { kind: 'ready', path: cachedIn(home), how: 'cached' });
});

test('a build that fails says how, and leaves nothing that could be mistaken for the tool', async (t) => {
  const home = folder(t);
  const go = join(home, 'bin/go');
  program(go);
  writeFileSync(go, '#!/bin/sh\n[ "$1" = version ] && exit 0\necho no network here\nexit 7\n');
  const env = { HOME: home, XDG_CACHE_HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` };
  const found = await install('kubectl', { env, say });
  assert.deepEqual(found, {
    kind: 'unavailable',
    reason: 'go build k8s.io/kubernetes/cmd/kubectl ended with 7: no network here',
  });
  const again = await install('kubectl', { env, say });
  assert.equal(again.kind, 'unavailable');
});

test('a build is told the version and is kept under the name of version and platform', async (t) => {
  const home = folder(t);
  const go = join(home, 'bin/go');
  program(go);
  const record = join(home, 'args');
  writeFileSync(
    go,
    `#!/bin/sh\n[ "$1" = version ] && exit 0\necho "$@" > ${record}\nwhile [ "$1" != -o ]; do shift; done\necho '#!/bin/sh' > "$2"; chmod +x "$2"\n`,
  );
  const env = { HOME: home, XDG_CACHE_HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` };
  const lines: string[] = [];
  const found = await install('kubectl', { env, say: (line) => void lines.push(line) });
  assert.deepEqual(found, { kind: 'ready', path: cachedIn(home), how: 'built' });
  assert.match(readFileSync(record, 'utf8'), new RegExp(`gitVersion=${tools.kubectl.version} `));
  assert.equal(lines.length, 2);
});

test('every tool is one of the Go module, and neither it nor its sums name a machine', () => {
  const module = readFileSync(join(import.meta.dirname, 'go.mod'), 'utf8');
  for (const tool of Object.values(tools)) {
    assert.ok(module.includes(`tool ${tool.provide.package}\n`), tool.provide.package);
    assert.match(tool.version, /^v\d+\.\d+\.\d+$/);
  }
  const texts = module + readFileSync(join(import.meta.dirname, 'go.sum'), 'utf8');
  assert.doesNotMatch(texts, /=> [./]|https?:|\/root\/|\/home\//);
});
