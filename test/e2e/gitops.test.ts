/** `larder gitops`: manifests follow what the claims have grown to, and nothing else in them changes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { applyClaim, bound, clientOf } from './claims.ts';
import { eventually, runLarder, startLarder, temporaryFolder } from './larder.ts';

test('a manifest gets the size of its claim, character by character', async (t) => {
  const folder = temporaryFolder((remove) => t.after(remove));
  const larder = await startLarder(join(folder, 'data'));
  t.after(() => larder.kill('SIGKILL'));
  const client = await clientOf(larder);
  const run = (line: string) => runLarder(line.split(' '), { KUBECONFIG: larder.kubeconfig });
  const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/gitops.md'), 'utf8');
  const blocks = [...guide.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text ?? '');
  const [before = '', after = '', argo = ''] = blocks;
  const manifests = join(folder, 'manifests');
  mkdirSync(join(manifests, 'deep'), { recursive: true });
  const file = join(manifests, 'deep', 'db.yaml');
  writeFileSync(file, before);
  writeFileSync(join(manifests, 'chart.yaml'), 'kind: PersistentVolumeClaim\nname: {{ .Values.name }}\n');

  const annotations = { 'pvc-chonker.io/enabled': 'true', 'pvc-chonker.io/max-size': '5Gi' };
  await applyClaim(client, { name: 'mydata', size: '1Gi', storageClass: 'larder', annotations });
  await bound(client, 'default', 'mydata');
  const even = await run(`gitops ${manifests}`);
  assert.equal(even.code, 0, even.stderr);
  assert.match(even.stderr, /chart\.yaml is a template of another tool.*\nNo claim has outgrown what 2 files say\.\n$/);

  const elsewhere = await run(`gitops ${manifests} -n shop`);
  assert.equal(elsewhere.code, 0, elsewhere.stderr);
  assert.match(
    elsewhere.stderr,
    /^1 size is of a claim that the cluster does not have: shop\/mydata \(.*deep\/db\.yaml:12\)\nNo claim has/m,
  );
  const nothing = await run(`gitops ${join(folder, 'data', 'export')}`);
  assert.equal(nothing.code, 2);
  assert.match(nothing.stderr, /^larder: there is no \.yaml, \.yml or \.json file in .*export: name the files/);

  await eventually('the growth', async () => {
    const { stdout } = await run('grow pvc/mydata --to 2Gi --yes');
    return stdout.includes('2Gi') || undefined;
  });
  const found = await eventually('a size to write', async () => {
    const answer = await run(`gitops ${manifests}`);
    return answer.code === 1 ? answer : undefined;
  });
  assert.match(found.stdout, /db\.yaml:12 +default\/mydata +1Gi +2Gi\n$/);
  assert.match(found.stderr, /1 size would be written with --write/);
  assert.equal(readFileSync(file, 'utf8'), before, 'nothing was written unasked');
  assert.match(
    (await run(`gitops ${manifests} -o patch`)).stderr,
    /db\.yaml is not below .*Name the files of one repo/,
  );
  assert.match((await run(`gitops ${manifests} -o patch --write`)).stderr, /take one of them/);
  const git = (args: readonly string[], input = '') => execFileSync('git', args, { cwd: folder, input });
  git(['init', '-q']);
  const patch = await run(`gitops ${manifests} -o patch`);
  assert.equal(patch.code, 1);
  assert.match(patch.stdout, /^- {6}storage: "1Gi" # grows\n\+ {6}storage: "2Gi" # grows$/m);
  assert.match(patch.stderr, /1 size would be written by `git apply` in /);
  git(['apply'], patch.stdout);
  assert.equal(readFileSync(file, 'utf8'), after, 'git apply writes what --write does');
  writeFileSync(file, before);
  const written = await run(`gitops ${manifests} --write`);
  assert.equal(written.code, 0, written.stderr);
  assert.equal(readFileSync(file, 'utf8'), after);
  assert.equal((await run(`gitops ${manifests}`)).code, 0);

  assert.deepEqual(parse((await run('gitops --argocd')).stdout), parse(argo));
  assert.match((await run('gitops /nowhere')).stderr, /\/nowhere cannot be read/);
  assert.match((await run('gitops')).stderr, /name the files or folders/);
});
