import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { Comparison } from './comparison.ts';
import { findingChecks } from './finding.ts';
import { findingsOf, type Surroundings } from './findings.ts';
import type { JsonObject } from './manifest.ts';

const nothing: Surroundings = { platforms: undefined, images: new Map() };

function comparison(apiVersion: string, kind: string, object: JsonObject, name = 'x', namespace = 'shop'): Comparison {
  const whole = { apiVersion, kind, metadata: { name }, ...object };
  const manifest = { apiVersion, kind, name, namespace, object: whole, from: 'a.yaml:1' };
  return { manifest, outcome: { kind: 'merged', after: whole } };
}

const messages = (of: Comparison, around = nothing): readonly string[] =>
  findingsOf([of], around).map(({ check, message }) => `${check}: ${message}`);

const pod = (container: JsonObject, more: JsonObject = {}): JsonObject => ({
  spec: { template: { spec: { containers: [{ name: 'web', ...container }], ...more } } },
});
const probes = { readinessProbe: { httpGet: {} }, livenessProbe: { httpGet: {} } };
const resources = { requests: { cpu: '10m', memory: '1Mi' }, limits: { memory: '1Mi' } };

test('a container with probes, requests and a memory limit is fine; each that is missing is named', () => {
  assert.deepEqual(messages(comparison('apps/v1', 'Deployment', pod({ ...probes, resources }))), []);
  assert.deepEqual(messages(comparison('apps/v1', 'Deployment', pod({ resources, readinessProbe: {} }))), [
    'missing-probe: container web has no livenessProbe',
  ]);
  assert.deepEqual(messages(comparison('batch/v1', 'Job', pod({ resources: { requests: { cpu: 1, memory: 1 } } }))), [
    'missing-limit: container web has no memory limit',
  ]);
});

test('platforms: of a known image those that are missing, of another that nobody looked, of nodes that are kept away none', () => {
  const web = (more: JsonObject = {}): Comparison =>
    comparison('apps/v1', 'Deployment', pod({ ...probes, resources, image: 'web:1' }, more));
  const platforms = ['linux/amd64', 'linux/arm64'];
  const images = new Map([['web:1', ['linux/amd64']]]);
  assert.deepEqual(messages(web(), { platforms, images }), [
    'image-platform: web:1 is built for linux/amd64 and not for linux/arm64',
  ]);
  assert.deepEqual(messages(web({ nodeSelector: { 'kubernetes.io/arch': 'amd64' } }), { platforms, images }), []);
  assert.match(messages(web(), { platforms, images: new Map() }).join(), /image-unknown: web:1: not looked at/);
  assert.match(messages(web(), { platforms: undefined, images }).join(), /the platforms of the nodes are not known/);
});

test('what k3s ships is told, and the same name of another kind or place is not', () => {
  const { manifest, outcome } = comparison('storage.k8s.io/v1', 'StorageClass', {}, 'local-path');
  const { namespace: _none, ...clusterWide } = manifest;
  assert.match(messages({ manifest: clusterWide, outcome }).join(), /local-path: k3s keeps/);
  assert.match(messages(comparison('v1', 'ConfigMap', {}, 'local-path-config', 'kube-system')).join(), /local-path/);
  assert.deepEqual(messages(comparison('v1', 'ConfigMap', {}, 'local-path-config', 'shop')), []);
});

test('the guide has a row for every check', () => {
  const guide = readFileSync(resolve(import.meta.dirname, '../../../docs/guides/change.md'), 'utf8');
  for (const check of Object.keys(findingChecks)) assert.match(guide, new RegExp(`^\\|.*\`${check}\`.*\\|`, 'm'));
});
