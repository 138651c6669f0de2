import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featureNames, features, featuresOff, permission } from './features.ts';
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
