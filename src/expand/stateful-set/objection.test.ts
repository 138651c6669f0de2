import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { driftOf } from './drift.ts';
import { objectionReasons, objectionsTo } from './objection.ts';
import { claimOf, setOf } from './stateful-set.fixture.ts';
import type { StatefulSet } from './stateful-set.ts';

const grown = [claimOf('data-db-0', '20Gi')];
const against = (set: StatefulSet, claims = grown, accepted: readonly string[] = []) =>
  objectionsTo(set, { claims, drifts: driftOf(set, claims), accepted });
const templatesBy = (manager: string) => ({
  managedFields: [{ manager, fieldsV1: { 'f:spec': { 'f:volumeClaimTemplates': {} } } }],
});

test('one that kubectl applied may be made again', () => {
  assert.deepEqual(against(setOf()), []);
  assert.deepEqual(against(setOf({ metadata: templatesBy('larder') })), []);
});

const owner = { apiVersion: 'databases.example/v1', kind: 'Database', name: 'shop', uid: 'x', controller: true };
const vectors: readonly (readonly [given: Parameters<typeof setOf>[0], reason: string, words: RegExp])[] = [
  [{ metadata: { ownerReferences: [owner] } }, 'owned', /^Database shop \(databases\.example\/v1\) made it .* there$/],
  [
    { metadata: { annotations: { 'meta.helm.sh/release-name': 'shop' } } },
    'helm',
    /Helm release shop: set the size in its values, then kubectl delete statefulset db -n shop --cascade=orphan/,
  ],
  [{ metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } } }, 'helm', /Helm release \(of unknown name\)/],
  [
    { metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/StatefulSet:shop/db' } } },
    'argocd',
    /^the Argo CD Application shop has it: .*larder gitops/,
  ],
  [{ metadata: { labels: { 'argocd.argoproj.io/instance': 'web' } } }, 'argocd', /Application web has it/],
  [{ metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } } }, 'flux', /^Flux has it \(apps\)/],
  [{ metadata: { labels: { 'helm.toolkit.fluxcd.io/name': 'db' } } }, 'flux', /^Flux has it \(db\)/],
  [{ metadata: { labels: { 'app.kubernetes.io/managed-by': 'Pulumi' } } }, 'managed-by', /says that Pulumi has it/],
  [{ metadata: templatesBy('Terraform') }, 'field-manager', /written by "Terraform": .*--accept-manager "Terraform"/],
  [
    { spec: { ...specOf(), persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } } },
    'claims-follow',
    /whenDeleted is Delete/,
  ],
  [{ metadata: { deletionTimestamp: '2026-11-01T00:00:00Z', finalizers: ['orphan'] } }, 'being-deleted', /already/],
  [{ metadata: { finalizers: ['example.com/backup'] } }, 'finalizers', /^example\.com\/backup would hold up/],
  [{ status: { updateRevision: 'db-2' } }, 'rollout', /rollout is under way/],
  [{ status: { observedGeneration: 1 } }, 'rollout', /rollout is under way/],
  [{ limit: '15Gi' }, 'limit', /limit 15Gi, which is less than 20Gi/],
];

function specOf() {
  const spec = setOf().whole['spec'];
  return typeof spec === 'object' && spec !== null ? { ...spec } : {};
}

for (const [given, reason, words] of vectors) {
  test(`${reason}: ${words.source}`, () => {
    const found = against(setOf(given));
    assert.deepEqual(
      found.map((each) => each.reason),
      [reason],
    );
    assert.match(found[0]?.message ?? '', words);
  });
}

test('claims that would go with it hold it back, and nobody else’s', () => {
  const [following] = against(setOf(), [claimOf('data-db-0', '20Gi', { owner: 'uid-of-db' })]);
  assert.match(following?.message ?? '', /^data-db-0 would go with it/);
  assert.deepEqual(against(setOf(), [...grown, claimOf('elsewhere', '1Gi', { owner: 'uid-of-db' })]), []);
});

test('a person vouches for a client by its name', () => {
  assert.deepEqual(against(setOf({ metadata: templatesBy('my-script') }), grown, ['my-script']), []);
  assert.equal(against(setOf({ metadata: templatesBy('my-script') }), grown, ['other']).length, 1);
});

test('every reason has a vector and an entry in the guide', () => {
  const guide = readFileSync(new URL('../../../docs/guides/statefulsets.md', import.meta.url), 'utf8');
  for (const reason of objectionReasons) {
    assert.ok(
      vectors.some(([, each]) => each === reason),
      reason,
    );
    assert.ok(guide.includes(`| \`${reason}\` |`), `the guide has no row for ${reason}`);
  }
});
