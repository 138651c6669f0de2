/** The translation against the checks, which know nothing of its rules: each job of the corpus passes all of them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { policySchema } from '../../src/nomad/policy.ts';
import { errorsOf } from './checked.ts';
import { convertedFolder, corpus, corpusJobs } from './converted.ts';

for (const name of corpusJobs()) {
  test(`${name} passes every check`, async () => {
    const file = join(corpus, name, 'policy.yaml');
    const policy = policySchema.parse(existsSync(file) ? parse(readFileSync(file, 'utf8')) : {});
    const found = await errorsOf(convertedFolder(join(corpus, name)), policy);
    assert.deepEqual(
      found.map(({ check, file: path, line, message }) => `${check} ${path}:${line ?? ''} ${message}`),
      [],
    );
  });
}
