import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kinds, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { type PVCPolicy, pvcPolicies } from '../api/pvc-policy.ts';
import { type Census, censusOf, policyStatus } from './policy-status.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');

function claim(name: string, labels: Readonly<Record<string, string>> = {}): PersistentVolumeClaim {
  const metadata = { name, namespace: 'shop', labels };
  return kinds.PersistentVolumeClaim.project({ metadata, spec: { resources: { requests: { storage: '1Gi' } } } });
}

function policyOf(name: string, spec: object, status?: object): PVCPolicy {
  return pvcPolicies.project({ metadata: { name, namespace: 'shop', generation: 4 }, spec, status });
}

const census = (policies: readonly PVCPolicy[], claims: readonly PersistentVolumeClaim[], named = ''): Census =>
  censusOf(policies, claims, ({ metadata }) => (metadata.name === named ? 'a' : undefined));

function conditionOf(policy: PVCPolicy, among: Census, type: string) {
  const condition = policyStatus(policy, among, NOW)?.conditions?.find((each) => each.type === type);
  return [condition?.status, condition?.reason, condition?.message];
}

const databases = { matchLabels: { workload: 'database' } };
const database = claim('data', { workload: 'database' });

test('claims count that are selected or that name it, each once', () => {
  const policy = policyOf('a', { selector: databases });
  const claims = [database, claim('web', { workload: 'web' }), claim('plain')];
  assert.equal(policyStatus(policy, census([policy], claims), NOW)?.matchedPVCs, 1);
  assert.equal(policyStatus(policy, census([policy], claims, 'plain'), NOW)?.matchedPVCs, 2);
  assert.equal(policyStatus(policy, census([policy], claims, 'data'), NOW)?.matchedPVCs, 1);
});

test('two of one priority that say different things of a claim contradict each other, and are told how to end it', () => {
  const a = policyOf('a', {
    selector: databases,
    template: { threshold: 70, expandWhenFullWithin: '1h', maxSize: '1Ti' },
  });
  const b = policyOf('b', {
    selector: {},
    template: { threshold: '80%', expandWhenFullWithin: '2h', maxSize: '1024Gi' },
  });
  const both = census([a, b], [database]);
  assert.deepEqual(conditionOf(a, both, 'Conflicting'), [
    'True',
    'SamePriority',
    'b selects 1 claim of it too, with the same priority and another threshold, expandWhenFullWithin: a counts there, by its name. Give one of them a higher spec.priority.',
  ]);
  assert.match(String(conditionOf(b, both, 'Conflicting')[2]), /^a selects 1 claim of it too.*: a counts there/);
});

test('another priority, the same settings in other words, or no claim in common is no conflict', () => {
  const a = policyOf('a', { selector: databases, template: { threshold: 70 } });
  const rivals = [
    policyOf('b', { selector: {}, priority: 1, template: { threshold: 80 } }),
    policyOf('b', { selector: {}, template: { threshold: '70.0%' } }),
    policyOf('b', { selector: { matchLabels: { workload: 'web' } }, template: { threshold: 80 } }),
    policyOf('b', { selector: {}, template: { increase: '5Gi' } }),
  ];
  for (const b of rivals) {
    assert.deepEqual(conditionOf(a, census([a, b], [database]), 'Conflicting').slice(0, 2), ['False', 'NoConflict']);
  }
});

test('what cannot be read is said with its place, and stops every claim when it is the selector', () => {
  const policy = policyOf('a', { selector: { matchExpressions: 'all' }, priority: 'high', template: { increase: 10 } });
  const among = census([policy], [database, claim('plain')]);
  assert.deepEqual(conditionOf(policy, among, 'Ready'), [
    'False',
    'InvalidConfiguration',
    'spec.selector must be a label selector; an empty one ({}) selects every claim; spec.priority must be a whole number; spec.template.increase is "10": it must be a percentage or a quantity above zero, for example "10%" or "5Gi". Its claims do not grow until that is corrected.',
  ]);
  assert.equal(policyStatus(policy, among, NOW)?.matchedPVCs, 2);
});

test('what was written is not written again: the status is its own fixed point, whatever the time', () => {
  const spec = fc.record({
    selector: fc.constantFrom({}, databases, { matchLabels: { workload: 'web' } }),
    priority: fc.constantFrom(0, 1),
    template: fc.constantFrom({}, { threshold: 70 }, { threshold: '80%' }, { maxSize: 'big' }),
  });
  const foreign = { type: 'Foreign', status: 'True', reason: 'Set', message: 'by somebody else' };
  fc.assert(
    fc.property(spec, spec, fc.boolean(), (mine, other, old) => {
      const before = policyOf('a', mine, old ? { matchedPVCs: 7, conditions: [foreign] } : undefined);
      const among = census([before, policyOf('b', other)], [database, claim('plain')]);
      const status = policyStatus(before, among, NOW);
      assert.ok(status);
      const types = status.conditions?.map(({ type }) => type) ?? [];
      assert.deepEqual(types, old ? ['Foreign', 'Ready', 'Conflicting'] : ['Ready', 'Conflicting']);
      const after = policyOf('a', mine, status);
      assert.equal(
        policyStatus(after, census([after, policyOf('b', other)], [database, claim('plain')]), NOW + 999_000),
        undefined,
      );
    }),
  );
});
