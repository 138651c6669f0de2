import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pvcGroups } from '../api/pvc-group.ts';
import { belongingOf, GRANT, isGranted, leads } from './belonging.ts';
import { claimObject } from './group.fixture.ts';
import { groupStatus } from './group-status.ts';

const group = (key: string, spec: object) => {
  const [namespace = '', name = ''] = key.split('/');
  return pvcGroups.project({
    apiVersion: 'pvc-chonker.io/v1alpha1',
    kind: 'PVCGroup',
    metadata: { namespace, name, uid: key, resourceVersion: '1' },
    spec,
  });
};
const claim = claimObject('elastic/data-0', { labels: { app: 'es' } });
const names = (groups: readonly { readonly metadata: { readonly name: string } }[]) =>
  groups.map(({ metadata }) => metadata.name);

test('a claim belongs to the group that it names, that lists it, or that selects it, in this order', () => {
  const selecting = group('elastic/a', { selector: { matchLabels: { app: 'es' } } });
  const listing = group('elastic/b', { members: [{ name: 'data-0' }] });
  const naming = group('elastic/z', { groupName: 'es-data' });
  const all = [selecting, listing, naming];
  const found = belongingOf({ claim, named: 'es-data', grant: undefined }, all);
  assert.equal(found.group, naming);
  assert.deepEqual(names(found.others), ['b', 'a']);
  assert.equal(found.problem, '');
  assert.equal(belongingOf({ claim, named: undefined, grant: undefined }, all).group, listing);
  assert.equal(belongingOf({ claim, named: undefined, grant: undefined }, [selecting]).group, selecting);
});

test('without groupName the name of the object counts, and with it no longer', () => {
  assert.equal(
    belongingOf({ claim, named: 'es', grant: undefined }, [group('elastic/es', {})]).group?.metadata.name,
    'es',
  );
  const renamed = group('elastic/es', { groupName: 'other' });
  assert.match(belongingOf({ claim, named: 'es', grant: undefined }, [renamed]).problem, /there is none/);
});

test('a group of another namespace needs the grant of the claim’s namespace, whatever it says itself', () => {
  const far = group('default/es', { members: [{ namespace: 'elastic', name: 'data-0' }] });
  const refused = belongingOf({ claim, named: undefined, grant: undefined }, [far]);
  assert.equal(refused.group, undefined);
  assert.deepEqual(names(refused.refused), ['es']);
  assert.equal(refused.problem, '');
  assert.equal(belongingOf({ claim, named: undefined, grant: 'default' }, [far]).group, far);
  assert.equal(belongingOf({ claim, named: undefined, grant: '*' }, [far]).group, far);
  const named = belongingOf({ claim, named: 'es', grant: 'other' }, [far]);
  assert.match(named.problem, /kubectl annotate namespace elastic larder\.dev\/allow-group-from=default/);
});

test('a selector never reaches into another namespace, also with a grant', () => {
  const far = group('default/es', { selector: {} });
  assert.deepEqual(belongingOf({ claim, named: undefined, grant: '*' }, [far]), {
    group: undefined,
    others: [],
    refused: [],
    problem: '',
  });
});

test('what cannot be read selects nobody', () => {
  const broken = group('elastic/es', { selector: { matchLabels: 7 }, members: 'all' });
  assert.equal(belongingOf({ claim, named: undefined, grant: undefined }, [broken]).group, undefined);
  assert.equal(belongingOf({ claim, named: 'es', grant: undefined }, [broken]).group, broken);
});

test('of two that list a claim the one of its own namespace has it, then the lesser name', () => {
  const spec = { members: [{ namespace: 'elastic', name: 'data-0' }] };
  const groups = [group('default/a', spec), group('elastic/c', spec), group('elastic/b', spec)];
  for (const order of [groups, groups.toReversed()]) {
    assert.equal(belongingOf({ claim, named: undefined, grant: '*' }, order).group?.metadata.name, 'b');
  }
});

test('a grant names namespaces, separated by commas, or all of them', () => {
  assert.ok(isGranted('a, b', 'b'));
  assert.ok(isGranted('*', 'anything'));
  assert.ok(!isGranted('ab', 'a'));
  assert.ok(!isGranted(undefined, 'a'));
  assert.equal(GRANT, 'larder.dev/allow-group-from');
});

test('a group that only bears the name of the one a claim is in learns nothing of the claim', () => {
  const own = group('elastic/es', {});
  const squatter = group('default/any', { groupName: 'es' });
  const found = belongingOf({ claim, named: 'es', grant: undefined }, [squatter, own]);
  assert.equal(found.group, own);
  assert.deepEqual(names(found.refused), []);
  const alone = belongingOf({ claim, named: 'es', grant: undefined }, [squatter]);
  const status = groupStatus(squatter, { members: [], missing: [], refused: [claim], peers: [], shared: undefined }, 0);
  assert.deepEqual(names(alone.refused), ['any']);
  assert.doesNotMatch(JSON.stringify(status), /elastic|data-0/, 'its owner is not told who else uses the name');
});

test('a claim of another namespace is sized after the group that it names, and the group not after it', () => {
  assert.equal(leads(claim, group('elastic/es', {})), true);
  assert.equal(leads(claim, group('default/es', { selector: {} })), false);
  assert.equal(leads(claim, group('default/es', { members: [{ namespace: 'elastic', name: 'data-0' }] })), true);
});
