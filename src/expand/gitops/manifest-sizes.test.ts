import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { outgrown, sizesIn, unclaimed, withSizes } from './manifest-sizes.ts';

const manifest = `# our database
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: db}   # in flow style
spec:
  resources:
    requests:
      storage: "10Gi" # grown by Larder since
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  volumeClaimTemplates:
    - metadata: { name: www }
      spec:
        resources: { requests: { storage: 1Gi } }
`;
const live = [
  { namespace: 'db', name: 'data', request: '20Gi' },
  { namespace: 'default', name: 'www-web-0', request: '2Gi' },
  { namespace: 'default', name: 'www-web-11', request: '3Gi' },
  { namespace: 'default', name: 'www-web-other', request: '9Gi' },
  { namespace: 'other', name: 'data', request: '90Gi' },
];

test('the sizes that grew are written where they stand, and nothing else changes', () => {
  const { sizes, notes } = sizesIn(manifest);
  assert.deepEqual(notes, []);
  const found = outgrown(sizes, live, 'default');
  assert.deepEqual(
    found.map(({ size, live: { name, request } }) => [size.line, size.text, name, request]),
    [
      [8, '10Gi', 'data', '20Gi'],
      [18, '1Gi', 'www-web-11', '3Gi'],
    ],
  );
  const changed = withSizes(manifest, found);
  assert.equal(changed, manifest.replace('"10Gi"', '"20Gi"').replace('storage: 1Gi', 'storage: 3Gi'));
  assert.deepEqual(outgrown(sizesIn(changed).sizes, live, 'default'), []);
});

test('sizes of claims that are not there are told from those that are large enough', () => {
  const { sizes } = sizesIn(manifest);
  assert.deepEqual(unclaimed(sizes, live, 'default'), []);
  const prefixes = unclaimed(sizes, [], 'default').map(({ line }) => line);
  assert.deepEqual(prefixes, [8, 18]);
  const others = live.map((claim) => ({ ...claim, namespace: 'elsewhere' }));
  assert.equal(unclaimed(sizes, others, 'default').length, 2);
});

test('a size that git has larger, a template and what cannot be read are left alone', () => {
  assert.deepEqual(
    outgrown(sizesIn(manifest.replace('10Gi', '40Gi').replace('1Gi', '5Gi')).sizes, live, 'default'),
    [],
  );
  assert.match(
    sizesIn('kind: PersistentVolumeClaim\nspec: {{ .Values.size }}\n').notes.join(),
    /template of another tool/,
  );
  assert.match(sizesIn('a: [\n').notes.join(), /cannot be read/);
  assert.deepEqual(sizesIn('').sizes, []);
  const anchored = manifest.replace('"10Gi"', '&size 10Gi');
  assert.equal(sizesIn(anchored).sizes.length, 1);
});

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const anyClaim = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('PersistentVolumeClaim'),
  metadata: fc.record({ name, namespace: name, labels: fc.dictionary(name, fc.string()) }),
  spec: fc.record({
    accessModes: fc.constant(['ReadWriteOnce']),
    resources: fc.record({
      requests: fc.record({ storage: fc.integer({ min: 1, max: 99 }).map((gib) => `${gib}Gi`) }),
    }),
  }),
});

test('in any manifest exactly one line changes for each size', () => {
  fc.assert(
    fc.property(fc.array(anyClaim, { minLength: 1, maxLength: 4 }), fc.boolean(), (claims, json) => {
      const text = json
        ? JSON.stringify({ kind: 'List', items: claims }, null, 2)
        : claims.map((each) => stringify(each)).join('---\n');
      const { sizes } = sizesIn(text);
      assert.equal(sizes.length, claims.length);
      const all = claims.map(({ metadata }) => ({
        namespace: metadata.namespace,
        name: metadata.name,
        request: '1Ti',
      }));
      const found = outgrown(sizes, all, 'default');
      const [before, after] = [text.split('\n'), withSizes(text, found).split('\n')];
      assert.equal(after.length, before.length);
      assert.equal(before.filter((line, index) => line !== after[index]).length, found.length);
      assert.ok(sizesIn(after.join('\n')).sizes.every((size) => size.text === '1Ti'));
    }),
  );
});
