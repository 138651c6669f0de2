import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode } from './decode.ts';
import type { JsonObject } from './json.ts';
import { kinds } from './kinds.ts';
import { structOf } from './schema.ts';

const subject = 'it';
const claim = structOf('io.k8s.api.core.v1.PersistentVolumeClaim');
const pod = structOf('io.k8s.api.core.v1.Pod');
const read = (raw: JsonObject, fill = true): JsonObject => decode(claim, raw, { subject, fill }).object;

test('every kind that is served has a definition with metadata', () => {
  assert.ok(kinds.length >= 12);
  for (const { schema, kind } of kinds) assert.ok(structOf(schema).members.has('metadata'), kind);
});

test('unknown members are left out and named, wherever they are', () => {
  const raw = {
    metadata: {},
    spec: { containers: [{ name: 'a', image: 'i', sidecar: true }], colour: 'red' },
    extra: 1,
  };
  const { object, unknown } = decode(pod, raw, { subject });
  assert.deepEqual(unknown, ['spec.containers[0].sidecar', 'spec.colour', 'extra']);
  assert.doesNotMatch(JSON.stringify(object), /sidecar|colour|extra/);
});

test('what Go leaves out when it is empty is left out', () => {
  const object = read({ metadata: { labels: {}, finalizers: [], annotations: null }, spec: { accessModes: [] } });
  assert.deepEqual(object['metadata'], {});
  assert.deepEqual(object['spec'], { resources: {} });
});

test('nothing is filled in for an apply', () => {
  assert.deepEqual(read({ spec: { accessModes: [] } }, false), { spec: { accessModes: [] } });
});

test('quantities become canonical, also when they are numbers', () => {
  const sized = (storage: string | number): unknown => read({ spec: { resources: { requests: { storage } } } })['spec'];
  assert.deepEqual(sized('1024Mi'), { resources: { requests: { storage: '1Gi' } } });
  assert.deepEqual(sized(1000), { resources: { requests: { storage: '1k' } } });
});

test('times are in seconds and UTC, those of leases in microseconds', () => {
  const deletionTimestamp = '2026-01-01T01:00:00.5+01:00';
  assert.deepEqual(read({ metadata: { deletionTimestamp } })['metadata'], {
    deletionTimestamp: '2026-01-01T00:00:00Z',
  });
  const lease = structOf('io.k8s.api.coordination.v1.Lease');
  const { object } = decode(lease, { spec: { renewTime: '2026-01-01T01:00:00.123456+01:00' } }, { subject });
  assert.deepEqual(object['spec'], { renewTime: '2026-01-01T00:00:00.123456Z' });
  assert.throws(() => decode(lease, { spec: { renewTime: '2026-01-01T00:00:00Z' } }, { subject }), /parsing time/);
});

const wrong: readonly { readonly raw: JsonObject; readonly text: RegExp }[] = [
  {
    raw: { metadata: [] },
    text: /cannot unmarshal array into Go struct field PersistentVolumeClaim\.metadata of type v1\.ObjectMeta/,
  },
  {
    raw: { metadata: { labels: { a: 1 } } },
    text: /number into Go struct field ObjectMeta\.metadata\.labels of type string/,
  },
  {
    raw: { spec: { accessModes: 'x' } },
    text: /string into Go struct field PersistentVolumeClaimSpec\.spec\.accessModes of type \[\]v1\.PersistentVolumeAccessMode/,
  },
  {
    raw: { metadata: { generation: 1.5 } },
    text: /number 1\.5 into Go struct field ObjectMeta\.metadata\.generation of type int64/,
  },
  {
    raw: { spec: { resources: { requests: { storage: 'x' } } } },
    text: /quantities must match the regular expression/,
  },
  { raw: { metadata: { creationTimestamp: 'soon' } }, text: /parsing time "soon"/ },
];

for (const { raw, text } of wrong) {
  test(`${JSON.stringify(raw)} is refused with 400`, () => {
    assert.throws(() => read(raw), { code: 400, message: text });
  });
}

test('what was decoded decodes to itself', () => {
  const names = fc.constantFrom('a', 'b');
  const raw = fc.record({
    metadata: fc.record({
      name: names,
      labels: fc.dictionary(names, names),
      finalizers: fc.array(names, { maxLength: 2 }),
    }),
    spec: fc.record({
      accessModes: fc.array(names, { maxLength: 2 }),
      resources: fc.record({
        requests: fc.dictionary(fc.constant('storage'), fc.constantFrom('1Gi', '1024Mi', '0.5')),
      }),
    }),
  });
  fc.assert(
    fc.property(raw, (value) => {
      const once = read(JSON.parse(JSON.stringify(value)));
      assert.deepEqual(read(once), once);
    }),
  );
});
