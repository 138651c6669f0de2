/** `larder nomad` as a person runs it: what it prints, writes, keeps and refuses. */
import assert from 'node:assert/strict';
import { globSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { reportSchema } from '../../src/nomad/report/report.ts';
import { runLarder, temporaryFolder } from './larder.ts';

const web = `variable "tag" {
  default = "1.27"
}

job "web" {
  datacenters = ["dc1"]

  group "web" {
    network {
      mode = "bridge"
      port "http" { to = 8080 }
    }

    service {
      name = "web"
      port = "http"
    }

    task "web" {
      driver = "docker"

      config {
        image = "nginx:\${var.tag}"
        ports = ["http"]
      }

      env {
        API_URL     = "http://api.virtual.consul"
        DB_PASSWORD = "planted-credential"
      }
    }
  }
}
`;
const api = web.replaceAll('web', 'api').replace('http://api.virtual.consul', 'x');

interface Files {
  readonly folder: string;
  readonly jobs: string;
  readonly out: string;
  read(path: string): string;
}

function filesFor(t: TestContext, jobs: Readonly<Record<string, string>>): Files {
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-nomad-');
  for (const [path, text] of Object.entries(jobs)) {
    const file = join(folder, 'jobs', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const out = join(folder, 'out');
  return { folder, jobs: join(folder, 'jobs'), out, read: (path) => readFileSync(join(out, path), 'utf8') };
}

const two = { 'web/jobspec.nomad.hcl': web, 'api/jobspec.nomad.hcl': api };

function everything(folder: string): ReadonlyMap<string, string> {
  const paths = globSync(['**/*', '**/.*'], { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile());
  return new Map(paths.sort().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

test('a folder of jobs becomes modules and reports; a second run changes nothing, and the input is as it was', async (t) => {
  const { jobs, out, read } = filesFor(t, two);
  const before = everything(jobs);
  const first = await runLarder(['nomad', 'convert', jobs, '--out', out, '--yes']);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^2 modules, \d+ lines: \d+ direct, \d+ approximate, \d+ for a person, \d+ dropped\.\n/);
  const written = everything(out);
  for (const module of ['api', 'web']) {
    for (const name of [
      'main.tf',
      'variables.tf',
      'outputs.tf',
      'versions.tf',
      'MIGRATION.md',
      'manifests/deployment.yaml',
    ]) {
      assert.ok(written.has(`modules-k8s/${module}/${name}`), `${module}/${name}`);
    }
  }
  const report = reportSchema.parse(JSON.parse(read('migration-report.json')));
  assert.deepEqual(
    report.modules.map(({ name }) => name),
    ['api', 'web'],
  );
  assert.match(read('modules-k8s/web/MIGRATION.md'), /Stop the job on Nomad.*`nomad job stop web`/);
  const second = await runLarder(['nomad', 'convert', jobs, '--out', out, '--yes']);
  assert.match(second.stdout, /\n0 files changed in /);
  assert.deepEqual(everything(out), written);
  assert.deepEqual(everything(jobs), before);
});

test('what a job needs of another decides the order', async (t) => {
  const { jobs } = filesFor(t, two);
  const { code, stdout, stderr } = await runLarder(['nomad', 'assess', jobs, '-o', 'json']);
  assert.equal(code, 0, stderr);
  const { modules, order, verdict } = JSON.parse(stdout);
  assert.deepEqual(
    modules.map(({ name, calls }: { name: string; calls: string[] }) => [name, calls]),
    [
      ['api', []],
      ['web', ['api']],
    ],
  );
  assert.deepEqual(order, [['api'], ['web']]);
  assert.equal(verdict, 'decide');
  const table = await runLarder(['nomad', 'assess', jobs]);
  for (const line of table.stdout.split('\n')) assert.ok(line.length <= 80, line);
  assert.match((await runLarder(['nomad', 'assess', jobs, '-o', 'markdown'])).stdout, /^# Assessment\n/);
  assert.match((await runLarder(['nomad', 'assess', jobs, '-o', 'html'])).stdout, /Content-Security-Policy/);
});

test('a planted credential is in no output', async (t) => {
  const { jobs, out } = filesFor(t, two);
  const { stdout, stderr } = await runLarder(['nomad', 'convert', jobs, '--out', out, '--yes', '-o', 'json']);
  const outputs = new Map([...everything(out), ['stdout', stdout], ['stderr', stderr]]);
  const assessed = await runLarder(['nomad', 'assess', jobs, '-o', 'html']);
  outputs.set('assess', assessed.stdout + assessed.stderr);
  for (const [path, text] of outputs) assert.ok(!text.includes('planted-credential'), path);
});

test('an output among the jobs is refused by every name that it has, and nothing is written', async (t) => {
  const { folder, jobs } = filesFor(t, { ...two, 'web/main.tf': '# mine\n' });
  symlinkSync(jobs, join(folder, 'other'));
  const job = join(jobs, 'web/jobspec.nomad.hcl');
  const before = everything(folder);
  for (const [input, out, says] of [
    [jobs, jobs, /is the folder of the input/],
    [jobs, join(jobs, 'k8s/new'), /lies in the input/],
    [jobs, join(folder, 'other/k8s'), /lies in the input/],
    [join(folder, 'other'), jobs, /is the folder of the input/],
    [job, join(jobs, 'web'), /is the folder of the input/],
    [`${jobs}/../jobs`, jobs, /is the folder of the input/],
  ] as const) {
    for (const more of [[], ['--diff']]) {
      const { code, stderr } = await runLarder(['nomad', 'convert', input, '--out', out, '--yes', ...more]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
      assert.match(stderr, /never changed: name a folder[\s\S]*LARDER_NOMAD_INPUT/);
    }
  }
  assert.deepEqual(everything(folder), before);
});

test('jobs where modules would be written are refused, too', async (t) => {
  const { folder, jobs } = filesFor(t, {});
  const input = join(folder, 'modules-k8s/web');
  mkdirSync(input, { recursive: true });
  writeFileSync(join(input, 'web.nomad.hcl'), web);
  const { code, stderr } = await runLarder(['nomad', 'convert', input, '--out', dirname(jobs), '--yes']);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /where modules would be written[\s\S]*LARDER_NOMAD_INPUT/);
  assert.deepEqual([...everything(folder).keys()], ['modules-k8s/web/web.nomad.hcl']);
});

test('the output may be the folder around the jobs, or lie beside one job', async (t) => {
  const { folder, jobs } = filesFor(t, two);
  for (const [input, out] of [
    [jobs, folder],
    [join(jobs, 'web/jobspec.nomad.hcl'), join(jobs, 'web/k8s')],
  ] as const) {
    const { code, stderr } = await runLarder(['nomad', 'convert', input, '--out', out, '--yes']);
    assert.equal(code, 0, stderr);
  }
});

test('a misspelt verb names the one that is meant', async () => {
  const { code, stderr } = await runLarder(['nomad', 'conver', 'jobs']);
  assert.equal(code, 2);
  assert.match(stderr, /unknown command 'conver'\n\(Did you mean convert\?\)/);
});

test('an edited file is kept and told; --diff writes nothing', async (t) => {
  const { jobs, out, read } = filesFor(t, two);
  await runLarder(['nomad', 'convert', jobs, '--out', out, '--yes']);
  const manifest = 'modules-k8s/web/manifests/deployment.yaml';
  writeFileSync(join(out, manifest), '# edited\n');
  const before = everything(out);
  const diff = await runLarder(['nomad', 'convert', jobs, '--out', out, '--diff', '--var', 'tag=1.28']);
  assert.equal(diff.code, 0, diff.stderr);
  assert.match(diff.stdout, /\+ modules-k8s\/web\/manifests\/deployment\.yaml\.new/);
  assert.deepEqual(everything(out), before);
  const { stderr } = await runLarder(['nomad', 'convert', jobs, '--out', out, '--yes']);
  assert.match(stderr, /deployment\.yaml was not written by this tool, or was edited since: it stays/);
  assert.equal(read(manifest), '# edited\n');
  assert.match(read(`${manifest}.new`), /kind: Deployment/);
});

/** What is wrong, in which file, and what is said of it. */
const bad: Readonly<Record<string, readonly [jobs: Readonly<Record<string, string>>, says: RegExp]>> = {
  'no HCL': [
    { 'bad.nomad.hcl': 'job "bad" {\n  group = = 1\n}\n' },
    /bad\.nomad\.hcl:2:\d+: error: [\s\S]*LARDER_NOMAD_SYNTAX/,
  ],
  'a variable without a value': [
    { 'bad.nomad.hcl': 'variable "tag" {}\njob "bad" {\n  name = var.tag\n}\n' },
    /tag[\s\S]*--var[\s\S]*LARDER_NOMAD_VARIABLE/,
  ],
  'a file outside': [
    { 'bad.nomad.hcl': 'job "bad" {\n  name = file("../../secret")\n}\n' },
    /outside of[\s\S]*LARDER_NOMAD_FILE/,
  ],
  'two names that become one': [
    { 'a.nomad.hcl': web.replaceAll('web', 'My_App'), 'b.nomad.hcl': web.replaceAll('web', 'my-app') },
    /"My_App" in a\.nomad\.hcl and "my-app" in b\.nomad\.hcl both become the module my-app[\s\S]*LARDER_NOMAD_NAME/,
  ],
  'a CSI plugin': [
    {
      'csi.nomad.hcl': web.replace(
        'driver = "docker"',
        'driver = "docker"\n      csi_plugin {\n        id = "nfs"\n        type = "node"\n      }',
      ),
    },
    /is the CSI plugin nfs of Nomad; install that driver's own chart[\s\S]*LARDER_NOMAD_REFUSED/,
  ],
};

for (const [what, [jobs, says]] of Object.entries(bad)) {
  test(`${what}: said with its place, nothing of it is written, the others are`, async (t) => {
    const files = filesFor(t, { ...jobs, 'api/jobspec.nomad.hcl': api });
    const { code, stderr } = await runLarder(['nomad', 'convert', files.jobs, '--out', files.out, '--yes']);
    assert.equal(code, 1, stderr);
    assert.match(stderr, says);
    assert.deepEqual(globSync('modules-k8s/*', { cwd: files.out }), ['modules-k8s/api']);
    const assessed = await runLarder(['nomad', 'assess', files.jobs, '-o', 'json']);
    assert.equal(assessed.code, 1);
    assert.equal(JSON.parse(assessed.stdout).verdict, 'no-go');
  });
}

test('what cannot be understood is refused with exit code 2 before anything is written', async (t) => {
  const { folder, jobs, out } = filesFor(t, two);
  const policy = join(folder, 'policy.yaml');
  writeFileSync(policy, 'mesh: istio\nunheard: 1\n');
  const answers = join(folder, 'answers.yaml');
  writeFileSync(answers, 'nobody.asked: 1\n');
  for (const [args, says] of [
    [['--policy', policy], /mesh[\s\S]*unheard|unheard[\s\S]*mesh/],
    [['--answers', answers], /nobody\.asked: nothing asks this/],
    [['--var', 'tag'], /--var NAME=VALUE/],
  ] as const) {
    const { code, stderr } = await runLarder(['nomad', 'convert', jobs, '--out', out, '--yes', ...args]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  }
  assert.equal((await runLarder(['nomad', 'convert', join(folder, 'none'), '--out', out])).code, 2);
  assert.deepEqual(globSync('*', { cwd: out }), []);
});

test('a line is explained with what it became', async (t) => {
  const { jobs } = filesFor(t, two);
  const line = web.split('\n').findIndex((text) => text.includes('name = "web"')) + 1;
  const { code, stdout, stderr } = await runLarder(['nomad', 'explain', `${jobs}/web/jobspec.nomad.hcl:${line}`]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^job\.web\.group\.web\.service\.name\n {2}direct: /);
  assert.match(stdout, /modules-k8s\/web\/manifests\/service\.yaml:\d+: name: web/);
  assert.equal((await runLarder(['nomad', 'explain', `${jobs}/web/jobspec.nomad.hcl:4`])).code, 1);
});
