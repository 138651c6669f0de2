/** What `larder nomad` tells where something is left to a person: links, misspelt blocks, a root of their own, passwords of registries. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inputFiles } from '../../src/cli/nomad/input-files.ts';
import { runLarder, temporaryFolder } from './larder.ts';

const job = (name: string, group = 'group', config = ''): string => `job "${name}" {
  ${group} "main" {
    task "main" {
      driver = "docker"
      config {
        image = "example.org/${name}:1"
        ${config}
      }
    }
  }
}
`;

function folders(t: TestContext): { readonly jobs: string; readonly aside: string; readonly out: string } {
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-words-');
  const [jobs = '', aside = ''] = ['jobs', 'aside'].map((name) => join(folder, name));
  for (const each of [jobs, aside]) mkdirSync(each);
  return { jobs, aside, out: join(folder, 'out') };
}

test('a link inside is read once, one that leads out or to nothing is told by name', (t) => {
  const { jobs, aside } = folders(t);
  writeFileSync(join(jobs, 'web.nomad.hcl'), job('web'));
  writeFileSync(join(jobs, 'api.txt'), job('api'));
  writeFileSync(join(aside, 'far.nomad.hcl'), job('far'));
  const links = [
    ['again.nomad.hcl', 'web.nomad.hcl'],
    ['api.nomad.hcl', 'api.txt'],
    ['far.nomad.hcl', '../aside/far.nomad.hcl'],
    ['folder', '../aside'],
    ['nothing.nomad.hcl', 'gone'],
  ] as const;
  for (const [name, target] of links) symlinkSync(target, join(jobs, name));
  const { paths, warnings } = inputFiles([jobs]);
  assert.deepEqual(paths, ['api.nomad.hcl', 'web.nomad.hcl']);
  assert.deepEqual(
    warnings.map((each) => each.split(' ')[0]),
    ['far.nomad.hcl', 'folder', 'nothing.nomad.hcl'],
  );
});

test('a job whose group is misspelt is an error, at a place that opens from here', async (t) => {
  const { jobs, out } = folders(t);
  const file = join(jobs, 'web.nomad.hcl');
  writeFileSync(file, job('web', 'gruop'));
  const run = await runLarder(['nomad', 'convert', jobs, '--out', out, '--yes']);
  assert.equal(run.code, 1);
  assert.match(run.stderr, /job web has no task/);
  const [, shown = ''] = /^(\S+):1:1: error/m.exec(run.stderr) ?? [];
  assert.equal(shown, relative('.', file));
});

test('a kubernetes.tf of somebody stays, the blocks it lacks are shown, and with them all is well', async (t) => {
  const { jobs, out } = folders(t);
  writeFileSync(join(jobs, 'web.nomad.hcl'), job('web'));
  mkdirSync(out);
  const root = join(out, 'kubernetes.tf');
  writeFileSync(root, '# mine\n');
  const words = ['nomad', 'convert', jobs, '--out', out, '--yes'];
  const first = await runLarder(words);
  assert.equal(first.code, 1, first.stderr);
  const [block = ''] = /module "web" \{\n.*\n\}\n/.exec(first.stderr) ?? [];
  assert.match(block, /modules-k8s\/web/);
  assert.equal(readFileSync(root, 'utf8'), '# mine\n');
  writeFileSync(root, `# mine\n${block}`);
  const second = await runLarder(words);
  assert.equal(second.code, 0, second.stderr);
});

test('the report says which folder its names are relative to, and shows no password of a registry', async (t) => {
  const { jobs, out } = folders(t);
  const login = 'auth {\n username = "puller"\n password = var.word\n }';
  const word = ['sesame', 'opens'].join('-');
  writeFileSync(
    join(jobs, 'web.nomad.hcl'),
    `variable "word" {\n default = "${word}"\n}\n${job('web', 'group', login)}`,
  );
  const run = await runLarder(['nomad', 'convert', jobs, '--out', out, '--yes']);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout, /^1 module, /);
  assert.match(readFileSync(join(out, 'migration-report.md'), 'utf8'), /relative to `\.\.\/jobs`/);
  assert.doesNotMatch(readFileSync(join(out, 'migration-report.html'), 'utf8'), new RegExp(word));
});
