import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { install, installAll } from './install.ts';
import { families, folderOf, pinnedVersion, toolNames, tools } from './tool.ts';

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

const version = pinnedVersion('kubernetes');

function cachedIn(home: string, name = 'kubectl', of = version): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return join(home, 'larder/tools', `${of}-${process.platform}-${architecture}`, name);
}

interface FakeGo {
  readonly env: NodeJS.ProcessEnv;
  /** Arguments of each build, a line each. */
  builds(): readonly string[];
}

/** A Go that makes programs which say `says`, in the order in which they were asked for. */
function fakeGo(home: string, says: string): FakeGo {
  const record = join(home, 'builds');
  const script = `#!/bin/sh
[ "$1" = version ] && exit 0
echo "$@" >> ${record}
while [ "$1" != -o ]; do shift; done
out=$2; shift 2
make() { printf '#!/bin/sh\\necho "%s"\\n' '${says}' > "$1"; chmod +x "$1"; }
[ $# = 1 ] && make "$out" && exit
for each in "$@"; do make "$out$(basename "$each")"; done
`;
  const go = join(home, 'bin/go');
  program(go);
  writeFileSync(go, script);
  return {
    env: { HOME: home, XDG_CACHE_HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` },
    builds: () => readFileSync(record, 'utf8').trimEnd().split('\n'),
  };
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
  const { env, builds } = fakeGo(home, `Client Version: ${version}`);
  const lines: string[] = [];
  const found = await install('kubectl', { env, say: (line) => void lines.push(line) });
  assert.deepEqual(found, { kind: 'ready', path: cachedIn(home), how: 'built' });
  assert.match(builds().join(''), new RegExp(`gitVersion=${version} `));
  assert.equal(lines.length, 2);
  assert.deepEqual(readdirSync(join(home, 'larder/tools')), [basename(dirname(cachedIn(home)))], 'no rests');
});

test('what interrupted builds left is removed, and what one beside this has made so far is not', async (t) => {
  const home = folder(t);
  const { env } = fakeGo(home, version);
  const NOBODY = 2 ** 22 + 1; // above the largest id that Linux gives
  const beside = `helm.${process.ppid}.part`;
  for (const name of [`tofu.${NOBODY}.part`, beside]) program(join(home, 'larder/tools', name, 'tool'));
  await install('kubectl', { env, say });
  const left = readdirSync(join(home, 'larder/tools')).sort();
  assert.deepEqual(left, [beside, basename(dirname(cachedIn(home)))].sort());
});

test('what is missing of a family is built at once, and what is there is not', async (t) => {
  const home = folder(t);
  program(cachedIn(home, 'kube-scheduler'));
  const { env, builds } = fakeGo(home, version);
  const names = ['kube-apiserver', 'kube-scheduler', 'kubectl'] as const;
  const found = await installAll(names, { env, say });
  assert.deepEqual(
    names.map((name) => found.get(name)),
    ['built', 'cached', 'built'].map((how, index) => ({
      kind: 'ready',
      path: cachedIn(home, names[index]),
      how,
    })),
  );
  assert.equal(builds().length, 1);
  assert.match(builds().join(''), /k8s\.io\/kubernetes\/cmd\/kube-apiserver k8s\.io\/kubernetes\/cmd\/kubectl$/);
});

test('a program that does not say its version when it is run is not taken for the tool', async (t) => {
  const home = folder(t);
  const { env } = fakeGo(home, 'v0.0.0-master');
  assert.deepEqual(await install('kubectl', { env, say }), {
    kind: 'unavailable',
    reason: `kubectl was built, but does not say "${version.slice(1)}" when it is run: v0.0.0-master`,
  });
  assert.equal(existsSync(cachedIn(home)), false);
});

test('who tried already is believed', async (t) => {
  const home = folder(t);
  const env = { HOME: home, LARDER_TEST_UNAVAILABLE: JSON.stringify({ helm: 'no network here' }) };
  assert.deepEqual(await install('helm', { env, say }), { kind: 'unavailable', reason: 'no network here' });
});

test('another minor does not come from the folder of ready binaries, but its own module, and the rest does', async (t) => {
  const home = folder(t);
  for (const name of ['kubectl', 'etcd']) program(join(home, 'assets', name));
  const made = join(home, 'larder/tools/kubernetes-1.20');
  mkdirSync(made, { recursive: true });
  writeFileSync(join(made, 'go.mod'), 'require (\n\tk8s.io/kubernetes v1.20.7 // indirect\n)\n');
  program(cachedIn(home, 'kubectl', 'v1.20.7'));
  const env = {
    HOME: home,
    XDG_CACHE_HOME: home,
    KUBEBUILDER_ASSETS: join(home, 'assets'),
    LARDER_TEST_KUBERNETES: '1.20',
  };
  const found = await installAll(['kubectl', 'etcd'], { env, say });
  assert.deepEqual(found.get('kubectl'), { kind: 'ready', path: cachedIn(home, 'kubectl', 'v1.20.7'), how: 'cached' });
  assert.deepEqual(found.get('etcd'), { kind: 'ready', path: join(home, 'assets/etcd'), how: 'assets' });
});

test('what is no minor is said to be none', async (t) => {
  const home = folder(t);
  const { env } = fakeGo(home, '');
  assert.deepEqual(await install('kubectl', { env: { ...env, LARDER_TEST_KUBERNETES: 'latest' }, say }), {
    kind: 'unavailable',
    reason: '"latest" is no minor of Kubernetes: write 1.N',
  });
});

test('every tool is one of its Go module, whose versions are pinned and name no machine', () => {
  for (const name of toolNames) {
    const { family, package: path } = tools[name];
    const module = readFileSync(join(folderOf(family), 'go.mod'), 'utf8');
    assert.match(module, new RegExp(`^(tool |module |\\t)${path}$`, 'm'), path);
    assert.match(pinnedVersion(family), /^v\d+\.\d+\.\d+$/);
    const texts = module + readFileSync(join(folderOf(family), 'go.sum'), 'utf8');
    assert.doesNotMatch(texts, /=> [./]|https?:|\/root\/|\/home\//);
  }
  assert.deepEqual(
    Object.keys(families).sort(),
    readdirSync(join(import.meta.dirname, 'go')).sort(),
    'a folder of go/ for each family',
  );
});
