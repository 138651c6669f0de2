/** Reading objects of our kinds: whatever an API server stored, none is lost on arrival. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pvcGroups } from './pvc-group.ts';
import { pvcPolicies } from './pvc-policy.ts';

const metadata = { name: 'a', namespace: 'shop' };

test('no spec and no status makes an object vanish, which would take its limits along', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (spec, status) => {
      assert.equal(pvcPolicies.project({ metadata, spec, status }).metadata.name, 'a');
      assert.equal(pvcGroups.project({ metadata, spec, status }).metadata.name, 'a');
    }),
    { numRuns: 1_000 },
  );
  const members = fc.record({
    selector: fc.anything(),
    priority: fc.anything(),
    template: fc.anything(),
    members: fc.anything(),
    groupName: fc.anything(),
    coordinationPolicy: fc.anything(),
    conditions: fc.anything(),
  });
  fc.assert(
    fc.property(members, (all) => {
      pvcPolicies.project({ metadata, spec: all, status: all });
      pvcGroups.project({ metadata, spec: all, status: all });
    }),
    { numRuns: 1_000 },
  );
});

test('a policy without a selector, or with one that cannot be read, selects nothing quietly', () => {
  for (const selector of [
    undefined,
    null,
    'all',
    { matchLabels: { a: 1 } },
    { matchExpressions: [{ key: 'a', operator: 'Like' }] },
  ]) {
    assert.equal(
      pvcPolicies.project({ metadata, spec: { selector } }).spec.selector.ok,
      false,
      JSON.stringify(selector),
    );
  }
  assert.deepEqual(pvcPolicies.project({ metadata, spec: { selector: {} } }).spec.selector, { ok: true, value: {} });
});

test('a group has the name of its object and its own namespace where it says no other', () => {
  const { spec } = pvcGroups.project({
    metadata,
    spec: { members: [{ name: 'one' }, { name: 'two', namespace: 'other' }] },
  });
  assert.equal(spec.groupName, undefined);
  assert.deepEqual(spec.members, {
    ok: true,
    value: [
      { namespace: 'shop', name: 'one' },
      { namespace: 'other', name: 'two' },
    ],
  });
  assert.deepEqual(spec.coordinationPolicy, { ok: true, value: 'largest' });
  assert.equal(spec.template.fields.enabled?.ok, true);
  assert.equal(spec.misplacedStatus, false);
  assert.equal(pvcGroups.project({ metadata, spec: { status: {} } }).spec.misplacedStatus, true);
});

test('a status that is not ours reads as none, and ours as it was written', () => {
  const status = { matchedPVCs: 2, lastUpdated: '2026-01-31T12:00:00Z', observedGeneration: 3, conditions: [] };
  assert.deepEqual(pvcPolicies.project({ metadata, spec: {}, status }).status, status);
  assert.equal(pvcPolicies.project({ metadata, spec: {}, status: { matchedPVCs: 'many' } }).status, undefined);
});
