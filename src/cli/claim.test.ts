import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim } from './claim.ts';

test('a claim is written pvc/NAME, NS/NAME or NAME', () => {
  assert.deepEqual(claim('pvc/data', 'web'), { namespace: 'web', name: 'data' });
  assert.deepEqual(claim('persistentvolumeclaim/data', 'web'), { namespace: 'web', name: 'data' });
  assert.deepEqual(claim('db/data', 'web'), { namespace: 'db', name: 'data' });
  assert.deepEqual(claim('data', 'web'), { namespace: 'web', name: 'data' });
});

test('anything else is refused with what is accepted', () => {
  for (const text of ['', 'a/b/c', 'pvc/', '/x', 'UPPER', '../etc', 'a b', '-x']) {
    assert.throws(() => claim(text, 'web'), /is not a claim: write pvc\/NAME -n NAMESPACE, or NAMESPACE\/NAME/, text);
  }
});
