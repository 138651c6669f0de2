import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Source, sourceOf } from '../../src/nomad/translate/task/artifact-source.ts';
import { loaded } from './translated.ts';

function sourceIn(lines: string): Source {
  const { job } = loaded(`job "j" {
    group "g" {
      task "t" {
        driver = "docker"
        artifact {
          ${lines}
        }
      }
    }
  }`);
  const artifact = job.group[0]?.task[0]?.artifact[0];
  return artifact ? sourceOf(artifact) : assert.fail('no artifact');
}

test('archives are unpacked as go-getter does, by their ending or by what the job says', () => {
  const unpack = (lines: string) => {
    const source = sourceIn(lines);
    return source.kind === 'http' ? source.unpack : source.kind;
  };
  assert.equal(unpack('source = "https://e.org/a.tar.gz"'), 'tar.gz');
  assert.equal(unpack('source = "https://e.org/a.TGZ?x=1"'), 'tar.gz');
  assert.equal(unpack('source = "https://e.org/a.zip"'), 'zip');
  assert.equal(unpack('source = "https://e.org/a.gz"'), 'gz');
  assert.equal(unpack('source = "https://e.org/a.bin"'), undefined);
  assert.equal(unpack('source = "https://e.org/a.zip?archive=false"'), undefined);
  assert.equal(unpack('source = "https://e.org/download?archive=zip"'), 'zip');
  assert.equal(unpack('source = "https://e.org/a.zip"\nmode = "file"'), undefined);
});

test('keys of go-getter do not reach the server, others do; options count too', () => {
  const source = sourceIn(`source = "https://e.org/a.bin?checksum=md5:${'a'.repeat(32)}&v=2"
          options {
            filename = "b.bin"
          }`);
  assert.deepEqual(source, {
    kind: 'http',
    url: 'https://e.org/a.bin?v=2',
    unpack: undefined,
    file: 'b.bin',
    checksum: { tool: 'md5sum', sum: 'a'.repeat(32) },
  });
});

test('a repository with a folder and a reference', () => {
  assert.deepEqual(sourceIn('source = "git::https://e.org/r.git//sub/dir?ref=v1"'), {
    kind: 'git',
    url: 'https://e.org/r.git',
    ref: 'v1',
    folder: 'sub/dir',
  });
  assert.deepEqual(sourceIn('source = "github.com/owner/repo"'), {
    kind: 'git',
    url: 'https://github.com/owner/repo',
    ref: undefined,
    folder: '',
  });
});

test('what needs rights or a program of its own is not fetched', () => {
  const refused = [
    's3::https://s3.amazonaws.com/b/k',
    'gcs::https://www.googleapis.com/storage/v1/b/k',
    'hg::https://e.org/r',
    'git@github.com:owner/repo.git',
    'git::ssh://git@e.org/r.git',
    'git::https://e.org/r.git?sshkey=abc',
    ['https://user', 'planted@e.org/a.bin'].join(':'),
    'https://e.org/a.bin?token=planted',
    'https://e.org/a.bin?checksum=file:https://e.org/sums',
    'https://e.org/a.bin?checksum=sha256:abc',
    'https://e.org/a.zip//inside',
    'https://e.org/',
    './local/file',
    '',
  ];
  for (const source of refused) assert.equal(sourceIn(`source = "${source}"`).kind, 'none', source);
});
