import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Access, verbs } from '../kube/access.ts';
import { clusterAccess, leaseAccess, type PolicyRule, rbacManifests, rulesOf } from './rbac.ts';

const anyAccess: fc.Arbitrary<Access> = fc
  .record({
    group: fc.constantFrom('', 'apps', 'storage.k8s.io'),
    resource: fc.constantFrom('pods', 'pods/status', 'nodes', 'leases'),
    verbs: fc.uniqueArray(fc.constantFrom(...verbs), { minLength: 1 }),
    names: fc.constantFrom(undefined, ['a']),
    why: fc.constant('for a test'),
  })
  .map(({ names, ...rest }) => (names ? { ...rest, names } : rest));

const grants = (rules: readonly PolicyRule[]): ReadonlySet<string> =>
  new Set(
    rules.flatMap((rule) =>
      rule.resources.flatMap((resource) =>
        rule.verbs.map((verb) => [rule.apiGroups.join(), resource, rule.resourceNames?.join() ?? '*', verb].join(' ')),
      ),
    ),
  );

test('property: rules grant what was asked for and nothing more, whatever its order, each need once', () => {
  fc.assert(
    fc.property(fc.array(anyAccess), (accesses) => {
      const rules = rulesOf(accesses);
      const asked = accesses.flatMap(({ group, resource, names, verbs: asks }) =>
        asks.map((verb) => [group, resource, names?.join() ?? '*', verb].join(' ')),
      );
      assert.deepEqual(grants(rules), new Set(asked));
      assert.deepEqual(rulesOf(accesses.toReversed()), rules);
      const resources = rules.flatMap((rule) =>
        rule.resources.map((each) => [rule.apiGroups, each, rule.resourceNames].join()),
      );
      assert.equal(new Set(resources).size, resources.length);
    }),
  );
});

test('no role has a wildcard, a secret, or the proxy of nodes that nobody asked for', () => {
  for (const kubelet of ['off', 'direct'] as const) {
    const granted = grants(rulesOf([...clusterAccess(kubelet), ...leaseAccess]));
    assert.ok(granted.size > 20, `${granted.size}`);
    for (const each of granted) assert.doesNotMatch(each, /\*(?! \w+$)|secrets|nodes\/proxy|rbac|deletecollection/);
  }
  assert.ok(grants(rulesOf(clusterAccess('proxy'))).has(' nodes/proxy * get'));
});

test('the lease is bound to its name, but for its making', () => {
  assert.deepEqual([...grants(rulesOf(leaseAccess))].sort(), [
    'coordination.k8s.io leases * create',
    'coordination.k8s.io leases larder-operator get',
    'coordination.k8s.io leases larder-operator update',
  ]);
});

test('every binding binds a role that is there to the account of the operator', () => {
  const manifests = rbacManifests({ namespace: 'storage', kubelet: 'off' });
  const kinds = manifests.map(({ kind, metadata }) => [metadata.namespace, kind, metadata.name].join('/'));
  assert.deepEqual(kinds, [
    '/Namespace/storage',
    'storage/ServiceAccount/larder',
    '/ClusterRole/larder',
    '/ClusterRoleBinding/larder',
    'storage/Role/larder',
    'storage/RoleBinding/larder',
  ]);
  for (const { kind, metadata, ...rest } of manifests.filter((each) => each.kind.endsWith('Binding'))) {
    assert.deepEqual(rest['subjects'], [{ kind: 'ServiceAccount', name: 'larder', namespace: 'storage' }], kind);
    assert.deepEqual(rest['roleRef'], {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: metadata.namespace ? 'Role' : 'ClusterRole',
      name: 'larder',
    });
  }
});
