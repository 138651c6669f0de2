import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { driftOf } from './drift.ts';
import { manifestOf, sizesIn } from './manifest.ts';
import { claimOf, setOf } from './stateful-set.fixture.ts';
import { recordIn, templatesIn } from './stateful-set.ts';

test('only what somebody wrote is left, with the larger size', () => {
  const set = setOf({ metadata: { labels: { app: 'db' } } });
  const manifest = manifestOf(set.whole, driftOf(set, [claimOf('data-db-0', '20Gi')]));
  assert.deepEqual(manifest, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: 'db',
      namespace: 'shop',
      labels: { app: 'db' },
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    },
    spec: {
      replicas: 3,
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
        },
      ],
    },
  });
});

test('every other field of the spec is kept as it is, and no size becomes smaller', () => {
  const spec = fc.dictionary(
    fc.string({ minLength: 1 }).filter((key) => key !== 'volumeClaimTemplates' && key !== '__proto__'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(spec, fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 5 }), (extra, sizes) => {
      const set = setOf({ spec: extra });
      const claims = sizes.map((size, index) => claimOf(`data-db-${index}`, `${size}Gi`));
      const manifest = manifestOf(set.whole, driftOf(set, claims));
      const { volumeClaimTemplates: _, ...now } = recordIn(manifest, 'spec');
      const { volumeClaimTemplates: __, ...before } = recordIn(set.whole, 'spec');
      assert.deepEqual(now, before);
      assert.equal(templatesIn(manifest).length, 1);
      assert.equal(sizesIn(manifest).get('data'), `${Math.max(10, ...sizes)}Gi`);
    }),
  );
});
