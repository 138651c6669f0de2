import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryFiles } from './memory-files.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const files = memoryFiles(
  new Map([
    ['web/job.nomad.hcl', bytes('job "web" {}')],
    ['web/conf/app.toml', bytes('a = 1')],
    ['web/conf/deep/b.tpl', bytes('b')],
    ['db/main.tf', bytes('')],
    ['secret.key', bytes('k')],
  ]),
);
const seen = files.filesOf('web/job.nomad.hcl');

test('only what may be a job is read by itself', () => {
  assert.deepEqual(files.paths, ['db/main.tf', 'web/job.nomad.hcl']);
  assert.equal(files.text('web/job.nomad.hcl'), 'job "web" {}');
  assert.equal(files.text('nobody'), undefined);
});

test('paths are relative to the folder of the file, and may go up as far as was handed over', () => {
  assert.deepEqual(seen.read('conf/app.toml'), { kind: 'file', bytes: bytes('a = 1') });
  assert.deepEqual(seen.read('./conf/../../secret.key'), { kind: 'file', bytes: bytes('k') });
  assert.deepEqual(seen.read('conf'), { kind: 'directory' });
  assert.deepEqual(seen.read('../web'), { kind: 'directory' });
  assert.deepEqual(seen.read('missing'), { kind: 'missing' });
  assert.deepEqual(seen.below('conf'), { kind: 'files', paths: ['app.toml', 'deep/b.tpl'] });
  assert.deepEqual(seen.below('con'), { kind: 'files', paths: [] });
});

test('what leads out is refused with its name, also where it would come back', () => {
  for (const path of ['/etc/passwd', '../../etc/passwd', '../../web/job.nomad.hcl']) {
    const read = seen.read(path);
    assert.equal(read.kind, 'refused', path);
    assert.ok(read.kind === 'refused' && read.message.startsWith(`${path} is outside of what was handed over`));
    assert.equal(seen.below(path).kind, 'refused', path);
  }
});
