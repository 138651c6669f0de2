/** `larder simulate`, typed by a person. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { runLarder, temporaryFolder } from './larder.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = resolve(ROOT, 'examples/simulate/databases.yaml');
const run = (...args: readonly string[]) => runLarder(['simulate', ...args]);

test('the example plays a year, as a table, as data and as a page', async (t) => {
  const page = join(
    temporaryFolder((remove) => t.after(remove)),
    'growth.html',
  );
  const table = await run(EXAMPLE, '--html', page);
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /^CLAIM +FROM +TO +STEPS +> 95 % +FULL +UNUSED +COST USD +END\n/);
  assert.match(table.stderr, /^… the 20 of them that fare worst; --all shows all\n365d: 52 claims, /);
  const nowhere = await run(EXAMPLE, '--html', join(dirname(page), 'none', 'growth.html'));
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /none\/growth\.html cannot be written: /);
  const data = JSON.parse((await run(EXAMPLE, '--all', '-o', 'json')).stdout);
  assert.equal(data.claims.length, 52);
  assert.equal(data.total.violations, 0);
  assert.equal(data.total.fullMs, 0);
  const html = readFileSync(page, 'utf8');
  assert.equal(html.match(/<figure>/g)?.length, 20);
  assert.doesNotMatch(html, /https?:|<script|src=|url\(/);
});

test('what is wrong in a scenario is named with its file, line and field', async (t) => {
  const path = join(
    temporaryFolder((remove) => t.after(remove)),
    'wrong.yaml',
  );
  const example = readFileSync(EXAMPLE, 'utf8');
  const wrong = async (text: string) => {
    writeFileSync(path, text);
    const { code, stderr } = await run(path);
    assert.equal(code, 2, stderr);
    return stderr.replaceAll(path, 'wrong.yaml');
  };
  assert.equal(
    await wrong(example.replace('duration: 365d', 'duration: a year')),
    'larder: wrong.yaml:3: duration: must be a duration, for example "15m", "1h30m" or "2d"\n',
  );
  assert.match(
    await wrong(example.replace('claims:', 'claim:')),
    /wrong\.yaml:1: claims: .*\n.*wrong\.yaml:\d+: .*claim/s,
  );
  assert.match(
    await wrong(example.replace('kind: PVCPolicy', 'kind: Pod')),
    /an object of kind "Pod" has no part in a simulation/,
  );
  assert.match(await wrong('configuration: {watchInterval: soon}\nclaims: [{name: a, size: 1Gi}]\n'), /watchInterval/);
  assert.match(await wrong('claims: [\n'), /wrong\.yaml: /);
  const mapping = 'a scenario is a mapping, for example `duration: 90d` and `claims:` with a list below it';
  assert.equal(await wrong('- claims\n'), `larder: wrong.yaml:1: the file is a list: ${mapping}\n`);
  assert.equal(await wrong('claims\n'), `larder: wrong.yaml:1: the file is a single value: ${mapping}\n`);
  assert.equal(await wrong('# nothing\n'), `larder: wrong.yaml:1: the file is empty: ${mapping}\n`);
  const folder = await run(dirname(path));
  assert.deepEqual([folder.code, folder.stderr], [2, `larder: ${dirname(path)} is a folder: name a file\n`]);
});
