import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { minorSource, newestPatch, stagingReplacements } from './go-minor.ts';

const LISTED = 'k8s.io/kubernetes v1.33.13 v1.34.2 v1.34.10 v1.34.9 v1.35.0-rc.1\n';

test('the newest patch is the greatest number, and a preview is none', () => {
  assert.equal(newestPatch(LISTED, '1.34'), 'v1.34.10');
  assert.equal(newestPatch(LISTED, '1.33'), 'v1.33.13');
  assert.equal(newestPatch(LISTED, '1.35'), undefined);
  assert.equal(newestPatch(LISTED, '1.3'), undefined);
});

test('each staging module is replaced by its published version, and nothing else is', () => {
  const text = [
    'replace (',
    '\tk8s.io/api => ./staging/src/k8s.io/api',
    '\tk8s.io/kubelet => ./staging/src/k8s.io/kubelet',
    '\texample.com/one => example.com/other v1.0.0',
    ')',
  ].join('\n');
  assert.deepEqual(stagingReplacements(text, 'v1.34.10'), [
    'k8s.io/api => k8s.io/api v0.34.10',
    'k8s.io/kubelet => k8s.io/kubelet v0.34.10',
  ]);
});

test('a minor that cannot be had is said with those that can, and leaves nothing', async (t) => {
  const cache = mkdtempSync(join(tmpdir(), 'larder-minor-'));
  t.after(() => rmSync(cache, { recursive: true }));
  const go = join(cache, 'go');
  writeFileSync(go, `#!/bin/sh\necho '${LISTED.trim()}'\n`, { mode: 0o755 });
  const tools = join(cache, 'tools');
  const outcome = await minorSource('1.99', { env: { PATH: '/usr/bin:/bin' }, say: () => undefined, go, cache: tools });
  const reason = 'Kubernetes 1.99: there is none; there are 1.33, 1.34';
  assert.deepEqual(outcome, { kind: 'unavailable', reason });
  assert.deepEqual(readdirSync(tools), []);
});

test('a minor becomes a module of its own, which is made once', async (t) => {
  const cache = mkdtempSync(join(tmpdir(), 'larder-minor-'));
  t.after(() => rmSync(cache, { recursive: true }));
  const staged = join(cache, 'kubernetes.mod');
  writeFileSync(staged, 'replace k8s.io/api => ./staging/src/k8s.io/api\n');
  const go = join(cache, 'go');
  const script = `#!/bin/sh
case "$1 $2" in
'list -m') echo '${LISTED.trim()}' ;;
'mod download') echo '{"GoMod": "${staged}"}' ;;
'get -tool') echo "$@" > ${cache}/got; echo 'require k8s.io/kubernetes v1.34.10' >> go.mod ;;
*) exit 9 ;;
esac
`;
  writeFileSync(go, script, { mode: 0o755 });
  mkdirSync(join(cache, 'tools'));
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const options = { env: { PATH: '/usr/bin:/bin' }, say, go, cache: join(cache, 'tools') };
  const expected = { kind: 'source', folder: join(cache, 'tools/kubernetes-1.34'), version: 'v1.34.10' };
  assert.deepEqual(await minorSource('1.34', options), expected);
  assert.match(
    readFileSync(join(expected.folder, 'go.mod'), 'utf8'),
    /^replace k8s\.io\/api => k8s\.io\/api v0\.34\.10$/m,
  );
  assert.match(readFileSync(join(cache, 'got'), 'utf8'), /cmd\/kube-apiserver@v1\.34\.10 .*cmd\/kubectl@v1\.34\.10/);
  assert.deepEqual(await minorSource('1.34', { ...options, go: undefined }), expected);
  assert.equal(lines.length, 1);
});
