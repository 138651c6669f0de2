/** Diffs as the page shows them: by object, with the signs apart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTwoFilesPatch } from 'diff';
import fc from 'fast-check';
import { diffOf } from '../../console/ledger/diff-rows.ts';

const EVIDENCE = `# larder change diff web-2
# change web-2: 1 to change
diff -u -N LIVE/v1.ConfigMap.shop.web MERGED/v1.ConfigMap.shop.web
--- LIVE/v1.ConfigMap.shop.web
+++ MERGED/v1.ConfigMap.shop.web
@@ -1,4 +1,4 @@
 data:
--- a
+++ b
 kind: ConfigMap
 name: web
@@ -9,2 +9,3 @@
 x: 1
+y: 2
 z: 3
diff -u -N LIVE/apps.v1.Deployment.shop.web MERGED/apps.v1.Deployment.shop.web
--- LIVE/apps.v1.Deployment.shop.web
+++ MERGED/apps.v1.Deployment.shop.web
@@ -0,0 +1,1 @@
+kind: Deployment
`;

test('a diff is read by object; lines that look like heads of a file are content where a hunk says so', () => {
  const diff = diffOf(EVIDENCE);
  assert.deepEqual(diff?.notes, ['larder change diff web-2', 'change web-2: 1 to change']);
  assert.deepEqual(
    diff?.parts.map(({ name, added, removed }) => [name, added, removed]),
    [
      ['v1.ConfigMap.shop.web', 2, 1],
      ['apps.v1.Deployment.shop.web', 1, 0],
    ],
  );
  assert.deepEqual(
    diff?.parts[0]?.lines.map(({ kind, text }) => `${kind} ${text}`.trim()),
    [
      'same data:',
      'removed -- a',
      'added ++ b',
      'same kind: ConfigMap',
      'same name: web',
      'cut',
      'same x: 1',
      'added y: 2',
      'same z: 3',
    ],
  );
});

test('what git and kubectl print is read too; a log and JSON are no diff', () => {
  const git =
    'diff --git a/x.yaml b/x.yaml\nindex 1..2 100644\n--- a/x.yaml\n+++ b/x.yaml\n@@ -1 +1 @@ top\n-a\n+b\n\\ No newline at end of file\n';
  const [part] = diffOf(git)?.parts ?? [];
  assert.equal(part?.name, 'x.yaml');
  assert.deepEqual(
    part?.lines.map(({ kind }) => kind),
    ['cut', 'removed', 'added', 'note'],
  );
  const kubectl =
    '--- /tmp/LIVE-123/v1.Secret.a.b\t2026-01-01\n+++ /tmp/MERGED-456/v1.Secret.a.b\t2026-01-01\n@@ -1 +1 @@\n-a\n+b\n';
  assert.equal(diffOf(kubectl)?.parts[0]?.name, 'v1.Secret.a.b');
  assert.equal(diffOf('2026-01-01 started\n+ one more\n'), undefined);
  assert.equal(diffOf('{"a": 1}'), undefined);
  assert.equal(diffOf(''), undefined);
});

test('of any two texts the lines that stay and come are the second one, those that stay and go the first', () => {
  const line = fc.constantFrom('a', 'b', '--- a', '+++ b', '@@ -1 +1 @@', '', 'diff x', '\\');
  const text = fc.array(line, { maxLength: 8 }).map((lines) => lines.map((each) => `${each}\n`).join(''));
  fc.assert(
    fc.property(text, text, (one, other) => {
      const patch = createTwoFilesPatch('LIVE/x', 'MERGED/x', one, other, '', '', { context: 1_000 });
      const lines = (diffOf(patch)?.parts ?? []).flatMap((part) => part.lines);
      if (one === other) return assert.equal(lines.length, 0);
      const side = (kinds: readonly string[]): string =>
        lines
          .filter(({ kind }) => kinds.includes(kind))
          .map((each) => `${each.text}\n`)
          .join('');
      assert.equal(side(['same', 'removed']), one);
      assert.equal(side(['same', 'added']), other);
    }),
  );
});
