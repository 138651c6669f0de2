import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from './json.ts';
import { structOf } from './schema.ts';
import { typedProblems } from './typed.ts';

const pod = structOf('io.k8s.api.core.v1.Pod');

test('what fits is not spoken of', () => {
  const spec = { containers: [{ name: 'a', image: 'i', ports: [{ containerPort: 80 }] }], hostNetwork: true };
  assert.deepEqual(typedProblems(pod, { metadata: { labels: null }, spec }), []);
});

test('wrong types, unknown fields, repeated and missing keys are named by their place', () => {
  const containers: readonly JsonObject[] = [{ name: 'a', image: 5, foo: 1 }, { name: 'b' }, { name: 'b' }];
  assert.deepEqual(typedProblems(pod, { metadata: { labels: [] }, spec: { containers, hostNetwork: 'yes' } }), [
    '.metadata.labels: expected map, got &{[]}',
    '.spec.containers[name="a"].image: expected string, got &value.valueUnstructured{Value:5}',
    '.spec.containers[name="a"].foo: field not declared in schema',
    '.spec.containers: duplicate entries for key [name="b"]',
    '.spec.hostNetwork: expected boolean, got &value.valueUnstructured{Value:"yes"}',
  ]);
});

test('an item must say its key, unless the schema has a default for it', () => {
  const status = { conditions: [{ status: 'True' }] };
  assert.deepEqual(typedProblems(pod, { status: { podIPs: [{}], ...status } }), []);
  const port = { ports: [{ name: 'x' }] };
  assert.deepEqual(typedProblems(pod, { spec: { containers: [{ name: 'a', ...port }] } }), []);
});
