import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTree } from '../../nomad/check/tree.ts';
import { unknownFields } from './unknown-fields.ts';

const treeOf = (text: string) => readTree(new Map([['modules-k8s/web/manifests/deployment.yaml', text]]));

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  schedule: "@daily"
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: example.org/web:1
          resource: {}
`;

test('a field that the kind does not have is found where it stands', () => {
  const found = unknownFields(treeOf(deployment)).map(({ line, message }) => `${line} ${message}`);
  assert.deepEqual(found, [
    '6 spec.schedule is no field of a Deployment: no cluster takes the manifest',
    '14 spec.template.spec.containers[0].resource is no field of a Deployment: no cluster takes the manifest',
  ]);
});

test('what the kind has is none, and neither is what is wrong in another way or of another kind', () => {
  const right = deployment.replace('  schedule: "@daily"\n', '').replace('resource: {}', 'resources: {}');
  assert.deepEqual(unknownFields(treeOf(right)), []);
  assert.deepEqual(unknownFields(treeOf(right.replace('name: web\nspec', 'name: [web]\nspec'))), []);
  assert.deepEqual(
    unknownFields(treeOf('apiVersion: example.org/v1\nkind: Other\nmetadata: { name: a }\nodd: 1\n')),
    [],
  );
});
