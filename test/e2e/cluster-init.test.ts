/** The repository that `larder cluster init` writes, looked at without a tool of a cluster. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { run } from '../../src/cli/main.ts';
import { secrets } from '../tools/scan/secret.ts';
import { type Run, temporaryFolder } from './larder.ts';
import { ledgerSite } from './ledger-person.ts';
import { contentOf } from './tree.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/cluster/cluster.example.yaml');
const RUNBOOKS = [
  ...['bootstrap', 'ha-failover', 'rebuild', 'manual-apply', 'secrets-rotation'],
  ...['observability', 'upgrade', 'incident', 'quorum-loss'],
];

/** In this process: these tests are about files, and a process for each command would take most of their time. */
async function runLarder(args: readonly string[]): Promise<Run> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const [out, err] = [stdout, stderr].map((texts) => (text: string) => void texts.push(text));
  assert.ok(out && err);
  const env = { HOME: tmpdir(), PATH: process.env['PATH'] };
  const code = await run(args, { out, err, interactive: false, columns: 80, env });
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

async function init(place: string, ...words: readonly string[]) {
  return runLarder(['cluster', 'init', place, ...words]);
}

async function repositoryFor(t: TestContext, ...words: readonly string[]): Promise<string> {
  const place = join(
    temporaryFolder((remove) => t.after(remove), 'larder-init-'),
    'home-cluster',
  );
  const { code, stderr } = await init(place, ...words);
  assert.equal(code, 0, stderr);
  return place;
}

const filesOf = (place: string): readonly string[] =>
  readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(place, path)).isFile());

function ignoredOf(place: string, paths: readonly string[]): readonly string[] {
  const args = ['-C', place, 'check-ignore', '--no-index', '--stdin'];
  const { stdout, status } = spawnSync('git', args, { input: paths.join('\n'), encoding: 'utf8' });
  assert.ok(status === 0 || status === 1, 'git could not tell');
  return stdout.split('\n').filter((path) => path !== '');
}

test('everything that the requirement names is there', async (t) => {
  const place = await repositoryFor(t, '--from', EXAMPLE);
  const wanted = [
    ...['cluster.yaml', '.sops.yaml', '.gitignore', 'pyproject.toml', 'README.md', '.github/workflows/check.yaml'],
    ...['automation/ansible/ansible.cfg', 'automation/ansible/playbooks/base-os.yml', 'automation/images/README.md'],
    ...['base_os', 'k3s_server', 'k3s_agent', 'post_bootstrap'].map(
      (role) => `automation/ansible/roles/${role}/tasks/main.yml`,
    ),
    ...['namespaces', 'storage-class', 'network-policies'].map((name) => `cluster/base/${name}.yaml`),
    ...['prometheus', 'loki'].map((name) => `cluster/base/monitoring/${name}-values.yaml`),
    ...['cluster/images.yaml', 'cluster/policies/operators.yaml', 'cluster/apps/example/whoami.yaml'],
    ...RUNBOOKS.map((name) => `docs/runbooks/${name}.md`),
    ...['constitution', 'review-template', 'decisions/README'].map((name) => `docs/governance/${name}.md`),
    ...['docs/hardware.md', 'docs/network.md', 'tests/k8s-diff/run.sh', 'tests/automation/idempotence.sh'],
  ];
  assert.deepEqual(
    wanted.filter((path) => !existsSync(join(place, path))),
    [],
  );
  const scripts = filesOf(place).filter((path) => path.endsWith('.sh') || path.endsWith('inventory/larder'));
  assert.ok(scripts.length >= 7);
  assert.deepEqual(
    scripts.filter((path) => (statSync(join(place, path)).mode & 0o111) === 0),
    [],
  );
});

test('no word of the templates is left, no secret and nothing of this machine is in it', async (t) => {
  const place = await repositoryFor(t, '--nodes', 'a.lan=192.0.2.1', 'b.lan=192.0.2.2=worker', '--name', 'attic');
  const patterns = [...secrets.map(({ pattern }) => pattern), /@[A-Z][A-Z_]+@/, new RegExp(ROOT)];
  const found = filesOf(place).flatMap((path) => {
    const text = readFileSync(join(place, path), 'utf8');
    return patterns.filter((pattern) => pattern.test(text)).map((pattern) => `${path}: ${pattern}`);
  });
  assert.deepEqual(found, []);
  assert.match(readFileSync(join(place, 'README.md'), 'utf8'), /^# attic$/m);
  assert.match(readFileSync(join(place, 'docs/runbooks/rebuild.md'), 'utf8'), /larder cluster rebuild b\.lan/);
});

test('every link leads to something', async (t) => {
  const place = await repositoryFor(t);
  const links = filesOf(place)
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...readFileSync(join(place, path), 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => ({
        path,
        to,
      })),
    );
  assert.ok(links.length >= 50, `${links.length} links`);
  assert.deepEqual(
    links.filter(({ path, to }) => !existsSync(join(place, dirname(path), to))),
    [],
  );
});

test('git takes evidence and encrypted secrets, and leaves keys and journals alone', async (t) => {
  const place = await repositoryFor(t);
  execFileSync('git', ['init', '-q', place]);
  const reviews = 'docs/governance/reviews/2026-03-01-web';
  const wanted = [
    `${reviews}/1-change.diff`,
    `${reviews}/2-run.log`,
    `${reviews}/3.log.gz`,
    'docs/governance/ledger/2026/03/000001-x.json',
  ];
  const taken = [...wanted, 'secrets/k3s.sops.yaml', 'secrets/ssh-ca.sops.yaml', ...filesOf(place)].filter(
    (path) => !path.startsWith('.git/'),
  );
  const left = [
    '.larder/runs/1.jsonl',
    'age.key',
    'secrets/age.key',
    'kubeconfig',
    'automation/images/out/user-data',
    '.venv/bin/x',
  ];
  assert.deepEqual(ignoredOf(place, taken), []);
  assert.deepEqual(ignoredOf(place, left), left);
});

