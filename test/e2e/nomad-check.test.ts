/** `larder nomad check` as somebody runs it, on a tree that was converted and then edited. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { corpus } from '../nomad/converted.ts';
import { runLarder, temporaryFolder } from './larder.ts';

const job = join(corpus, 'volume-csi');

test('a converted tree passes, an edited one does not, and the line is named', async (t) => {
  const out = temporaryFolder((remove) => t.after(remove));
  const converted = await runLarder(['nomad', 'convert', job, '--out', out, '--yes']);
  assert.equal(converted.code, 0, converted.stderr);
  const clean = await runLarder(['nomad', 'check', out, '--in', job]);
  assert.equal(clean.code, 0, clean.stdout);
  assert.match(clean.stderr, /0 errors/);

  const [file = ''] = globSync('modules-k8s/*/manifests/{deployment,statefulset}*.yaml', { cwd: out });
  const text = readFileSync(join(out, file), 'utf8');
  const image = /image: (\S+)/.exec(text)?.[1] ?? '';
  writeFileSync(join(out, file), text.replace(`image: ${image}`, 'image: example.org/other:9'));
  const edited = await runLarder(['nomad', 'check', out, '--in', job, '-o', 'json']);
  assert.equal(edited.code, 1);
  const found: { check: string; file: string; line: number; message: string; todo: string }[] = JSON.parse(
    edited.stdout,
  );
  const mine = found.find(({ check }) => check === 'C1');
  assert.equal(mine?.file, file);
  assert.equal(mine?.line, text.slice(0, text.indexOf('image:')).split('\n').length);
  assert.match(mine?.message ?? '', /example\.org\/other:9/);
  assert.match(mine?.todo ?? '', /Give one container the image/);
});

test('without the jobs, what needs them is skipped by name', async (t) => {
  const out = temporaryFolder((remove) => t.after(remove));
  await runLarder(['nomad', 'convert', job, '--out', out, '--yes']);
  const run = await runLarder(['nomad', 'check', out]);
  assert.equal(run.code, 0, run.stdout);
  assert.match(run.stdout, /skipped C1 jobs\n {2}the jobs were not given/);
});

test('a folder that holds no modules is refused', async (t) => {
  const out = temporaryFolder((remove) => t.after(remove));
  const run = await runLarder(['nomad', 'check', out]);
  assert.equal(run.code, 2);
  assert.match(run.stderr, /holds no modules/);
});
