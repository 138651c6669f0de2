import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featureNames, features, featuresOf, featuresOff, lackingOf, permission } from './features.ts';
import { clusterAccess } from './rbac.ts';

test('with everything granted nothing is off; each missing permission turns off what needs it', () => {
  assert.deepEqual(featuresOff(new Set()), []);
  const off = featuresOff(new Set(['patch persistentvolumes']));
  assert.deepEqual(
    off.map(({ feature, missing }) => [feature, missing]),
    [
      ['finalizers', ['patch persistentvolumes']],
      ['resizing', ['patch persistentvolumes']],
    ],
  );
});

test('the documented roles grant what every feature needs', () => {
  const granted = new Set(
    clusterAccess('off').flatMap((access) => access.verbs.map((verb) => permission(access, verb))),
  );
  for (const name of featureNames) {
    for (const need of features[name].needs) {
      for (const verb of need.verbs)
        assert.ok(granted.has(permission(need, verb)), `${name}: ${verb} ${need.resource}`);
    }
  }
});

test('without a provisioner the smaller roles grant what growth needs, change no volume, and nobody misses the rest', () => {
  const granted = new Set(
    clusterAccess('off', false).flatMap((access) => access.verbs.map((verb) => permission(access, verb))),
  );
  const all = clusterAccess('off').flatMap((access) => access.verbs.map((verb) => permission(access, verb)));
  const spared = new Set(all).difference(granted);
  assert.deepEqual(
    [...spared].sort(),
    ['create', 'delete', 'patch'].map((verb) => `${verb} persistentvolumes`),
  );
  const asked = featuresOf(false).flatMap((name) => features[name].needs);
  assert.ok(asked.length > 15);
  for (const need of asked) {
    for (const verb of need.verbs) assert.ok(granted.has(permission(need, verb)), permission(need, verb));
  }
  assert.deepEqual(featuresOff(spared, false), []);
  assert.notDeepEqual(featuresOff(spared), []);
  const lacks = lackingOf({}, false);
  assert.deepEqual([lacks('resizing'), lacks('growth'), lackingOf({}, true)('resizing')], [true, false, false]);
});

test('growth is off where the claims, their volumes or their classes cannot be watched', () => {
  for (const refused of ['watch persistentvolumeclaims', 'list persistentvolumes', 'watch storageclasses']) {
    assert.deepEqual(
      featuresOff(new Set([refused]), false).map(({ feature }) => feature),
      ['growth'],
    );
  }
});