test('what is there is never overwritten, and a second time adds nothing', async (t) => {
  const place = await repositoryFor(t, '--from', EXAMPLE);
  const before = contentOf(place);
  const again = await init(place, '--from', EXAMPLE);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /is not empty.*--merge.*LARDER_INIT_NOT_EMPTY/s);
  const merged = await init(place, '--merge');
  assert.equal(merged.code, 0, merged.stderr);
  assert.match(merged.stdout, /: 0 files written, \d+ were there and stay/);
  assert.deepEqual(contentOf(place), before);

  const other = await init(place, '--merge', '--nodes', 'a=192.0.2.1');
  assert.equal(other.code, 2);
  assert.match(other.stderr, /cluster\.yaml is there and says what the cluster is/);
  assert.deepEqual(contentOf(place), before);

  rmSync(join(place, 'docs/hardware.md'));
  writeFileSync(join(place, 'docs/network.md'), 'mine\n');
  assert.match((await init(place, '--merge')).stdout, /: 1 files written/);
  assert.equal(readFileSync(join(place, 'docs/network.md'), 'utf8'), 'mine\n');
  assert.ok(existsSync(join(place, 'docs/hardware.md')));
});

test('a cluster that is not sound is told line by line, and nothing is written', async (t) => {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-init-');
  const place = join(home, 'new');
  const { code, stderr } = await init(place, '--nodes', 'a=192.0.2.1=server', 'b=192.0.2.1=server');
  assert.equal(code, 1);
  assert.match(stderr, /odd-servers/);
  assert.match(stderr, /unique-addresses/);
  assert.deepEqual(readdirSync(home), []);
  const dry = await init(place, '--dry-run');
  assert.equal(dry.code, 0);
  assert.match(dry.stdout, /^docs\/runbooks\/rebuild\.md$/m);
  assert.deepEqual(readdirSync(home), []);
});

test('what is made from cluster.yaml is made again, and somebody’s own file is not replaced', async (t) => {
  const place = await repositoryFor(t, '--from', EXAMPLE);
  const file = join(place, 'cluster.yaml');
  const render = (...words: readonly string[]) => runLarder(['cluster', 'render', '--file', file, ...words]);
  assert.equal((await render('--check')).code, 0);
  writeFileSync(file, readFileSync(file, 'utf8').replace('192.168.1.14', '192.168.1.15'));
  const stale = await render('--check');
  assert.equal(stale.code, 1);
  assert.match(stale.stdout, /generated\/scrape\.yaml: stale/);
  assert.equal((await render()).code, 0);
  assert.match(
    readFileSync(join(place, 'cluster/base/monitoring/generated/scrape.yaml'), 'utf8'),
    /192\.168\.1\.15:9100/,
  );
  assert.equal((await render('--check')).code, 0);

  writeFileSync(join(place, 'automation/dns/hosts'), '127.0.0.1 mine\n');
  const own = await render();
  assert.equal(own.code, 2);
  assert.match(own.stderr, /automation\/dns\/hosts .*LARDER_RENDER_OWN/);
  assert.equal(readFileSync(join(place, 'automation/dns/hosts'), 'utf8'), '127.0.0.1 mine\n');
});

test('what is made again is recorded in the ledger of the repository, without a flag; who cannot write there writes nothing', async (t) => {
  const site = await ledgerSite(t);
  const signer = await site.person('ana');
  await site.ledger(['init', '--operator', 'ana'], signer);
  const [file, rules] = [join(site.root, 'cluster.yaml'), 'cluster/base/monitoring/generated/rules.yaml'];
  writeFileSync(file, readFileSync(EXAMPLE));
  const before = site.records().length;
  const refused = await site.larder(['cluster', 'render', '-f', file], undefined, { LARDER_LEDGER: '' });
  assert.equal(refused.code, 3, refused.stderr);
  assert.match(refused.stderr, /LARDER_LEDGER_NO_KEY/);
  assert.equal(existsSync(join(site.root, rules)), false);
  const key = ['--ledger-key', signer.key];
  const made = await site.larder(['cluster', 'render', '-f', file, ...key], undefined, { LARDER_LEDGER: '' });
  assert.equal(made.code, 0, made.stderr);
  assert.ok(existsSync(join(site.root, rules)));
  const record = readFileSync(join(site.root, site.records()[before] ?? ''), 'utf8');
  assert.ok(record.includes(rules), record);
});

test('a new repository is sound: it validates, and its example is the one of the documentation', async (t) => {
  const place = await repositoryFor(t);
  const file = join(place, 'cluster.yaml');
  const { code, stderr } = await runLarder(['cluster', 'validate', file]);
  assert.deepEqual(
    await runLarder(['cluster', 'validate', '--file', file]),
    await runLarder(['cluster', 'validate', file]),
  );
  const both = await runLarder(['cluster', 'validate', file, '--file', 'another.yaml']);
  assert.deepEqual([both.code, /name one file/.test(both.stderr)], [2, true]);
  assert.equal(code, 0, stderr);
  assert.equal(readFileSync(join(place, 'cluster.yaml'), 'utf8'), readFileSync(EXAMPLE, 'utf8'));
  const inventory = execFileSync(join(place, 'automation/ansible/inventory/larder'), ['--list'], {
    cwd: join(place, 'automation/ansible'),
    env: { ...process.env, LARDER: join(ROOT, 'bin/larder') },
    encoding: 'utf8',
  });
  assert.match(inventory, /pi-cluster-4\.local/);
});
