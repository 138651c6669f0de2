import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rows } from '../../src/nomad/translate/rows.ts';
import { convertedFolder, corpus, corpusJobs } from './converted.ts';
import { goldenFiles, goldenFolder } from './golden.ts';

const JOBS_AT_LEAST = 60;

test('the corpus becomes what was read and kept; `node test/tools/golden.ts` writes it anew', () => {
  const now = goldenFiles();
  const paths = globSync('**/*', { cwd: goldenFolder }).filter((path) => statSync(join(goldenFolder, path)).isFile());
  assert.deepEqual(paths.toSorted(), [...now.keys()].toSorted());
  for (const [path, text] of now) assert.equal(text, readFileSync(join(goldenFolder, path), 'utf8'), path);
});

test('every row of the mapping is hit by a job of the corpus, and every row that is reported is in the mapping', (t) => {
  const jobs = corpusJobs();
  assert.ok(jobs.length >= JOBS_AT_LEAST, `only ${jobs.length} jobs`);
  const hit = new Set(jobs.flatMap((job) => convertedFolder(join(corpus, job)).report.accounts.map(({ row }) => row)));
  const known = new Set(rows().map(({ id }) => id));
  t.diagnostic(`${jobs.length} jobs hit ${known.intersection(hit).size} of ${known.size} rows`);
  assert.deepEqual([...known.difference(hit)], [], 'rows that no job hits');
  assert.deepEqual(
    [...hit.difference(known)].filter((row) => row !== 'null' && row !== 'refused'),
    [],
    'lines of the corpus without a row',
  );
});

test('two runs give the same bytes, and every line of a job has an entry with its place', () => {
  for (const job of corpusJobs()) {
    const { files, project, report } = convertedFolder(join(corpus, job));
    assert.deepEqual(convertedFolder(join(corpus, job)).files, files, job);
    const told = new Set(report.accounts.map(({ file, path }) => `${file} ${path}`));
    for (const { file, items } of project.jobs) {
      for (const { path, at } of items) assert.ok(told.has(`${at.file} ${path}`), `${job}: ${file}:${at.line} ${path}`);
    }
  }
});
