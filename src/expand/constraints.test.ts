import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceQuota } from '../kube/kinds.ts';
import { quotaHeadroom } from './constraints.ts';
import { GIB } from './decide.fixture.ts';

const quota = (name: string, hard: Record<string, string>, used: Record<string, string> = {}): ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name, namespace: 'default', uid: name, resourceVersion: '1' },
  spec: { hard },
  status: { hard, used },
});
const ofClass = 'fast.storageclass.storage.k8s.io/requests.storage';

test('the tightest quota counts, for all storage or for the class', () => {
  const wide = quota('wide', { 'requests.storage': '100Gi' }, { 'requests.storage': '40Gi' });
  const narrow = quota('narrow', { [ofClass]: '50Gi' }, { [ofClass]: '45Gi' });
  assert.deepEqual(quotaHeadroom([wide, narrow], 'fast'), {
    bytes: 5n * GIB,
    source: `ResourceQuota narrow, ${ofClass}`,
  });
  assert.deepEqual(quotaHeadroom([wide, narrow], 'slow')?.bytes, 60n * GIB);
});

test('a quota that is overdrawn leaves nothing, and one without storage does not count', () => {
  assert.equal(
    quotaHeadroom([quota('q', { 'requests.storage': '1Gi' }, { 'requests.storage': '2Gi' })], '')?.bytes,
    0n,
  );
  assert.equal(quotaHeadroom([quota('q', { pods: '3' })], 'fast'), undefined);
});

test('a quota that the controller has not looked at yet counts by its spec', () => {
  const { status: _, ...fresh } = quota('q', { 'requests.storage': '3Gi' });
  assert.equal(quotaHeadroom([fresh], '')?.bytes, 3n * GIB);
});

test('a quota of a VolumeAttributesClass counts for the claims of that class only', () => {
  const scoped = (operator: 'In' | 'NotIn' | 'Exists', values?: readonly string[]): ResourceQuota => {
    const expression = { scopeName: 'VolumeAttributesClass', operator, ...(values && { values }) };
    const one = quota('q', { 'requests.storage': '1Gi' });
    return { ...one, spec: { ...one.spec, scopeSelector: { matchExpressions: [expression] } } };
  };
  const left = (of: ResourceQuota, attributes?: string) => quotaHeadroom([of], 'fast', attributes)?.bytes;
  assert.deepEqual([left(scoped('In', ['gold']), 'gold'), left(scoped('In', ['gold']), 'silver')], [GIB, undefined]);
  assert.deepEqual(
    [left(scoped('In', ['gold'])), left(scoped('Exists')), left(scoped('Exists'), 'gold')],
    [undefined, undefined, GIB],
  );
  assert.equal(left(scoped('NotIn', ['gold']), 'silver'), GIB);
  const one = quota('q', { 'requests.storage': '1Gi' });
  const byScope = { ...one, spec: { ...one.spec, scopes: ['VolumeAttributesClass'] } };
  assert.deepEqual([left(byScope), left(byScope, 'gold')], [undefined, GIB]);
});
