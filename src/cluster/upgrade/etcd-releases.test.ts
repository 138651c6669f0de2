import assert from 'node:assert/strict';
import { test } from 'node:test';
import { etcdReleases, hasEtcd36, lastStop, mayBringEtcd36, packagedEtcd } from './etcd-releases.ts';
import { compareReleases, parseRelease, type Release } from './release.ts';

function release(text: string): Release {
  return parseRelease(text) ?? assert.fail(text);
}

test('every row is a release, in order, with an etcd and where that was read', () => {
  assert.ok(etcdReleases.length >= 26, `${etcdReleases.length} rows`);
  for (const [index, { release: text, etcd, source }] of etcdReleases.entries()) {
    const before = etcdReleases[index - 1];
    if (before !== undefined) assert.ok(compareReleases(release(before.release), release(text)) < 0, text);
    assert.match(etcd, /^3\.[56]\.\d+$/);
    assert.match(source, /^(docs\.k3s\.io|github\.com|#\d+)/);
  }
});

test('what stands between two rows of one etcd has it, and what no row says nobody knows', () => {
  const rows: readonly (readonly [string, string | undefined, boolean])[] = [
    ['v1.29.4+k3s1', undefined, false],
    ['v1.30.13+k3s1', '3.5.21', false],
    ['v1.31.9+k3s1', undefined, false],
    ['v1.32.7+k3s1', '3.5.21', false],
    ['v1.33.3+k3s1', '3.5.21', false],
    ['v1.33.7+k3s2', undefined, false],
    ['v1.33.7+k3s3', '3.5.26', false],
    ['v1.33.9+k3s1', undefined, true],
    ['v1.33.13+k3s1', '3.6.12', true],
    ['v1.34.0+k3s1', undefined, true],
    ['v1.34.5+k3s1', undefined, true],
    ['v1.36.2+k3s1', '3.6.12', true],
    ['v1.40.0+k3s1', undefined, true],
  ];
  for (const [text, etcd, may] of rows)
    assert.deepEqual([packagedEtcd(release(text)), mayBringEtcd36(release(text))], [etcd, may], text);
});

test('what surely has 3.6, and what nobody knows of', () => {
  const has = ['v1.33.7+k3s3', 'v1.33.9+k3s1', 'v1.33.13+k3s1', 'v1.34.1+k3s1', 'v1.40.0+k3s1'].map((text) =>
    hasEtcd36(release(text)),
  );
  assert.deepEqual(has, [false, false, true, true, true]);
});

test('the last stop before 3.6', () => {
  assert.equal(lastStop(26), 'v1.33.7+k3s3');
  assert.equal(lastStop(32), undefined);
});
